//! Two leads of one person become one, and two again, on both databases: row 56 of the parity
//! checklist.

use leadline::error::Kind;
use leadline::merge::Choice;
use leadline::store::access::{Administrator, Reader, Signed};
use leadline::store::merges::MergeWish;
use leadline::store::people::NewPerson;
use leadline::store::views::lead::Happening;
use leadline::store::views::leads::LeadFilter;
use leadline::store::views::paging::Paging;

use crate::on_both;
use crate::process::response;
use crate::support::TestStore;

const NOW: i64 = 1_780_000_000_000;
/// When leads are merged: after everything else.
const LATER: i64 = 2_000_000_000_000;

/// What everything is about in a story: each lead with its fields, what belongs to it, its keys.
const LEADS: &str = "SELECT l.id || ' ' || l.state || ' ' || COALESCE(l.merged_into_id, 0) || ' ' || COALESCE(l.owner_id, 0) \
     || ' ' || l.fields || ' ' || l.provenance || ' ' || l.full_name || ' ' || l.email_key || ' ' || l.submission_count \
     || ' ' || l.latest_submitted_at || ' ' || COALESCE(l.first_form_id, 0) || ' ' || COALESCE(l.latest_form_id, 0) AS t FROM lead l";
const SUBMISSIONS: &str = "SELECT s.linkedin_id || ' ' || s.lead_id || ' ' || COALESCE(s.owner_id, 0) AS t FROM submission s";
const KEYS: &str = "SELECT k.field || ' ' || k.value || ' ' || k.lead_id AS t FROM lead_key k";

struct World {
    test: TestStore,
    administrator: Administrator,
    reader: Reader,
}

/// Three leads: 1 of ann@ with two submissions, 2 of anna@ with one, 3 of bob@ with one.
async fn world(test: TestStore) -> World {
    let account = test.account().await;
    let mut signed = Vec::new();
    for (name, administrator) in [("Ada", true), ("Sam", false)] {
        let new = NewPerson {
            email: &format!("{name}@example.com"),
            name,
            password: "a long and quiet evening",
            administrator,
            salesperson: !administrator,
        };
        let person = test.store.create_person(new, NOW).await.expect("made");
        signed.push(Signed::new(test.store.clone(), person));
    }
    let page = vec![
        response("a1", NOW, "ann@x.example", "Cook"),
        response("a2", NOW + 10, "ann@x.example", "Chef"),
        response("b1", NOW + 20, "anna@x.example", "Head chef"),
        response("c1", NOW + 5, "bob@x.example", "Baker"),
    ];
    test.arrive(account, page).await;
    test.decide().await;
    test.sql("UPDATE lead SET owner_id = 2 WHERE id IN (SELECT lead_id FROM submission WHERE linkedin_id = 'b1')")
        .await;
    test.sql("UPDATE submission SET owner_id = 2 WHERE linkedin_id = 'b1'")
        .await;
    World {
        administrator: signed[0].administrator().expect("an administrator"),
        reader: signed[0].reader().expect("a reader"),
        test,
    }
}

impl World {
    /// The lead of a submission.
    async fn lead_of(&self, submission: &str) -> i64 {
        let sql = format!("SELECT lead_id AS n FROM submission WHERE linkedin_id = '{submission}'");
        self.test.count(&sql).await
    }

    async fn everything(&self) -> Vec<String> {
        let mut all = self.test.texts(LEADS).await;
        all.extend(self.test.texts(SUBMISSIONS).await);
        all.extend(self.test.texts(KEYS).await);
        all
    }

    async fn merge(&self, survivor: i64, other: i64, from_other: &[&str]) {
        let wish = wish(other, from_other);
        let merged = self.administrator.merge_leads(survivor, &wish, LATER).await;
        merged.expect("merged");
    }

    async fn arrives(&self, id: &str, at: i64, email: &str, job: &str) {
        self.test
            .arrive(1, vec![response(id, at, email, job)])
            .await;
        self.test.decide().await;
    }

    /// Decides every submission again.
    async fn replay(&self) {
        self.test.sql("UPDATE submission SET due_at = 0").await;
        assert!(self.test.decide().await > 0);
    }

