//! Leads live in an organization, and previews ask it: what they say is what would be done. They write
//! nothing, and where the organization cannot be asked they say so.

use leadline::error::Kind;
use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Source, TooLong};
use leadline::matching::{Otherwise, Several, Strategy};
use leadline::preview::Preview;
use leadline::store::strategies::VersionedStrategy;
use leadline::store::views::submissions::SubmissionFilter;
use leadline::sync::organization::Round;
use leadline::sync::preview::{preview_mapping, preview_strategy};
use leadline::sync::replay::{Foreseen, foresee};
use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::desk::{NOW, response};
use crate::office::Office;
use crate::on_both;
use crate::support::TestStore;
use crate::world::no_organization;

/// Somebody whom only the organization knows.
const KEVIN: &str = "kevin.obrien@brightworks.example";
const COMES: &str = "Comes to a lead that is there";
const NEW: &str = "Makes a new lead";

impl Office {
    /// All that Leadline keeps of leads, of submissions and of the work with the organization.
    async fn kept(&self) -> Vec<String> {
        let mut kept = Vec::new();
        for sql in [
            "SELECT CAST(id AS text) || fields || provenance || state || CAST(version AS text) || COALESCE(record_id, '') \
               || COALESCE(record_version, '') || record_fields || COALESCE(left_in, '') \
               || COALESCE(CAST(deliver_at AS text), '') AS t FROM lead ORDER BY id",
            "SELECT field || value || CAST(lead_id AS text) AS t FROM lead_key ORDER BY field, value, lead_id",
            "SELECT field || CAST(keyed_until AS text) AS t FROM match_field ORDER BY field",
            "SELECT linkedin_id || CAST(matching_status AS text) || CAST(processing_state AS text) || reason_code || reason \
               || COALESCE(CAST(lead_id AS text), '') || COALESCE(CAST(due_at AS text), '') AS t FROM submission ORDER BY id",
            "SELECT holder || CAST(leased_until AS text) || CAST(paused_until AS text) || COALESCE(problem, '') AS t FROM crm_worker",
            "SELECT state || reason || CAST(version AS text) AS t FROM crm_connection",
            "SELECT CAST(count(*) AS text) || 'attempts' AS t FROM attempt",
            "SELECT CAST(count(*) AS text) || 'events' AS t FROM audit_event",
        ] {
            kept.extend(self.desk.test.texts(sql).await);
        }
        kept
    }

    /// What running everything again would come to; nothing is written by asking.
    async fn foresee(&self) -> Foreseen {
        let before = self.kept().await;
        let all = SubmissionFilter::default();
        let seen = foresee(&self.desk.administrator, &self.organization, &all, NOW).await;
        assert_eq!(self.kept().await, before, "looking writes nothing");
        seen.expect("seen")
    }

    /// The same as words, the latest submission first.
    async fn words(&self) -> Vec<String> {
        let seen = self.foresee().await;
        assert_eq!(seen.not_asked, None);
        seen.changes.into_iter().map(|c| c.words).collect()
    }

    /// What an edit of the one strategy would do; nothing is written by asking.
    async fn edited(&self, edit: impl FnOnce(&mut Strategy)) -> Preview {
        let administrator = &self.desk.administrator;
        let view = administrator.list_strategies().await.expect("strategies");
        let view = view.into_iter().next().expect("a strategy");
        let mut edited = VersionedStrategy {
            strategy: view.strategy,
            active: true,
            version: view.version,
        };
        edit(&mut edited.strategy);
        let before = self.kept().await;
        let seen = preview_strategy(administrator, &self.organization, &edited, 200, NOW).await;
        assert_eq!(self.kept().await, before, "looking writes nothing");
        seen.expect("seen")
    }

    /// Requests to the organization of this kind.
    async fn asked(&self, endpoint: &str) -> usize {
        let journal = self.journal().await;
        let same = journal.iter().filter(|entry| entry["endpoint"] == endpoint);
        same.count()
    }
}

