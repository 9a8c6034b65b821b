//! Leads changed by hand: by whom, what follows from it, and what the logs say.

use leadline::error::Kind;
use leadline::store::access::Salesperson;
use leadline::store::lead_edit::LeadEdit;

use super::{World, world};
use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 60_000;

async fn sam(world: &World) -> Salesperson {
    let sam = world.test.store.find_active_person(2).await;
    let sam = sam.expect("an answer").expect("Sam");
    let signed = leadline::store::access::Signed::new(world.test.store.clone(), sam);
    signed.salesperson().expect("a salesperson")
}

fn edit(version: i64) -> LeadEdit {
    let fields = [
        ("lastname", " Okafor "),
        ("emailaddress1", "Ngozi@Okafor.example"),
        ("jobtitle", ""),
    ];
    LeadEdit {
        fields: fields.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        owner: Some(3),
        open: false,
        version,
    }
}

on_both!(a_salesperson_changes_an_own_lead_and_gives_it_away);
async fn a_salesperson_changes_an_own_lead_and_gives_it_away(test: TestStore) {
    let world = world(test).await;
    let sam = sam(&world).await;
    assert!(sam.edit_lead(2, &edit(1), NOW).await.expect("changed"));

    let lead = world.ada.find_lead(2).await.expect("the lead");
    assert_eq!(lead.row.owner_name.as_deref(), Some("Eve"));
    assert_eq!((lead.row.open, lead.row.version), (false, 2));
    assert_eq!(lead.row.full_name, "Okafor");
    assert_eq!(lead.fields["emailaddress1"], "Ngozi@Okafor.example");
    let entry = &lead.history[0];
    assert_eq!((entry.actor.as_str(), entry.submission_id), ("Sam", None));
    let changed: Vec<&str> = entry.changes.iter().map(|c| c.field.as_str()).collect();
    assert_eq!(
        changed,
        ["lastname", "emailaddress1", "ownerid", "statecode"]
    );
    assert_eq!(entry.changes[0].before.as_deref(), Some("Even"));

    let keys = "SELECT field || '=' || value AS t FROM lead_key WHERE lead_id = 2";
    assert_eq!(
        world.test.texts(keys).await,
        ["emailaddress1=ngozi@okafor.example"]
    );
    let owner = "SELECT owner_id AS n FROM submission WHERE lead_id = 2";
    assert_eq!(world.test.count(owner).await, 3, "its submissions go along");

    let told = "SELECT actor_name || ' ' || noun_name || ' ' || after AS t FROM audit_event WHERE noun = 'lead'";
    assert_eq!(
        world.test.texts(told).await,
        [r#"Sam 2 {"changed":["lastname","emailaddress1","ownerid","statecode"]}"#]
    );
}

on_both!(a_lead_is_edited_by_its_owner_and_by_administrators_only);
async fn a_lead_is_edited_by_its_owner_and_by_administrators_only(test: TestStore) {
    let world = world(test).await;
    let sam = sam(&world).await;
    for foreign in [1, 99] {
        let error = sam.edit_lead(foreign, &edit(1), NOW).await;
        assert_eq!(error.expect_err("not Sam's").kind(), Kind::NotFound);
    }
    let ada = world.administrator.salesperson().expect("may do so too");
    assert!(ada.edit_lead(1, &edit(1), NOW).await.expect("changed"));
}

on_both!(what_cannot_be_is_refused_and_changes_nothing);
async fn what_cannot_be_is_refused_and_changes_nothing(test: TestStore) {
    let world = world(test).await;
    let sam = sam(&world).await;
    let old = sam.edit_lead(2, &edit(0), NOW).await;
    assert_eq!(old.expect_err("an old version").kind(), Kind::Conflict);
    let nobody = LeadEdit {
        owner: Some(99),
        ..edit(1)
    };
    let mut long = edit(1);
    long.fields.insert("firstname".to_owned(), "x".repeat(51));
    let mut no_address = edit(1);
    no_address
        .fields
        .insert("emailaddress1".to_owned(), "ngozi".to_owned());
    for wrong in [nobody, long, no_address] {
        let error = sam.edit_lead(2, &wrong, NOW).await.expect_err("wrong");
        assert_eq!(error.kind(), Kind::Invalid);
        assert!(!error.message().contains("ngozi"), "{}", error.message());
    }
    let lead = world.ada.find_lead(2).await.expect("the lead");
    assert_eq!((lead.row.version, lead.history.len()), (1, 0));
    let same = LeadEdit {
        fields: lead.fields,
        owner: Some(2),
        open: true,
        version: 1,
    };
    let changed = sam.edit_lead(2, &same, NOW).await.expect("done");
    assert!(!changed, "there was nothing to change");
}
