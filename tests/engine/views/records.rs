//! What the pages of one record read, and what of it is whose.

use leadline::error::Kind;
use leadline::store::access::Reader;
use leadline::store::views::accounts::AccountFilter;
use leadline::store::views::campaigns::CampaignFilter;
use leadline::store::views::forms::FormFilter;
use leadline::store::views::lead::Happening;
use leadline::store::views::paging::Paging;
use leadline::store::views::submission::AttemptOutcome;
use leadline::submission::{LeadType, MatchingStatus, ProcessingState};

use super::{get, world};
use crate::on_both;
use crate::support::TestStore;

on_both!(a_submission_is_explained);
async fn a_submission_is_explained(test: TestStore) {
    let world = world(test).await;
    let found = world.sam.find_submission(6).await.expect("the submission");
    assert_eq!(found.row.matching_status(), MatchingStatus::Created);
    assert_eq!(found.row.processing_state(), ProcessingState::Succeeded);
    assert_eq!(found.row.lead_type(), LeadType::Sponsored.label());
    assert_eq!(found.row.lead_name.as_deref(), Some("Ana 0"));
    assert_eq!(found.row.form_version, Some(1));
    let outcomes: Vec<_> = found.attempts.iter().map(|a| a.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::Created, AttemptOutcome::Held]);
    assert_eq!(found.attempts[0].changes[0].after.as_deref(), Some("Even"));
    assert_eq!(
        found.lead_names[&7], "Ana 3",
        "the leads that were looked at have names"
    );
    assert_eq!(
        found.raw, None,
        "LinkedIn's own words are for administrators"
    );
    let found = world.ada.find_submission(6).await.expect("the submission");
    assert_eq!(found.raw.as_deref(), Some("{\"secret\":true}"));
    let gone = world
        .ada
        .find_submission(999)
        .await
        .expect_err("no such submission");
    assert_eq!(gone.kind(), Kind::NotFound);
}

on_both!(a_lead_tells_what_changed_it);
async fn a_lead_tells_what_changed_it(test: TestStore) {
    let world = world(test).await;
    let lead = world.sam.find_lead(1).await.expect("the lead");
    assert_eq!(lead.fields["lastname"], "Even");
    assert_eq!(lead.row.first_form_name.as_deref(), Some("Whitepaper"));
    assert_eq!(lead.row.owner_name.as_deref(), Some("Eve"));
    assert_eq!(
        lead.submissions.iter().map(|s| s.id).collect::<Vec<_>>(),
        [6]
    );
    let [entry] = lead.history.as_slice() else {
        panic!("one change")
    };
    assert_eq!(entry.what, Happening::Created);
    assert_eq!(entry.submission_id, Some(6));
    assert_eq!(entry.changes[0].field, "lastname");
    let gone = world.sam.find_lead(999).await.expect_err("no such lead");
    assert_eq!(gone.kind(), Kind::NotFound);
}

