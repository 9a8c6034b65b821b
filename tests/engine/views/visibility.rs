//! Whose submissions and leads somebody sees: with `salesperson_visibility` at `own`, nothing of
//! what is others' shows anywhere.

use leadline::error::Kind;
use leadline::store::access::Reader;
use leadline::store::settings::{Settings, Visibility};
use leadline::store::views::campaigns::CampaignFilter;
use leadline::store::views::forms::FormFilter;
use leadline::store::views::paging::Paging;
use leadline::store::views::submissions::SubmissionRow;
use leadline::sync::Settings as Pace;
use leadline_sandbox::Seed;

use super::{World, leads, submissions, world};
use crate::on_both;
use crate::support::TestStore;

/// When all submissions of the world were made today.
const NOW: i64 = 50_000;

/// Every submission is its lead's owner's, else Sam's, whose profile it came through. Eve owns the
/// leads with odd numbers.
async fn own_only(test: TestStore) -> (World, Reader) {
    let world = world(test).await;
    world
        .test
        .sql("UPDATE submission SET owner_id = COALESCE((SELECT l.owner_id FROM lead l WHERE l.id = lead_id), 2)")
        .await;
    // Lead 8 is Sam's; submission 6 belongs to Eve.
    let looked_at = r#"UPDATE attempt SET trace = replace(trace, '"lead":7', '"lead":8')"#;
    world.test.sql(looked_at).await;
    set(&world, Visibility::Own).await;
    let eve = world.test.store.find_active_person(3).await;
    let eve = eve.expect("an answer").expect("Eve");
    let eve = leadline::store::access::Signed::new(world.test.store.clone(), eve);
    let eve = eve.reader().expect("a reader");
    (world, eve)
}

async fn set(world: &World, salesperson_visibility: Visibility) {
    let administrator = world.administrator.administrator().expect("Ada");
    let in_force = administrator.settings().await.expect("settings");
    let new = Settings {
        salesperson_visibility,
        ..in_force
    };
    administrator.save_settings(&new, NOW).await.expect("saved");
}

/// The first page of the submissions that somebody sees.
async fn of(reader: &Reader, pairs: &[(&str, &str)]) -> Vec<SubmissionRow> {
    let (filter, first) = (submissions(pairs), Paging::first());
    let page = reader.list_submissions(&filter, &first).await;
    page.expect("a page").items
}

async fn counted(reader: &Reader, pairs: &[(&str, &str)]) -> (String, String) {
    let first = Paging::first();
    let filter = submissions(pairs);
    let found = reader.list_submissions(&filter, &first).await;
    let found = found.expect("a page");
    let filter = leads(pairs);
    let known = reader.list_leads(&filter, &first).await.expect("a page");
    (found.total.to_string(), known.total.to_string())
}

on_both!(somebody_who_sees_their_own_sees_nothing_else_in_any_list);
async fn somebody_who_sees_their_own_sees_nothing_else_in_any_list(test: TestStore) {
    let (world, eve) = own_only(test).await;
    let count = async |reader, pairs| {
        let (submissions, leads) = counted(reader, pairs).await;
        format!("{submissions} {leads}")
    };
    assert_eq!(count(&eve, &[]).await, "10 10");
    assert_eq!(count(&world.sam, &[]).await, "110 10");
    assert_eq!(count(&world.ada, &[]).await, "120 20");
    for row in of(&eve, &[]).await {
        assert_eq!(row.lead_id.expect("a lead") % 2, 1, "submission {}", row.id);
    }
    // Submission 12 made lead 2, which is Sam's, as is submission 7, which has none.
    for foreign in ["p12@example.com", "p7@example.com", "ben"] {
        assert!(of(&eve, &[("q", foreign)]).await.is_empty(), "{foreign}");
    }
    assert!(of(&eve, &[("lead", "2")]).await.is_empty());
    for pairs in [[("q", "p2@")], [("company", "acme 2")], [("owner", "2")]] {
        let filter = leads(&pairs);
        let found = eve.list_leads(&filter, &Paging::first()).await;
        let found = found.expect("a page").items;
        assert!(found.iter().all(|lead| lead.id % 2 == 1), "{pairs:?}");
    }

    set(&world, Visibility::All).await;
    assert_eq!(count(&eve, &[]).await, "120 20");
}

on_both!(a_foreign_record_is_not_found_and_an_own_one_names_no_foreign_lead);
async fn a_foreign_record_is_not_found_and_an_own_one_names_no_foreign_lead(test: TestStore) {
    let (world, eve) = own_only(test).await;
    for submission in [7, 12] {
        let foreign = eve.find_submission(submission).await;
        assert_eq!(foreign.expect_err("foreign").kind(), Kind::NotFound);
    }
    let foreign = eve.find_lead(2).await.expect_err("foreign");
    assert_eq!(foreign.kind(), Kind::NotFound);
    let own = eve.find_submission(6).await.expect("her own");
    assert_eq!(own.lead_names.into_keys().collect::<Vec<_>>(), [1]);
    let own = eve.find_lead(1).await.expect("her own");
    assert_eq!(own.submissions.len(), 1);
    let all = world.ada.find_submission(6).await.expect("a submission");
    assert_eq!(all.lead_names.into_keys().collect::<Vec<_>>(), [1, 8]);
}

