//! One lead response of LinkedIn's, read as far as it can be.
//!
//! Whatever comes, something is read: what is understood becomes part of the [`Reading`], what is
//! not is kept verbatim, and `malformed` says in plain words what is wrong, without any value.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::answers::{Problems, answers};
use super::form::FormVersion;
use super::json::{at, id, number, text_at, truth};
use super::urn::FormRef;
use crate::submission::{Answers, LeadType};

/// A lead response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// LinkedIn's id; made from the text when there is none that can be used.
    pub linkedin_id: String,
    /// The URN of the ad account or organization that it belongs to.
    pub owner: Option<String>,
    /// What kind of lead it is, if this version knows the kind.
    pub lead_type: Option<LeadType>,
    /// LinkedIn's word for the kind; empty if it says nothing.
    pub lead_type_word: String,
    /// Whether it is a test lead.
    pub test: bool,
    /// When it was sent, in milliseconds.
    pub submitted_at: Option<i64>,
    /// The form version that it answers.
    pub form: Option<FormRef>,
    /// That form version, if LinkedIn sent it along.
    pub form_version: Option<FormVersion>,
    /// The campaign that it came from.
    pub campaign: Option<CampaignRef>,
    /// The URN of the creative that it came from.
    pub creative_urn: Option<String>,
    /// The URN of the event that it registers for.
    pub event_urn: Option<String>,
    /// What was answered, joined with the form.
    pub answers: Answers,
    /// What is wrong with it; `None` if all is well.
    pub malformed: Option<String>,
    /// Exactly what LinkedIn sent.
    pub raw: String,
}

/// The campaign as a lead names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRef {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// Its type, such as `SPONSORED_UPDATES`.
    pub kind: Option<String>,
}

/// The last millisecond of the year 9999, beyond which nothing is a time.
const LATEST: i64 = 253_402_300_799_999;

impl Reading {
    /// Reads a lead response; never fails.
    #[must_use]
    pub fn of(raw: &str) -> Reading {
        let mut problems = Problems::default();
        let lead = parse(raw, &mut problems);
        let form = form_ref(&lead, &mut problems);
        let form_version = form_version(&lead, form, &mut problems);
        let answers = answers(&lead, form_version.as_ref(), &mut problems);
        let lead_type_word = text_at(&lead, &["leadType"]).unwrap_or_default();
        let lead_type = LeadType::parse(&lead_type_word);
        problems.unless(lead_type.is_some(), "its lead type is missing or not known");
        Reading {
            linkedin_id: linkedin_id(&lead, raw, &mut problems),
            owner: owner(&lead),
            lead_type,
            lead_type_word,
            test: test(&lead, &mut problems),
            submitted_at: submitted_at(&lead, &mut problems),
            form,
            form_version,
            campaign: campaign(&lead),
            creative_urn: creative(&lead),
            event_urn: entity(&lead, "event"),
            answers,
            malformed: problems.told(),
            raw: raw.to_owned(),
        }
    }
}

/// The response as JSON. If it cannot be read as a whole, because of one broken escape or a number
/// that is too large, those of its fields that can be read are still used.
fn parse(raw: &str, problems: &mut Problems) -> Value {
    let whole = serde_json::from_str(raw);
    let lead = whole.unwrap_or_else(|_| {
        problems.note("it is not JSON that can be read throughout");
        Value::Object(readable_fields(raw))
    });
    problems.unless(lead.is_object(), "it is not an object");
    lead
}

fn readable_fields(raw: &str) -> Map<String, Value> {
    let fields: std::collections::BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(raw).unwrap_or_default();
    let readable =
        |(name, raw): (String, Box<RawValue>)| Some((name, serde_json::from_str(raw.get()).ok()?));
    fields.into_iter().filter_map(readable).collect()
}

fn linkedin_id(lead: &Value, raw: &str, problems: &mut Problems) -> String {
    let given = match at(lead, &["id"]) {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(id)) => {
            let id = id.trim();
            Some(
                id.strip_prefix("urn:li:leadGenFormResponse:")
                    .unwrap_or(id)
                    .to_owned(),
            )
        }
        _ => None,
    };
    let usable =
        |id: &String| !id.is_empty() && id.len() <= 200 && !id.chars().any(char::is_control);
    given.filter(usable).unwrap_or_else(|| {
        problems.note("it has no usable id");
        let digest = Sha256::digest(raw.as_bytes());
        let hex: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("without-id-{hex}")
    })
}

fn owner(lead: &Value) -> Option<String> {
    text_at(lead, &["owner", "sponsoredAccount"])
        .or_else(|| text_at(lead, &["owner", "organization"]))
        .or_else(|| text_at(lead, &["owner"]))
}

fn test(lead: &Value, problems: &mut Problems) -> bool {
    let Some(value) = at(lead, &["testLead"]) else {
        return false;
    };
    truth(value).unwrap_or_else(|| {
        problems.note("it does not say whether it is a test lead");
        false
    })
}

fn submitted_at(lead: &Value, problems: &mut Problems) -> Option<i64> {
    let time = at(lead, &["submittedAt"])
        .and_then(number)
        .filter(|time| (0..=LATEST).contains(time));
    problems.unless(
        time.is_some(),
        "the time when it was sent is missing or not a time",
    );
    time
}

fn form_ref(lead: &Value, problems: &mut Problems) -> Option<FormRef> {
    let form = text_at(lead, &["versionedLeadGenFormUrn"]).and_then(|urn| FormRef::parse(&urn));
    problems.unless(form.is_some(), "it does not say which form it answers");
    form
}

/// The form that came along, if it is the one that was answered.
fn form_version(
    lead: &Value,
    form: Option<FormRef>,
    problems: &mut Problems,
) -> Option<FormVersion> {
    let form = form?;
    let sent = at(lead, &["form"]).filter(|sent| sent.is_object());
    let Some(sent) = sent else {
        problems.note("its form did not come along, so its answers cannot be told apart");
        return None;
    };
    let other = at(sent, &["id"])
        .and_then(|sent| id(sent, "leadGenForm"))
        .is_some_and(|id| id != form.id);
    problems.unless(
        !other,
        "another form came along than the one that it answers",
    );
    (!other).then(|| FormVersion::of(form, sent))
}

fn campaign(lead: &Value) -> Option<CampaignRef> {
    let info = at(
        lead,
        &["leadMetadataInfo", "sponsoredLeadMetadataInfo", "campaign"],
    );
    let bare = || at(lead, &["leadMetadata", "sponsoredLeadMetadata", "campaign"]);
    let numbered = |value: &Value| id(value, "sponsoredCampaign");
    Some(CampaignRef {
        id: info
            .and_then(|info| numbered(at(info, &["id"])?))
            .or_else(|| numbered(bare()?))?,
        name: info.and_then(|info| text_at(info, &["name"])),
        kind: info.and_then(|info| text_at(info, &["type"])),
    })
}

fn creative(lead: &Value) -> Option<String> {
    let names = [
        "associatedCreative",
        "associatedCreativeInfo",
        "sponsoredCreative",
    ];
    names.into_iter().find_map(|name| entity(lead, name))
}

/// The URN of what the lead came from, decorated or bare.
fn entity(lead: &Value, name: &str) -> Option<String> {
    text_at(lead, &["associatedEntityInfo", name, "id"])
        .or_else(|| text_at(lead, &["associatedEntityInfo", name]))
        .or_else(|| text_at(lead, &["associatedEntity", name]))
        .filter(|urn| urn.starts_with("urn:li:"))
}

#[cfg(test)]
mod tests;
