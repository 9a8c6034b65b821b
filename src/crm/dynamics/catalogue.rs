//! What Dataverse's refusals mean: by their code, and where there is none by the status
//! (specification 2.9). Their text is localised and never looked at.

use super::failure::Class;
use super::limiter::Facet;

/// What a refusal comes to: its class, and what the administrator is told.
pub(super) type Verdict = (Class, &'static str);

/// What a call does to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Read,
    /// It makes one that must not exist.
    Make,
    /// It changes one that must be as it was read.
    Change,
}

/// Too many, or for too long, in the window.
const REQUESTS: u32 = 0x8007_2322;
const EXECUTION: u32 = 0x8007_2321;
const CONCURRENCY: u32 = 0x8007_2326;
const OLD_LIMIT: u32 = 0x8005_F103;

/// `If-None-Match: *` on a row that exists.
pub(super) const DUPLICATE_ID: u32 = 0x8004_0237;
/// There is no such row, by its id or by another key.
pub(super) const NO_ROW: [u32; 2] = [0x8004_0217, 0x8006_0891];

type Row = (u32, Class, &'static str);

const CODES: &[Row] = &[
    (
        REQUESTS,
        Class::Wait,
        "Dynamics 365 has taken as many requests as it allows in five minutes. Leadline goes on by itself; if this happens often, something else uses the same application user.",
    ),
    (
        EXECUTION,
        Class::Wait,
        "Requests have kept Dynamics 365 busy for as long as it allows in five minutes. Leadline goes on by itself; if this happens often, look for slow plug-ins on leads.",
    ),
    (
        CONCURRENCY,
        Class::Wait,
        "Dynamics 365 has too many requests to answer at once. Leadline sends fewer at once and goes on by itself.",
    ),
    (
        OLD_LIMIT,
        Class::Wait,
        "Dynamics 365 asks to slow down. Leadline goes on by itself.",
    ),
    (
        0x8006_0888,
        Class::Bug,
        "Dynamics 365 does not understand how Leadline writes this request. Update Leadline; if that does not help, report it with what the log says.",
    ),
    (
        0x8004_8D19,
        Class::Mapping,
        "Dynamics 365 does not know a field that is written, or the field takes another kind of value. Read the fields of leads again on the CRM page, then check the field mapping.",
    ),
    (
        0x8004_4331,
        Class::Data,
        "A text is longer than its field in Dynamics 365 holds. Shorten it in the field mapping, or make the field longer there.",
    ),
    (
        0x8004_431A,
        Class::Mapping,
        "A choice does not exist any more in Dynamics 365. Read the fields of leads again on the CRM page, then check the choices in the field mapping.",
    ),
    (
        0x8004_432F,
        Class::Data,
        "A whole number is outside what its field in Dynamics 365 takes. Correct the value, or widen the field there.",
    ),
    (
        0x8004_4330,
        Class::Data,
        "A number is outside what its field in Dynamics 365 takes. Correct the value, or widen the field there.",
    ),
    (
        0x8004_8408,
        Class::Mapping,
        "A status and a status reason do not belong together. Check the field mapping.",
    ),
    (
        0x8004_0265,
        Class::CustomerLogic,
        "A plug-in or workflow of your organization refused the lead. Its author finds the reason in the plug-in trace log of Dynamics 365, under the request named here.",
    ),
    (
        0x8004_0203,
        Class::Mapping,
        "Dynamics 365 refuses a value as it is written. Read the fields of leads again on the CRM page, then check the field mapping.",
    ),
    (
        0x8007_2560,
        Class::Setup,
        "The application is no user of this environment. In the Power Platform admin center, open the environment, Settings, Application users, and add the app registration there.",
    ),
    (
        0x8004_2F09,
        Class::Setup,
        "The application user has no security role. Give it one in the Power Platform admin center: leads need Read, Create and Write.",
    ),
    (
        0x8004_0220,
        Class::Setup,
        "The security role of the application user lacks a right. Give its role Read, Create, Write, Append and Append To on leads, and Assign if Leadline sets owners.",
    ),
    (
        0x8004_8306,
        Class::Setup,
        "The application user may not reach this record. Widen its security role to leads of the whole organization.",
    ),
    (
        0x8004_0299,
        Class::Setup,
        "Dynamics 365 found that the application user lacks a right. Check its security role: leads need Read, Create and Write in the whole organization.",
    ),
    (
        0x8004_F502,
        Class::Setup,
        "The application user may not read a secured field. Add it to the field security profile, or leave the field out of the field mapping.",
    ),
    (
        0x8004_F507,
        Class::Setup,
        "The application user may not change a secured field. Add it to the field security profile, or leave the field out of the field mapping.",
    ),
    (
        0x8006_088A,
        Class::Setup,
        "The environment has no leads: Dynamics 365 Sales is not installed in it, or this is another environment. Check the environment address.",
    ),
    (
        0x8004_1102,
        Class::Setup,
        "The environment does not know this table: Dynamics 365 Sales is not installed in it, or this is another environment. Check the environment address.",
    ),
    (
        0x8004_1103,
        Class::Mapping,
        "The environment does not know a field any more. Read the fields of leads again on the CRM page, then check the field mapping.",
    ),
    (
        0x8006_088D,
        Class::Setup,
        "Optimistic concurrency is switched off for leads, so that Leadline could overwrite what people write. Switch it on for the table in Dynamics 365.",
    ),
    (
        NO_ROW[0],
        Class::Gone,
        "The record does not exist in Dynamics 365 any more: somebody deleted or merged it.",
    ),
    (
        NO_ROW[1],
        Class::Gone,
        "No record in Dynamics 365 has this key: somebody deleted it, or changed its key.",
    ),
    (
        0x8006_0892,
        Class::Existed,
        "Another lead has the same value in an alternate key of Dynamics 365, which allows it only once. Compare the two leads; match by this field, or take the key away.",
    ),
    (
        0x8006_089D,
        Class::Data,
        "Several records in Dynamics 365 have the same value in an alternate key. Merge them there.",
    ),
    (
        DUPLICATE_ID,
        Class::Existed,
        "Dynamics 365 has a record with this id already. Leadline reads it and goes on by itself.",
    ),
    (
        0x8004_0333,
        Class::Policy,
        "A duplicate detection rule of your organization says that this lead exists already. Merge the leads in Dynamics 365, or change the rule.",
    ),
    (
        0x8006_0882,
        Class::Stale,
        "Somebody changed the record in Dynamics 365 at the same time. Leadline reads it again and goes on by itself.",
    ),
    (
        0x8004_4150,
        Class::Retry,
        "The database of Dynamics 365 was busy with the same record. Leadline tries again by itself.",
    ),
    (
        0x8004_4151,
        Class::Retry,
        "The database of Dynamics 365 took too long. Leadline tries again by itself.",
    ),
    (
        0x8007_3002,
        Class::Ambiguous,
        "Dynamics 365 says that a value exists already which may exist only once, but not which. Leadline reads the record and goes on; if this stays, look for unique fields on leads.",
    ),
];

/// What a code means, if it means something.
pub(super) fn by_code(code: u32) -> Option<Verdict> {
    let row = CODES.iter().find(|row| row.0 == code)?;
    Some((row.1, row.2))
}

/// The limit that a code names.
pub(super) fn facet(code: u32) -> Option<Facet> {
    match code {
        REQUESTS | EXECUTION | OLD_LIMIT => Some(Facet::Window),
        CONCURRENCY => Some(Facet::Concurrency),
        _ => None,
    }
}

/// What a status means where the code says nothing; `worded` when the answer is one of Dataverse's
/// own errors and not a page of something in between.
pub(super) fn by_status(status: u16, effect: Effect, worded: bool) -> Verdict {
    match (status, effect) {
        (401, _) => (
            Class::SignIn,
            "The organization does not take Leadline's sign-in. Check that the tenant is the one that the environment belongs to.",
        ),
        (429, _) => (
            Class::Wait,
            "Dynamics 365 asks to wait. Leadline goes on by itself.",
        ),
        (400, _) => (
            Class::Mapping,
            "Dynamics 365 does not know a field that Leadline asks for or writes. Read the fields of leads again on the CRM page, then check the field mapping.",
        ),
        (403, _) if worded => (
            Class::Setup,
            "Dynamics 365 does not let the application user do this. Check its security role: leads need Read, Create and Write.",
        ),
        (403, _) => (
            Class::Setup,
            "Something in front of Dynamics 365 refuses Leadline. Check the environment's IP firewall, and any proxy in between.",
        ),
        (404, _) if worded => (
            Class::Gone,
            "Dynamics 365 does not have this record any more.",
        ),
        (404, _) => (
            Class::Setup,
            "There is no Dynamics 365 organization at this address. Check the environment address.",
        ),
        (300..=399, _) => (
            Class::Setup,
            "The environment's address answers with another address, which Leadline does not follow. Check the environment address, and any proxy in between.",
        ),
        (405, _) => (
            Class::Bug,
            "Dynamics 365 does not take this kind of request. Update Leadline; if that does not help, report it with what the log says.",
        ),
        (413, _) => (
            Class::Bug,
            "A request is larger than Dynamics 365 takes. Report it with what the log says.",
        ),
        (412, Effect::Make) => (
            Class::Existed,
            "The lead exists in Dynamics 365 already. Leadline reads it and goes on by itself.",
        ),
        (412, Effect::Change) => (
            Class::Stale,
            "The record in Dynamics 365 is not the one that was read. Leadline reads it again and goes on by itself.",
        ),
        (408 | 500..=599, Effect::Read) => (
            Class::Retry,
            "Dynamics 365 has a problem of its own. Leadline tries again by itself.",
        ),
        (408 | 500..=599, _) => (
            Class::Ambiguous,
            "Dynamics 365 has a problem of its own and does not say whether it wrote the lead. Leadline reads it and goes on by itself.",
        ),
        _ => (
            Class::Bug,
            "Dynamics 365 refuses the request for a reason that Leadline does not know. Report it with what the log says.",
        ),
    }
}

/// A code as a number: hexadecimal in any case, or a signed decimal as some answers have it. The
/// codes that say nothing are none.
pub(super) fn number(code: &str) -> Option<u32> {
    let code = code.trim();
    let hex = code.strip_prefix("0x").or_else(|| code.strip_prefix("0X"));
    let number = match hex {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => code.parse::<i32>().ok()?.cast_unsigned(),
    };
    (number != 0).then_some(number)
}

#[cfg(test)]
mod tests;
