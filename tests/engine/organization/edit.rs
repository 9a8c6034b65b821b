//! A lead of the organization changed by hand: only what is read of it, so that nobody overwrites what
//! they could not see.

use leadline::error::Kind;
use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Source, TooLong};
use leadline::store::lead_edit::LeadEdit;
use leadline::store::now;
use leadline_sandbox::known;
use serde_json::json;

use super::Office;
use crate::desk::{NOW, response};
use crate::on_both;
use crate::support::TestStore;

const KEVIN: &str = "kevin.obrien@brightworks.example";

async fn a_column_that_is_not_read_is_neither_offered_nor_overwritten(test: TestStore) {
    let office = Office::new(test).await;
    let notes = json!({ "description": "Called twice. Wants rope." });
    office.changes_there(known::OTHER_CASE, notes).await;
    office.arrive(vec![response("r1", NOW, KEVIN)]).await;
    let lead = office.lead(known::OTHER_CASE).await;
    let offered = async || {
        let found = office.desk.reader().find_lead(lead).await.expect("a lead");
        let fields = office.desk.test.store.editable_fields(&found.fields).await;
        (found, fields.expect("fields"))
    };
    let (found, fields) = offered().await;
    assert!(fields.get("jobtitle").is_some(), "it is mapped");
    assert!(fields.get("description").is_none(), "nothing reads it");

    let mut edit = LeadEdit {
        fields: found.fields.clone(),
        owner: found.row.owner_id,
        open: true,
        version: found.row.version,
    };
    edit.fields
        .insert("description".to_owned(), "Hello".to_owned());
    let ann = office.desk.signed().salesperson().expect("may edit");
    let refused = ann
        .edit_lead(lead, &edit, now())
        .await
        .expect_err("refused");
    assert_eq!(refused.kind(), Kind::Invalid);
    assert!(refused.message().contains("does not read this column"));
    office
        .desk
        .edit(lead, |edit| {
            edit.fields.insert("jobtitle".to_owned(), "Chef".to_owned());
        })
        .await;
    office.work().await;
    let there = office.there().await[known::OTHER_CASE].clone();
    assert_eq!(there["jobtitle"], "Chef");
    assert_eq!(there["description"], "Called twice. Wants rope.");

    // Once a mapping fills the column, it is read, shown and can be changed.
    let notes = FieldMapping {
        id: 0,
        source: Source::Constant("Fair".to_owned()),
        form: None,
        steps: Vec::new(),
        lead_field: "description".to_owned(),
        policy: Policy::FillEmpty,
        too_long: TooLong::Cut,
    };
    let mapped = office.desk.administrator.create_mapping(&notes, NOW).await;
    mapped.expect("a mapping");
    office.arrive(vec![response("r2", NOW + 1, KEVIN)]).await;
    let (found, fields) = offered().await;
    assert!(fields.get("description").is_some());
    assert_eq!(found.fields["description"], "Called twice. Wants rope.");
}
on_both!(a_column_that_is_not_read_is_neither_offered_nor_overwritten);