    /// No submission is lost, or belongs to a lead that is not there; the counts are right.
    async fn check_books(&self) {
        let wrong = "SELECT count(*) AS n FROM lead l WHERE submission_count <> \
             (SELECT count(*) FROM submission s WHERE s.lead_id = l.id)";
        assert_eq!(self.test.count(wrong).await, 0, "a count is wrong");
        let lost = "SELECT count(*) AS n FROM submission s LEFT JOIN lead l ON l.id = s.lead_id AND l.state <> 'merged' \
             WHERE l.id IS NULL OR COALESCE(s.owner_id, 0) <> COALESCE(l.owner_id, 0)";
        assert_eq!(self.test.count(lost).await, 0, "a submission is lost");
        let keyed = "SELECT count(*) AS n FROM lead_key k JOIN lead l ON l.id = k.lead_id WHERE l.state = 'merged'";
        assert_eq!(self.test.count(keyed).await, 0, "a merged lead is found");
    }

    async fn listed(&self) -> Vec<i64> {
        let (all, first) = (LeadFilter::default(), Paging::first());
        let page = self.reader.list_leads(&all, &first).await.expect("a page");
        page.items.iter().map(|lead| lead.id).collect()
    }
}

fn wish(other: i64, from_other: &[&str]) -> MergeWish {
    MergeWish {
        other,
        choice: Choice {
            from_other: from_other.iter().map(|name| (*name).to_owned()).collect(),
            owner: None,
        },
        seen: None,
    }
}

on_both!(row_56_merging_two_leads_moves_their_submissions);
async fn row_56_merging_two_leads_moves_their_submissions(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    world.merge(ann, anna, &["emailaddress1"]).await;
    world.check_books().await;
    assert_eq!(world.lead_of("b1").await, ann);

    let lead = world.reader.find_lead(ann).await.expect("the survivor");
    assert_eq!(lead.row.submission_count, 3);
    assert_eq!(lead.row.latest_submitted_at, NOW + 20);
    assert_eq!(lead.fields["emailaddress1"], "anna@x.example");
    assert_eq!(lead.fields["jobtitle"], "Chef", "its own, as chosen");
    assert_eq!(lead.submissions.len(), 3);
    assert_eq!(lead.undoable, Some(anna));
    let told: Vec<_> = lead.history.iter().map(|e| (e.what, e.lead_id)).collect();
    let expected = [
        (Happening::Merged, ann),
        (Happening::Updated, ann),
        (Happening::Created, anna),
        (Happening::Created, ann),
    ];
    assert_eq!(told.len(), 4, "the history of both");
    assert!(
        expected.iter().all(|entry| told.contains(entry)),
        "{told:?}"
    );
    assert_eq!(lead.history[0].actor, "Ada");
    assert_eq!(lead.history[0].about_id, Some(anna));

    let gone = world
        .reader
        .find_lead(anna)
        .await
        .expect("it still has a page");
    assert_eq!(gone.row.merged_into_id, Some(ann));
    assert!(!world.listed().await.contains(&anna));
    let records = world
        .reader
        .list_lead_records(&LeadFilter::default(), &Paging::first())
        .await
        .expect("a page");
    assert_eq!(
        (records.items.len(), records.total.to_string().as_str()),
        (2, "2")
    );

    let told = "SELECT actor_name || ' ' || action || ' ' || noun_name || ' ' || after AS t FROM audit_event WHERE noun = 'lead'";
    let expected = format!("Ada merged {ann} {{\"merged\":{anna},\"submissions\":1}}");
    assert_eq!(
        world.test.texts(told).await,
        [expected],
        "without any value"
    );
}

on_both!(row_56_undoing_a_merge_gives_both_leads_back);
async fn row_56_undoing_a_merge_gives_both_leads_back(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let before = world.everything().await;
    for (survivor, other) in [(ann, anna), (anna, ann)] {
        world.merge(survivor, other, &["jobtitle"]).await;
        assert_ne!(world.everything().await, before);
        let back = world
            .administrator
            .unmerge_lead(survivor, None, LATER + 1)
            .await;
        assert_eq!(back.expect("undone"), other);
        assert_eq!(world.everything().await, before);
        world.check_books().await;
    }
    let lead = world.reader.find_lead(ann).await.expect("the lead");
    assert_eq!(lead.undoable, None);
    assert_eq!(lead.history[0].what, Happening::Unmerged);
    let again = world.administrator.unmerge_lead(ann, None, LATER + 2).await;
    assert_eq!(again.expect_err("undone already").kind(), Kind::Conflict);
}

