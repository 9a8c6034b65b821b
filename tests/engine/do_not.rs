//! Leads live in an organization, and a consent of a form decides whether it may write to them.

use leadline::lead::Policy;
use leadline::mapping::{Entry, FieldMapping, Otherwise, Source, Step, TooLong};
use leadline_sandbox::known;
use serde_json::{Value, json};

use crate::desk::{NOW, response};
use crate::office::Office;
use crate::on_both;
use crate::support::TestStore;

const WORDING: &str = "May we send you our newsletter?";

/// Who consents may be written to, and who does not may not: the opposite of the answer.
fn opposite(column: &str) -> FieldMapping {
    let becomes = |from: &str, to: &str| Entry {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    FieldMapping {
        id: 0,
        source: Source::Consent(WORDING.to_owned()),
        form: None,
        steps: vec![Step::Replace {
            entries: vec![becomes("Yes", "No"), becomes("No", "Yes")],
            otherwise: Otherwise::Hold,
        }],
        lead_field: column.to_owned(),
        policy: Policy::Overwrite,
        too_long: TooLong::Cut,
    }
}

/// What the organization may not do with a lead: write to it, write to many.
fn may_not(lead: &Value) -> [&Value; 2] {
    [&lead["donotemail"], &lead["donotbulkemail"]]
}

async fn a_consent_says_whether_a_lead_may_be_written_to(test: TestStore) {
    let office = Office::new(test).await;
    for column in ["donotemail", "donotbulkemail"] {
        let mapping = opposite(column);
        let made = office.desk.administrator.create_mapping(&mapping, NOW);
        made.await.expect("a mapping");
    }
    let one = response("r1", NOW, "one@harbor.example").consents(WORDING, true);
    let two = response("r2", NOW, "two@harbor.example").consents(WORDING, false);
    let three = response("r3", NOW, "three@harbor.example").says("JOB_TITLE", "Cook");
    let kevin = response("r4", NOW, "kevin.obrien@brightworks.example").consents(WORDING, false);
    office.arrive(vec![one, two, three, kevin]).await;

    let (yes, no) = (json!(true), json!(false));
    for (email, told) in [("one", &no), ("two", &yes), ("three", &no)] {
        let lead = office
            .of(&format!("{email}@harbor.example"))
            .await
            .remove(0);
        assert_eq!(may_not(&lead), [told; 2], "{email}");
    }
    let there = office.there().await;
    assert_eq!(may_not(&there[known::OTHER_CASE]), [&yes; 2]);

    // Somebody changes their mind.
    let later = response("r5", NOW + 1, "kevin.obrien@brightworks.example");
    let silent = response("r6", NOW + 1, "two@harbor.example").says("JOB_TITLE", "Chef");
    office
        .arrive(vec![later.consents(WORDING, true), silent])
        .await;
    let there = office.there().await;
    assert_eq!(may_not(&there[known::OTHER_CASE]), [&no; 2]);
    let two = office.of("two@harbor.example").await.remove(0);
    assert_eq!(two["jobtitle"], "Chef");
    assert_eq!(
        may_not(&two),
        [&yes; 2],
        "whoever is not asked has said nothing"
    );
}
on_both!(a_consent_says_whether_a_lead_may_be_written_to);