/// A mapping to the description.
fn fixed_text() -> FieldMapping {
    FieldMapping {
        id: 0,
        source: Source::Constant("From LinkedIn".to_owned()),
        form: None,
        steps: Vec::new(),
        lead_field: "description".to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

fn names(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| (*field).to_owned()).collect()
}

async fn a_preview_finds_a_lead_that_only_the_organization_has(test: TestStore) {
    let office = Office::new(test).await;
    let kevin = response("r1", NOW, KEVIN).says("JOB_TITLE", "Head of Rope");
    let new = response("r2", NOW + 1, "new@harbor.example").says("LAST_NAME", "Nakamura");
    let namesake =
        json!({ "leadid": "ffffffff-0000-4f07-9007-000000000001", "lastname": "Nakamura" });
    office.control("POST", "rows/lead", namesake).await;
    office.desk.keep(vec![kevin, new]).await;
    assert_eq!(office.desk.leads().await, 0);

    assert_eq!(office.words().await, [NEW, COMES]);
    let administrator = &office.desk.administrator;
    let before = office.kept().await;
    let (organization, mapping) = (&office.organization, fixed_text());
    let mapped = preview_mapping(administrator, organization, &mapping, 200, NOW).await;
    let mapped = mapped.expect("seen");
    assert_eq!(office.kept().await, before, "looking writes nothing");
    assert_eq!((mapped.today.created, mapped.today.updated), (1, 1));
    assert_eq!((mapped.edited.created, mapped.edited.updated), (1, 1));
    assert_eq!(mapped.not_asked, None);

    let theirs = "Belongs to a lead that is only in Dynamics 365 so far (no. 1)";
    let namesakes = "Belongs to a lead that is only in Dynamics 365 so far (no. 2)";
    let told = |seen: Preview| -> Vec<[String; 2]> {
        let different = seen.different.into_iter();
        different.map(|d| [d.today, d.edited]).collect()
    };
    let each = office
        .edited(|strategy| strategy.always_create = true)
        .await;
    assert_eq!(told(each), [[theirs, NEW]]);
    let by_name = |strategy: &mut Strategy| strategy.fields = names(&["lastname"]);
    assert_eq!(
        told(office.edited(by_name).await),
        [[NEW, namesakes], [theirs, NEW]],
        "the organization is asked by the edited rules as well"
    );

    let signed_in = office.asked("GET WhoAmI").await;
    assert!(signed_in > 0);
    office.work().await;
    assert_eq!(office.desk.became("r1").await, "2 1", "as it was foreseen");
    assert_eq!(office.desk.became("r2").await, "1 1");
    assert_eq!(
        office.asked("GET WhoAmI").await,
        signed_in,
        "previews and the work share one client, and so its pace"
    );
}
on_both!(a_preview_finds_a_lead_that_only_the_organization_has);

async fn leads_that_only_the_organization_has_are_kept_apart(test: TestStore) {
    let office = Office::new(test).await;
    let double = response("r1", NOW, "anais.lefevre@atelier-nord.example");
    office.desk.keep(vec![double]).await;
    let hold = |strategy: &mut Strategy| strategy.several = Several::Hold;
    let seen = office.edited(hold).await;
    assert_eq!((seen.today.updated, seen.edited.held), (1, 1), "{seen:?}");
}
on_both!(leads_that_only_the_organization_has_are_kept_apart);

async fn a_preview_sees_what_was_changed_and_deleted_there(test: TestStore) {
    let office = Office::new(test).await;
    office
        .arrive(vec![response("r1", NOW, "new@harbor.example")])
        .await;
    let there = office.there().await;
    let mine = there
        .iter()
        .find(|(_, lead)| lead["emailaddress1"] == "new@harbor.example");
    let path = format!("rows/lead/{}", mine.expect("the lead").0);
    let moved = "moved@harbor.example";
    office
        .control("PATCH", &path, json!({ "emailaddress1": moved }))
        .await;
    let before = response("r2", NOW + 1, "new@harbor.example");
    let now = response("r3", NOW + 2, moved).says("JOB_TITLE", "Chef");
    office.desk.keep(vec![before, now]).await;
    assert_eq!(office.words().await, [COMES, NEW]);

    office.control("DELETE", &path, Value::Null).await;
    let gone = "Held: The lead does not exist any more.";
    assert_eq!(office.words().await, [NEW, NEW, gone]);
    let each = office.edited(|_| {}).await;
    assert_eq!(each.today.created, 2, "{each:?}");
}
on_both!(a_preview_sees_what_was_changed_and_deleted_there);

async fn right_after_the_switch_a_preview_knows_the_leads_there(test: TestStore) {
    let office = Office::before_the_switch(test).await;
    let kevin = response("r1", NOW, KEVIN).says("JOB_TITLE", "Chef");
    let other = response("r2", NOW + 1, "other@harbor.example");
    office.desk.arrive(vec![kevin, other]).await;
    assert_eq!(office.words().await, Vec::<String>::new());
    assert!(office.journal().await.is_empty(), "nobody is asked");
    office.switch().await;
    assert_eq!(office.words().await, [NEW, COMES]);
}
on_both!(right_after_the_switch_a_preview_knows_the_leads_there);

async fn an_organization_that_cannot_be_asked_is_said_and_the_preview_is_there(test: TestStore) {
    let office = Office::new(test).await;
    office.desk.keep(vec![response("r1", NOW, KEVIN)]).await;
    let not_asked = async |why: &str| {
        let asked = office.journal().await.len();
        let seen = office.foresee().await;
        assert_eq!(seen.counts.created, 1, "as far as Leadline knows");
        let told = seen.not_asked.unwrap_or_default();
        assert!(told.contains(why), "{told}");
        let edited = office.edited(|_| {}).await;
        assert_eq!(edited.today.created, 1, "{edited:?}");
        assert!(edited.not_asked.is_some_and(|told| told.contains(why)));
        office.journal().await.len() - asked
    };
    let test = &office.desk.test;
    let pause = "UPDATE crm_worker SET paused_until = 9000000000000000";
    test.sql(pause).await;
    assert_eq!(not_asked("asked Leadline to wait").await, 0);
    test.sql("UPDATE crm_worker SET paused_until = 0").await;

    let broken = "UPDATE crm_connection SET state = 'broken', reason = 'The secret has expired.'";
    test.sql(broken).await;
    assert_eq!(not_asked("The secret has expired.").await, 0);
    let works = "UPDATE crm_connection SET state = 'active', reason = ''";
    test.sql(works).await;

    let down = json!({ "endpoint": "leads", "kind": "503" });
    office.faults(json!({ "errors": [down] })).await;
    assert!(not_asked("Dynamics 365").await > 0);
    office.faults(json!({ "errors": [] })).await;

    let role = |change: &str| json!({ "client": known::CLIENT, change: ["prvReadLead"] });
    office.control("POST", "users", role("revoke")).await;
    assert!(not_asked("right").await > 0);
    office.control("POST", "users", role("grant")).await;

    assert_eq!(
        office.words().await,
        [COMES],
        "asked again as soon as it works"
    );
}
on_both!(an_organization_that_cannot_be_asked_is_said_and_the_preview_is_there);

async fn what_a_preview_is_asked_to_wait_everybody_waits(test: TestStore) {
    let office = Office::new(test).await;
    office.desk.keep(vec![response("r1", NOW, KEVIN)]).await;
    let limit = json!({ "endpoint": "leads", "kind": "429_requests", "times": 1 });
    office
        .faults(json!({ "errors": [limit], "retry_after": 60 }))
        .await;
    let all = SubmissionFilter::default();
    let administrator = &office.desk.administrator;
    let seen = foresee(administrator, &office.organization, &all, NOW).await;
    assert!(seen.expect("seen").not_asked.is_some());

    let asked = office.journal().await.len();
    let after_a_restart = no_organization(&office.desk.test.store);
    let seen = foresee(administrator, &after_a_restart, &all, NOW).await;
    let told = seen.expect("seen").not_asked.unwrap_or_default();
    assert!(told.contains("asked Leadline to wait"), "{told}");
    let round = after_a_restart.round().await.expect("a round");
    assert!(matches!(round, Round::Wait(_)), "{round:?}");
    assert_eq!(office.journal().await.len(), asked, "nobody asks meanwhile");
}
on_both!(what_a_preview_is_asked_to_wait_everybody_waits);

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_long_for_an_organization_that_does_not_answer() {
    let office = Office::new(TestStore::sqlite().await).await;
    office.desk.keep(vec![response("r1", NOW, KEVIN)]).await;
    office.faults(json!({ "latency_ms": 20_000 })).await;
    let seen = office.foresee().await;
    let told = seen.not_asked.unwrap_or_default();
    assert!(told.contains("did not answer within 8 seconds"), "{told}");
    assert_eq!(seen.counts.created, 1);
}

async fn a_preview_of_many_submissions_asks_little_and_misses_nothing(test: TestStore) {
    let office = Office::new(test).await;
    // Far more, and changed later, than the one lead of that last name.
    let big = |n: usize| json!({ "lastname": format!("Clerk {n}"), "companyname": "Big" });
    let leads: Vec<Value> = (0..120).map(big).collect();
    office.control("POST", "rows/lead", leads.into()).await;
    let person = |n: i64, name: &str, company: &str| {
        response(&format!("r{n}"), NOW + n, &format!("{n}@harbor.example"))
            .says("LAST_NAME", name)
            .says("COMPANY_NAME", company)
    };
    let by_name_and_company = |strategy: &mut Strategy| {
        strategy.fields = names(&["lastname", "companyname"]);
        strategy.partial = Otherwise::Hold;
    };
    let pair = [person(0, "O'Brien", "Other"), person(1, "Nobody", "Big")];
    office.desk.keep(pair.to_vec()).await;
    let seen = office.edited(by_name_and_company).await;
    assert_eq!(
        seen.edited.held, 2,
        "more than has room in one answer: {seen:?}"
    );

    let more = |n: i64| person(n, &format!("Name {n}"), &format!("Company {n}"));
    office.desk.keep((2..150).map(more).collect()).await;
    let before = office.asked("GET leads").await;
    let seen = office.edited(by_name_and_company).await;
    assert_eq!(
        (seen.edited.held, seen.edited.created),
        (2, 148),
        "{seen:?}"
    );
    let asked = office.asked("GET leads").await - before;
    assert!((1..=20).contains(&asked), "{asked} requests");
}
on_both!(a_preview_of_many_submissions_asks_little_and_misses_nothing);

#[tokio::test]
async fn a_strategy_compares_only_what_the_organization_can_be_asked_for() {
    let office = Office::new(TestStore::sqlite().await).await;
    for (field, why) in [
        ("msdyncrm_degree", "A lead has no field msdyncrm_degree."),
        ("description", "only columns that hold a line of text"),
        (
            "donotemail",
            "cannot be asked for leads by Do not allow Emails",
        ),
    ] {
        let administrator = &office.desk.administrator;
        let mapping = FieldMapping {
            lead_field: field.to_owned(),
            ..fixed_text()
        };
        let mapped = administrator.create_mapping(&mapping, NOW).await;
        assert_eq!(mapped.is_ok(), field != "msdyncrm_degree");
        let strategy = VersionedStrategy {
            strategy: Strategy {
                id: 0,
                name: field.to_owned(),
                fields: names(&["emailaddress1", field]),
                ..leadline::matching::default_strategy()
            },
            active: true,
            version: 0,
        };
        let refused = administrator.create_strategy(&strategy, NOW).await;
        let refused = refused.expect_err("refused");
        assert_eq!(refused.kind(), Kind::Invalid);
        assert!(refused.message().contains(why), "{refused}");
    }
}