on_both!(row_56_a_replay_or_a_re_sync_goes_to_the_survivor);
async fn row_56_a_replay_or_a_re_sync_goes_to_the_survivor(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    world.merge(ann, anna, &["emailaddress1"]).await;
    let merged = world.everything().await;
    world.replay().await;
    assert_eq!(world.everything().await, merged, "a replay changes nothing");
    let known = vec![response("b1", NOW + 20, "anna@x.example", "Head chef")];
    assert_eq!(world.test.arrive(1, known).await, 0, "it is there already");

    world
        .arrives("b2", NOW + 30, "anna@x.example", "Owner")
        .await;
    assert_eq!(
        world.lead_of("b2").await,
        ann,
        "found by the address it has now"
    );
    world.check_books().await;
    world.replay().await;
    assert_eq!(world.test.count("SELECT count(*) AS n FROM lead").await, 3);
    world.check_books().await;
}

on_both!(row_56_what_happened_after_the_merge_stays_when_it_is_undone);
async fn row_56_what_happened_after_the_merge_stays_when_it_is_undone(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    world.merge(ann, anna, &["jobtitle", "emailaddress1"]).await;
    world
        .arrives("b2", NOW + 30, "anna@x.example", "Owner")
        .await;

    let seen = world
        .administrator
        .find_undoable(ann, LATER + 1)
        .await
        .expect("it can be");
    assert_eq!((seen.returning, seen.came), (1, 1));
    assert_eq!(
        seen.undone.kept,
        ["emailaddress1", "jobtitle"],
        "b2 said so, too, or something else"
    );
    assert_eq!(seen.other.id, anna);
    let version = Some(seen.lead.version);
    let stale = world
        .administrator
        .unmerge_lead(ann, Some(0), LATER + 1)
        .await;
    assert_eq!(stale.expect_err("not what was seen").kind(), Kind::Conflict);
    world
        .administrator
        .unmerge_lead(ann, version, LATER + 1)
        .await
        .expect("undone");

    world.check_books().await;
    assert_eq!(world.lead_of("b1").await, anna);
    assert_eq!(world.lead_of("b2").await, ann, "it came to the survivor");
    let lead = world.reader.find_lead(ann).await.expect("the survivor");
    assert_eq!(lead.fields["jobtitle"], "Owner");
    assert_eq!(
        lead.fields["emailaddress1"], "anna@x.example",
        "b2 said so, too"
    );
    assert_eq!(
        (lead.row.submission_count, lead.row.latest_submitted_at),
        (3, NOW + 30)
    );
    let back = world.reader.find_lead(anna).await.expect("the other");
    assert_eq!(back.fields["jobtitle"], "Head chef");
    assert_eq!(
        (back.row.open, back.row.owner_id, back.row.submission_count),
        (true, Some(2), 1)
    );
}

on_both!(row_56_a_chain_of_merges_is_undone_in_reverse);
async fn row_56_a_chain_of_merges_is_undone_in_reverse(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let bob = world.lead_of("c1").await;
    let before = world.everything().await;
    world.merge(anna, ann, &[]).await;
    let between = world.everything().await;
    world.merge(bob, anna, &["emailaddress1"]).await;
    world.check_books().await;
    for gone in [ann, anna] {
        let page = world.reader.find_lead(gone).await.expect("a page");
        assert_eq!(
            page.row.merged_into_id,
            Some(bob),
            "the one that stands for it"
        );
    }
    let lead = world.reader.find_lead(bob).await.expect("the survivor");
    assert_eq!((lead.row.submission_count, lead.submissions.len()), (4, 4));
    let from: Vec<i64> = lead.history.iter().map(|entry| entry.lead_id).collect();
    assert!(
        [ann, anna, bob].iter().all(|id| from.contains(id)),
        "{from:?}"
    );

    let early = world
        .administrator
        .unmerge_lead(anna, None, LATER + 1)
        .await;
    assert_eq!(
        early.expect_err("it is merged itself").kind(),
        Kind::NotFound
    );
    assert_eq!(
        world
            .administrator
            .unmerge_lead(bob, None, LATER + 1)
            .await
            .expect("undone"),
        anna
    );
    assert_eq!(world.everything().await, between);
    assert_eq!(
        world
            .administrator
            .unmerge_lead(anna, None, LATER + 2)
            .await
            .expect("undone"),
        ann
    );
    assert_eq!(world.everything().await, before);
}

