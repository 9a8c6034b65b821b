//! The figures of the overview, and that the lists behind them show what they count.

use leadline::store::views::overview::week_of;
use leadline::store::views::paging::Paging;
use leadline::store::views::query::Day;

use super::{submissions, world};
use crate::on_both;
use crate::support::TestStore;

const DAY: i64 = 86_400_000;

on_both!(a_figure_leads_to_what_it_counts);
async fn a_figure_leads_to_what_it_counts(test: TestStore) {
    let world = world(test).await;
    let now = 20 * DAY + DAY / 2;
    let begun = week_of(now);
    world
        .test
        .sql(&format!(
            "UPDATE submission SET submitted_at = {begun} WHERE id < 9; \
             UPDATE submission SET submitted_at = {begun} - 1 WHERE id = 9"
        ))
        .await;
    let figures = world.sam.figures(now).await.expect("figures");
    let from = Day::of(begun).expect("a day").to_string();
    assert_eq!(from, "1970-01-15", "six days before today");
    for (counted, status) in [(figures.week, ""), (figures.created, "created")] {
        let filter = [("from", from.as_str()), ("status", status)];
        let list = world
            .sam
            .list_submissions(&submissions(&filter), &Paging::first())
            .await
            .expect("a page");
        assert_eq!(list.total.to_string(), counted.to_string(), "{status}");
        assert!(counted > 0);
    }
}

on_both!(a_bar_of_a_form_leads_to_its_submissions);
async fn a_bar_of_a_form_leads_to_its_submissions(test: TestStore) {
    let world = world(test).await;
    let bars = world.sam.count_by_form(DAY).await.expect("bars");
    let [bar] = bars.as_slice() else {
        panic!("one form has submissions")
    };
    let form = bar.key.to_string();
    let list = world
        .sam
        .list_submissions(&submissions(&[("form", &form)]), &Paging::first())
        .await
        .expect("a page");
    assert_eq!(list.total.to_string(), bar.submissions.to_string());
    assert_eq!((bar.name.as_str(), bar.submissions), ("Whitepaper", 120));
}

on_both!(only_a_chosen_account_needs_attention);
async fn only_a_chosen_account_needs_attention(test: TestStore) {
    let world = world(test).await;
    let stuck = || async {
        world
            .sam
            .figures(DAY)
            .await
            .expect("figures")
            .stuck_accounts
    };
    assert_eq!(stuck().await, 0);
    world
        .test
        .sql("UPDATE linked_account SET sync_state = 'forbidden'")
        .await;
    assert_eq!(stuck().await, 1, "Sam's, not Eve's");
    world
        .test
        .sql("UPDATE profile_account SET chosen = FALSE")
        .await;
    assert_eq!(stuck().await, 0, "nobody wants it any more");
}

on_both!(an_account_syncs_only_when_it_is_chosen_and_confirmed);
async fn an_account_syncs_only_when_it_is_chosen_and_confirmed(test: TestStore) {
    let world = world(test).await;
    let syncs = || async {
        let account = world.sam.find_account(1).await.expect("an account");
        let reached = world.sam.list_profile_accounts(1).await.expect("accounts");
        let status = world.sam.sync_status().await.expect("a status");
        let told = [
            account.account.syncs,
            reached[0].syncs,
            status.accounts[0].syncs,
        ];
        assert!(told.iter().all(|one| *one == told[0]), "all pages agree");
        told[0]
    };
    assert!(!syncs().await, "its receiver is not confirmed");
    world
        .test
        .sql("UPDATE user_profile SET confirmed_at = 1")
        .await;
    assert!(syncs().await);
    world
        .test
        .sql("UPDATE profile_account SET chosen = FALSE")
        .await;
    assert!(!syncs().await);
}
