//! What is there at the start: users with roles, and leads that a matcher can get wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::organization::Organization;
use crate::calendar::{DAY, timestamp};
use crate::dynamics::known;

/// What Leadline needs, and what it may be configured to do.
const ROLE: &[&str] = &[
    "prvReadLead",
    "prvCreateLead",
    "prvWriteLead",
    "prvAppendLead",
    "prvAppendToLead",
    "prvAssignLead",
    "prvReadContact",
    "prvCreateContact",
    "prvWriteContact",
    "prvAppendContact",
    "prvAppendToContact",
    "prvReadAccount",
    "prvAppendToAccount",
    "prvReadCampaign",
    "prvAppendToCampaign",
    "prvReadUser",
    "prvReadTeam",
    "prvReadOrganization",
    "prvReadCurrency",
    "prvAppendToCurrency",
    "prvOverrideCreatedOnCreatedBy",
];

/// The rights beyond [`ROLE`] of whoever changes the schema and cleans up.
const CUSTOMIZER: &[&str] = &["prvDeleteLead", "prvCreateAttribute", "prvWriteEntity"];

/// The beginning of 2026: what is there from the start is older, whatever the day.
const PLANTED: i64 = 1_767_225_600_000;

pub(super) fn plant(organization: &mut Organization) {
    let mut planter = Planter { organization };
    planter.people();
    planter.surroundings();
    planter.leads();
    organization.wrote.clear();
}

struct Planter<'a> {
    organization: &'a mut Organization,
}

fn id(text: &str) -> Uuid {
    text.parse().unwrap_or_default()
}

impl Planter<'_> {
    fn put(&mut self, table: &'static str, key: &str, text: &str, values: Value) {
        let values = values.as_object().cloned().unwrap_or_default();
        let mut values: BTreeMap<String, Value> = values.into_iter().collect();
        values.insert(key.to_owned(), json!(text));
        self.organization.write(table, id(text), values);
    }

    fn user(&mut self, user: &str, (first, last): (&str, &str), more: Value, role: &[&[&str]]) {
        let mut values = json!({
            "firstname": first, "lastname": last, "fullname": format!("{first} {last}"),
            "isdisabled": false, "islicensed": false,
            "businessunitid": { "table": "businessunit", "id": known::BUSINESS_UNIT },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            values[name] = value.clone();
        }
        self.put("systemuser", "systemuserid", user, values);
        let role = role.iter().copied().flatten();
        let privileges = role.map(|privilege| (*privilege).to_owned()).collect();
        self.organization.privileges.insert(id(user), privileges);
    }

    fn people(&mut self) {
        let of = |client: &str| json!({ "applicationid": client });
        let person = |email: &str, disabled: bool| json!({ "internalemailaddress": email, "domainname": email, "isdisabled": disabled, "islicensed": true });
        self.user(known::USER, ("#", "Leadline"), of(known::CLIENT), &[ROLE]);
        let [roleless, reader, customizer] =
            [2, 3, 4].map(|n| format!("5e8ed4e0-0000-4f02-9002-00000000000{n}"));
        self.user(&roleless, ("#", "Roleless"), of(known::ROLELESS), &[]);
        self.user(
            &reader,
            ("#", "Reader"),
            of(known::READER),
            &[&["prvReadLead"]],
        );
        self.user(
            &customizer,
            ("#", "Customizer"),
            of(known::CUSTOMIZER),
            &[ROLE, CUSTOMIZER],
        );
        self.user(
            known::MIA,
            ("Mia", "Keller"),
            person("mia.keller@contoso.example", false),
            &[],
        );
        self.user(
            known::LOU,
            ("Lou", "Adams"),
            person("lou.adams@contoso.example", true),
            &[],
        );
    }

    fn surroundings(&mut self) {
        let name = |name: &str| json!({ "name": name });
        self.put(
            "businessunit",
            "businessunitid",
            known::BUSINESS_UNIT,
            name("Contoso"),
        );
        self.put("team", "teamid", known::TEAM, name("Inside Sales"));
        self.put(
            "campaign",
            "campaignid",
            known::CAMPAIGN,
            name("Autumn 2026"),
        );
        self.put(
            "organization",
            "organizationid",
            known::ORGANIZATION,
            json!({ "name": known::ORGANIZATION_NAME, "languagecode": 1033 }),
        );
        let grace = json!({
            "firstname": "Grace", "lastname": "Kim", "fullname": "Grace Kim",
            "emailaddress1": "grace.kim@hanriver.example", "statecode": 0, "statuscode": 1,
        });
        self.owned("contact", "contactid", known::GRACE, grace, 40);
    }

    fn owned(&mut self, table: &'static str, key: &str, text: &str, mut values: Value, age: i64) {
        let mia = json!({ "table": "systemuser", "id": known::MIA });
        let time = json!(timestamp(PLANTED - age * DAY));
        for name in ["ownerid", "createdby", "modifiedby"] {
            values[name] = mia.clone();
        }
        values["owningbusinessunit"] =
            json!({ "table": "businessunit", "id": known::BUSINESS_UNIT });
        values["createdon"] = time.clone();
        values["modifiedon"] = time;
        self.put(table, key, text, values);
    }

    fn leads(&mut self) {
        let leads = [
            (
                known::OTHER_CASE,
                "Kevin",
                "O'Brien",
                "Kevin.OBrien@BrightWorks.example",
                (0, 2),
                200,
            ),
            (
                known::QUALIFIED,
                "María",
                "García",
                "maria.garcia@lumbre.example",
                (1, 3),
                120,
            ),
            (
                known::DISQUALIFIED,
                "Jürgen",
                "Weiß",
                "j.weiss@stahlbau-mueller.example",
                (2, 5),
                90,
            ),
            (
                known::DOUBLE,
                "Anaïs",
                "Lefèvre",
                "anais.lefevre@atelier-nord.example",
                (0, 1),
                60,
            ),
            (
                known::SECOND_DOUBLE,
                "Anais",
                "Lefevre",
                "anais.lefevre@atelier-nord.example",
                (0, 1),
                30,
            ),
        ];
        for (lead, first, last, email, (state, status), age) in leads {
            let values = json!({
                "subject": "Trade fair", "firstname": first, "lastname": last,
                "fullname": format!("{first} {last}"), "emailaddress1": email, "jobtitle": "Buyer",
                "companyname": "Seeded Ltd", "leadsourcecode": 7, "leadqualitycode": 2,
                "preferredcontactmethodcode": 1, "prioritycode": 1, "salesstagecode": 1,
                "donotemail": false, "donotbulkemail": false, "donotphone": false,
                "donotpostalmail": false, "donotsendmm": false, "donotfax": false, "followemail": true,
                "statecode": state, "statuscode": status,
            });
            self.owned("lead", "leadid", lead, values, age);
        }
    }
}