on_both!(no_count_includes_what_is_not_in_sight);
async fn no_count_includes_what_is_not_in_sight(test: TestStore) {
    let (world, eve) = own_only(test).await;
    for (reader, expected) in [(&eve, 10), (&world.sam, 110), (&world.ada, 120)] {
        let figures = reader.figures(NOW).await.expect("figures");
        assert_eq!((figures.today, figures.week), (expected, expected));
        assert!(figures.held <= expected && figures.created <= expected);
        let days = reader.count_by_day(NOW).await.expect("days");
        assert_eq!(days.last().expect("today").submissions, expected);
        let forms = reader.count_by_form(NOW).await.expect("forms");
        assert_eq!(forms[0].submissions, expected);
        let first = Paging::first();
        let forms = reader.list_forms(&FormFilter::default(), &first).await;
        let forms = forms.expect("a page").items;
        let form = forms.iter().find(|row| row.form.id == 2).expect("form 2");
        assert_eq!(form.came.submissions.to_string(), expected.to_string());
        let form = reader.find_form(2).await.expect("a form");
        assert_eq!(form.came.submissions.to_string(), expected.to_string());
        let campaigns = reader
            .list_campaigns(&CampaignFilter::default(), &first)
            .await;
        let campaigns = campaigns.expect("a page").items;
        let came: Vec<String> = campaigns
            .iter()
            .map(|row| row.came.leads.to_string())
            .collect();
        let leads = if expected == 120 { "20" } else { "10" };
        assert_eq!(came, [leads, "0"]);
    }
    let figures = eve.figures(NOW).await.expect("figures");
    assert_eq!(figures.held, 0, "none of hers is held");
    let latest = eve.list_latest_submissions().await.expect("the latest");
    assert!(latest.iter().all(|row| row.id % 12 == 6), "{latest:?}");
    let account = world.sam.find_account(1).await.expect("Sam's account");
    assert_eq!(account.holds.submissions.to_string(), "110");
}

on_both!(submissions_without_a_lead_follow_the_account_s_default_owner);
async fn submissions_without_a_lead_follow_the_account_s_default_owner(test: TestStore) {
    let (world, eve) = own_only(test).await;
    let administrator = world.administrator.administrator().expect("Ada");
    for (owner, of_eve, of_sam) in [(Some(3), "110", "10"), (None, "10", "110")] {
        let set = administrator.set_account_owner(1, owner, NOW).await;
        set.expect("set");
        assert_eq!(counted(&eve, &[]).await.0, of_eve);
        assert_eq!(counted(&world.sam, &[]).await.0, of_sam);
    }
}

on_both!(what_the_sync_brings_has_its_owner_from_the_start);
async fn what_the_sync_brings_has_its_owner_from_the_start(test: TestStore) {
    let world = crate::world::World::connected(test, Seed::Demo).await;
    let worker = world.worker("one", Pace::default()).await;
    worker.run_until_idle().await.expect("synced");
    let all = "SELECT count(*) AS n FROM submission";
    assert!(world.test.count(all).await > 0);
    let astray = "SELECT count(*) AS n FROM submission s LEFT JOIN lead l ON l.id = s.lead_id \
         WHERE s.owner_id IS NULL OR s.owner_id <> COALESCE(l.owner_id, 1)";
    assert_eq!(world.test.count(astray).await, 0);
}

on_both!(settings_are_changed_by_who_has_seen_them_and_the_log_says_so);
async fn settings_are_changed_by_who_has_seen_them_and_the_log_says_so(test: TestStore) {
    let world = world(test).await;
    let ada = world.administrator.administrator().expect("Ada");
    let seen = ada.settings().await.expect("settings");
    assert_eq!(seen.salesperson_visibility, Visibility::All);
    assert_eq!(seen.lead_source, "LinkedIn Sponsored Content");
    let other = Settings {
        lead_source: "LinkedIn".to_owned(),
        leads_from_tests: true,
        second_factor_required: false,
        ..seen.clone()
    };
    ada.save_settings(&other, NOW).await.expect("saved");
    let late = Settings {
        salesperson_visibility: Visibility::Own,
        ..seen
    };
    let error = ada.save_settings(&late, NOW).await.expect_err("too late");
    assert_eq!(error.kind(), Kind::Conflict);
    let now = ada.settings().await.expect("settings");
    assert_eq!(
        now,
        Settings {
            version: 1,
            ..other
        }
    );
    ada.save_settings(&now, NOW).await.expect("nothing to do");
    let blank = Settings {
        lead_source: String::new(),
        ..now
    };
    let error = ada.save_settings(&blank, NOW).await.expect_err("blank");
    assert_eq!(error.kind(), Kind::Invalid);

    let told = "SELECT after AS t FROM audit_event WHERE noun = 'settings'";
    assert_eq!(
        world.test.texts(told).await,
        [r#"{"lead_source":"LinkedIn","leads_from_tests":"true"}"#]
    );
}