on_both!(row_56_of_two_merges_into_one_lead_the_later_is_undone_first);
async fn row_56_of_two_merges_into_one_lead_the_later_is_undone_first(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let bob = world.lead_of("c1").await;
    let before = world.everything().await;
    world.merge(ann, anna, &["jobtitle"]).await;
    world.merge(ann, bob, &["jobtitle"]).await;
    for expected in [bob, anna] {
        let back = world.administrator.unmerge_lead(ann, None, LATER + 1).await;
        assert_eq!(back.expect("undone"), expected);
        world.check_books().await;
    }
    assert_eq!(world.everything().await, before);
}

on_both!(row_56_what_cannot_be_merged_is_refused_and_changes_nothing);
async fn row_56_what_cannot_be_merged_is_refused_and_changes_nothing(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let bob = world.lead_of("c1").await;
    let before = world.everything().await;
    let refused = async |survivor, wish: MergeWish| {
        let merged = world
            .administrator
            .merge_leads(survivor, &wish, LATER)
            .await;
        merged.expect_err("refused").kind()
    };
    assert_eq!(refused(ann, wish(ann, &[])).await, Kind::Invalid, "itself");
    assert_eq!(
        refused(ann, wish(99, &[])).await,
        Kind::Invalid,
        "not there"
    );
    assert_eq!(refused(99, wish(ann, &[])).await, Kind::NotFound);
    for seen in [(0, 1), (1, 0)] {
        let stale = MergeWish {
            seen: Some(seen),
            ..wish(anna, &[])
        };
        assert_eq!(refused(ann, stale).await, Kind::Conflict, "{seen:?}");
    }
    let mut nobody = wish(anna, &[]);
    nobody.choice.owner = Some(99);
    assert_eq!(refused(ann, nobody).await, Kind::Invalid);
    assert_eq!(world.everything().await, before);

    world.merge(ann, anna, &[]).await;
    assert_eq!(
        refused(bob, wish(anna, &[])).await,
        Kind::Invalid,
        "merged already"
    );
    assert_eq!(refused(anna, wish(bob, &[])).await, Kind::NotFound);
}

on_both!(row_56_of_two_administrators_at_once_one_merges);
async fn row_56_of_two_administrators_at_once_one_merges(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let (into_ann, into_anna) = (wish(anna, &[]), wish(ann, &[]));
    let (one, two) = tokio::join!(
        world.administrator.merge_leads(ann, &into_ann, LATER),
        world.administrator.merge_leads(anna, &into_anna, LATER),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    world.check_books().await;
}

on_both!(row_56_a_lead_that_continues_a_merged_one_still_finds_it);
async fn row_56_a_lead_that_continues_a_merged_one_still_finds_it(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let bob = world.lead_of("c1").await;
    world
        .test
        .sql(&format!(
            "UPDATE lead SET follows_id = {anna} WHERE id IN ({ann}, {bob})"
        ))
        .await;
    world.merge(ann, anna, &[]).await;
    let follows = async |id| {
        world
            .reader
            .find_lead(id)
            .await
            .expect("a lead")
            .row
            .follows_id
    };
    assert_eq!(follows(bob).await, Some(ann));
    assert_eq!(follows(ann).await, None, "it does not continue itself");
    world
        .administrator
        .unmerge_lead(ann, None, LATER)
        .await
        .expect("undone");
    assert_eq!(
        (follows(bob).await, follows(ann).await),
        (Some(anna), Some(anna))
    );
}

on_both!(row_56_leads_that_may_be_of_one_person_are_suggested);
async fn row_56_leads_that_may_be_of_one_person_are_suggested(test: TestStore) {
    let world = world(test).await;
    let (ann, anna) = (world.lead_of("a1").await, world.lead_of("b1").await);
    let suggested = async || {
        let doubles = world.administrator.list_doubles(ann).await.expect("a list");
        doubles.iter().map(|lead| lead.id).collect::<Vec<_>>()
    };
    assert_eq!(suggested().await, [0; 0]);
    world.test.sql(&format!("INSERT INTO lead_key (field, value, lead_id) VALUES ('emailaddress1', 'ann@x.example', {anna})")).await;
    assert_eq!(suggested().await, [anna]);
    world.merge(ann, anna, &[]).await;
    assert_eq!(suggested().await, [0; 0], "not once they are one");
}