on_both!(accounts_are_those_of_own_profiles);
async fn accounts_are_those_of_own_profiles(test: TestStore) {
    let world = world(test).await;
    let names = |reader: Reader| async move {
        let page = reader
            .list_accounts(&AccountFilter::default(), &Paging::first())
            .await;
        page.expect("a page")
            .items
            .into_iter()
            .map(|row| row.account.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(world.sam.clone()).await, ["Acme"]);
    assert_eq!(names(world.ada.clone()).await, ["Acme", "Globex"]);
    let choices = world
        .sam
        .list_account_choices(Some(2))
        .await
        .expect("choices");
    assert_eq!(
        choices.len(),
        1,
        "choosing a foreign account does not show its name"
    );
    let foreign = world.sam.find_account(2).await.expect_err("Eve's account");
    assert_eq!(foreign.kind(), Kind::NotFound);
    let own = world.sam.find_account(1).await.expect("Sam's account");
    assert_eq!(own.holds.submissions.to_string(), "120");
    assert_eq!(
        (own.holds.forms.to_string(), own.holds.campaigns.to_string()),
        ("1".into(), "2".into())
    );
    assert_eq!(own.profiles.len(), 1);
    let seen = world
        .ada
        .find_account(2)
        .await
        .expect("everything is Ada's to see");
    assert_eq!(seen.profiles[0].name, "Eve");
    world
        .test
        .sql("INSERT INTO profile_account (profile_id, account_id, chosen) VALUES (2, 1, FALSE)")
        .await;
    let own = world.sam.find_account(1).await.expect("Sam's account");
    assert_eq!(own.profiles.len(), 1, "Eve's profile is not Sam's to see");
}

on_both!(what_a_submission_points_to_opens_only_for_its_people);
async fn what_a_submission_points_to_opens_only_for_its_people(test: TestStore) {
    let world = world(test).await;
    let open = |reader: Reader| async move {
        let row = reader.find_submission(1).await.expect("a submission").row;
        (row.account_open, row.profile_open)
    };
    assert_eq!(open(world.sam.clone()).await, (true, true));
    assert_eq!(open(world.ada.clone()).await, (true, true));
    world.test.sql("UPDATE user_profile SET owner_id = 3").await;
    assert_eq!(open(world.sam.clone()).await, (false, false));
}

on_both!(forms_and_campaigns_tell_what_came_of_them);
async fn forms_and_campaigns_tell_what_came_of_them(test: TestStore) {
    let world = world(test).await;
    let forms = |pairs: &[(&str, &str)]| {
        let filter = FormFilter::read(&get(pairs)).expect("a filter");
        let sam = world.sam.clone();
        async move {
            sam.list_forms(&filter, &Paging::first())
                .await
                .expect("a page")
                .items
        }
    };
    let all = forms(&[]).await;
    let names: Vec<&str> = all.iter().map(|row| row.form.name.as_str()).collect();
    assert_eq!(names, ["100%_off", "Whitepaper"], "current versions only");
    assert_eq!(all[1].came.submissions.to_string(), "120");
    assert_eq!(all[1].came.leads.to_string(), "20", "of all versions");
    assert_eq!(all[1].came.last_submitted_at, Some(40_000));
    assert!(all[0].came.submissions.is_zero() && all[0].came.last_submitted_at.is_none());
    assert_eq!(forms(&[("q", "PAPER")]).await.len(), 1);
    assert_eq!(
        forms(&[("q", "%_")]).await.len(),
        1,
        "searched for as they are"
    );
    assert_eq!(
        forms(&[("state", "DRAFT"), ("account", "1")]).await.len(),
        0
    );

    let form = world.sam.find_form(1).await.expect("the older version");
    assert_eq!(
        form.versions.iter().map(|v| v.id).collect::<Vec<_>>(),
        [2, 1]
    );
    assert!(!form.form.current && form.form.account_open);
    assert!(
        !world
            .sam
            .find_form(3)
            .await
            .expect("Eve's form")
            .form
            .account_open
    );

    let filter = CampaignFilter::read(&get(&[("status", "ACTIVE")])).expect("a filter");
    let page = world
        .sam
        .list_campaigns(&filter, &Paging::first())
        .await
        .expect("a page");
    assert_eq!(page.items[0].came.submissions.to_string(), "60");
    assert_eq!(page.items[0].came.leads.to_string(), "20");
}

on_both!(rules_are_for_administrators);
async fn rules_are_for_administrators(test: TestStore) {
    let world = world(test).await;
    let administrator = world.administrator.administrator().expect("Ada");
    let strategies = administrator.list_strategies().await.expect("strategies");
    assert_eq!(strategies.len(), 1);
    let one = administrator
        .find_strategy(strategies[0].strategy.id)
        .await
        .expect("it");
    assert!(one.active && one.strategy.name == "E-mail (default)");
    let mappings = administrator.list_mapping_views().await.expect("mappings");
    let asked = |field: &str| {
        mappings
            .iter()
            .find(|m| m.mapping.lead_field == field)
            .map(|m| m.forms)
    };
    assert_eq!(
        (asked("emailaddress1"), asked("jobtitle")),
        (Some(1), Some(0))
    );
}
