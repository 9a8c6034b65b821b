//! What the old connector did, and where it fell short: a test for each row of the checklist that is
//! about matching and mapping. What the databases could do differently is tested elsewhere, on both.

use leadline::error::Kind;
use leadline::lead::Policy;
use leadline::mapping::{FieldMapping, Source, TooLong, default_mappings};
use leadline::matching::{Otherwise, Several, Strategy, default_strategy};

use leadline::store::forget::MadeLeads;
use leadline::store::lead_edit::LeadEdit;
use leadline::store::now;
use leadline::store::strategies::VersionedStrategy;
use leadline::store::views::submission::AttemptOutcome;
use leadline::submission::{MatchingStatus, ProcessingState};

use crate::desk::{Desk, NOW, response};
use crate::support::TestStore;

impl Desk {
    async fn on_sqlite() -> Desk {
        Desk::new(TestStore::sqlite().await).await
    }

    /// What a lead holds in a field.
    async fn holds(&self, response: &str, field: &str) -> String {
        let lead = self.reader().find_lead(self.lead_of(response).await).await;
        let fields = lead.expect("a lead").fields;
        fields.get(field).cloned().unwrap_or_default()
    }

    /// Changes the strategy that there is from the start.
    async fn strategy(&self, change: impl FnOnce(&mut VersionedStrategy)) {
        let all = self.administrator.list_strategies().await.expect("a list");
        let id = all[0].strategy.id;
        let mut edit = self.administrator.edit_strategy(id).await.expect("it");
        change(&mut edit);
        let saved = self.administrator.save_strategy(&edit, NOW).await;
        saved.expect("saved");
    }

    async fn maps(&self, source: Source, lead_field: &str, policy: Policy) {
        let mapping = FieldMapping {
            id: 0,
            source,
            form: None,
            steps: Vec::new(),
            lead_field: lead_field.to_owned(),
            policy,
            too_long: TooLong::Cut,
        };
        let made = self.administrator.create_mapping(&mapping, NOW).await;
        made.expect("made");
    }

    async fn close(&self, response: &str) {
        let id = self.lead_of(response).await;
        let lead = self.reader().find_lead(id).await.expect("a lead");
        let edit = LeadEdit {
            fields: lead.fields.clone(),
            owner: None,
            open: false,
            version: lead.row.version,
        };
        let salesperson = self.signed().salesperson().expect("may edit");
        let saved = salesperson.edit_lead(id, &edit, now()).await;
        assert!(saved.expect("saved"));
    }
}

#[tokio::test]
async fn row_21_every_answer_stays_on_the_submission_though_nothing_maps_it() {
    let desk = Desk::on_sqlite().await;
    let says = response("a", NOW, "ada@example.com").asked("Favourite boat?", "A ketch");
    desk.arrive(vec![says]).await;
    let submission = desk.submission("a").await;
    let said = submission.answers.answers.iter().map(|a| a.value.text());
    assert_eq!(said.collect::<Vec<_>>(), ["ada@example.com", "A ketch"]);
    let ketch = "SELECT count(*) AS n FROM lead WHERE fields LIKE '%ketch%'";
    assert_eq!(desk.test.count(ketch).await, 0);
}

#[tokio::test]
async fn row_22_a_submission_links_its_form_account_and_lead() {
    let desk = Desk::on_sqlite().await;
    desk.arrive(vec![response("a", NOW, "ada@example.com")])
        .await;
    let row = desk.submission("a").await.row;
    assert_eq!(row.account_name, "Ads");
    assert_eq!(row.form_name.as_deref(), Some("Demo"));
    assert_eq!((row.form_linkedin_id, row.form_version), (Some(7), Some(1)));
    assert_eq!(row.lead_id, Some(desk.lead_of("a").await));
}

#[test]
fn row_23_the_seven_matching_statuses_and_three_states_keep_their_numbers() {
    let numbers = MatchingStatus::ALL.map(MatchingStatus::code);
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6].map(|n| 192_350_000 + n));
    let numbers = ProcessingState::ALL.map(ProcessingState::code);
    assert_eq!(numbers, [0, 1, 2].map(|n| 192_350_000 + n));
    assert_eq!(MatchingStatus::Failed.label(), "Match failed");
    assert_eq!(
        MatchingStatus::MatchedNotUpdated.label(),
        "Lead matched but not updated"
    );
}

#[tokio::test]
async fn row_24_every_attempt_says_by_which_rule_and_why() {
    let desk = Desk::on_sqlite().await;
    let first = response("a", NOW - 1, "ada@example.com").says("JOB_TITLE", "Buyer");
    let second = response("b", NOW, " ADA@example.com").says("JOB_TITLE", "Head");
    desk.arrive(vec![first, second]).await;
    let attempt = desk.submission("b").await.attempts.remove(0);
    assert_eq!(attempt.outcome, AttemptOutcome::Updated);
    assert_eq!(attempt.trace.decision, "Updated the lead that was found.");
    let tried = &attempt.trace.strategies[0];
    assert_eq!(tried.name, "E-mail (default)");
    assert_eq!(tried.compared[0].value.as_deref(), Some("ada@example.com"));
    assert_eq!(tried.candidates[0].lead, desk.lead_of("a").await);
    assert_eq!(
        tried.candidates[0].verdict,
        "Chosen: the only open lead that is equal."
    );
    let change = &attempt.changes[0];
    assert_eq!(
        (change.before.as_deref(), change.after.as_deref()),
        (Some("Buyer"), Some("Head"))
    );
    let mapped = attempt
        .trace
        .mappings
        .iter()
        .find(|m| m.lead_field == "jobtitle");
    assert_eq!(mapped.expect("traced").input.as_deref(), Some("Head"));
}

#[tokio::test]
async fn row_27_the_default_strategy_compares_the_e_mail_address() {
    let desk = Desk::on_sqlite().await;
    let all = desk.administrator.list_strategies().await.expect("a list");
    assert_eq!(all.len(), 1);
    assert!(all[0].active);
    assert_eq!(all[0].strategy.fields, ["emailaddress1"]);
    assert!(!all[0].strategy.always_create);
}

#[tokio::test]
async fn row_29_one_act_makes_a_strategy_the_only_active_one() {
    let desk = Desk::on_sqlite().await;
    let by_phone = VersionedStrategy {
        strategy: Strategy {
            name: "Phone".to_owned(),
            fields: vec!["mobilephone".to_owned()],
            ..default_strategy()
        },
        active: false,
        version: 0,
    };
    let ann = &desk.administrator;
    let id = ann.create_strategy(&by_phone, NOW).await.expect("made");
    let only = async |version| ann.make_only_active(id, version, NOW).await;
    let late = only(7).await.map_err(|error| error.kind());
    assert_eq!(late, Err(Kind::Conflict), "another version was read");
    only(1).await.expect("switched");
    let state = async || {
        let all = ann.list_strategies().await.expect("a list").into_iter();
        let all = all.map(|view| (view.strategy.name, view.active, view.version));
        all.collect::<Vec<_>>()
    };
    let switched = [("E-mail (default)", false, 2), ("Phone", true, 2)];
    let switched = switched.map(|(name, active, version)| (name.to_owned(), active, version));
    assert_eq!(state().await, switched);
    only(2).await.expect("nothing to switch");
    assert_eq!(state().await, switched, "nothing is touched");
    let log = "SELECT noun_name || ' ' || before || ' ' || after AS t FROM audit_event \
         WHERE action = 'changed' AND noun = 'matching strategy' ORDER BY id";
    let told = desk.test.texts(log).await;
    assert_eq!(
        told,
        [
            r#"E-mail (default) {"active":true} {"active":false}"#,
            r#"Phone {"active":false} {"active":true}"#
        ]
    );
    let one =
        |id: &str, email: &str| response(id, NOW, email).says("PHONE_NUMBER", "+49 30 901820");
    desk.arrive(vec![
        one("a", "ada@example.com"),
        one("b", "other@example.com"),
    ])
    .await;
    assert_eq!(desk.lead_of("b").await, desk.lead_of("a").await);
}

#[tokio::test]
async fn row_31_all_fields_of_a_strategy_must_be_equal() {
    let desk = Desk::on_sqlite().await;
    desk.strategy(|s| s.strategy.fields.push("companyname".to_owned()))
        .await;
    let at = |id: &str, company: &str| {
        response(id, NOW, "ada@example.com").says("COMPANY_NAME", company)
    };
    desk.arrive(vec![at("a", "Acme"), at("b", "acme "), at("c", "Other")])
        .await;
    assert_eq!(desk.lead_of("b").await, desk.lead_of("a").await);
    assert_ne!(desk.lead_of("c").await, desk.lead_of("a").await);
}

#[tokio::test]
async fn row_33_values_are_compared_in_one_form_and_a_blank_equals_nothing() {
    let desk = Desk::on_sqlite().await;
    let addresses = [
        "Ada@Example.com",
        " ada@example.COM ",
        "ａｄａ@example.com",
        "",
        "  ",
    ];
    let says = addresses.iter().zip(0..);
    let says = says.map(|(address, n)| response(&n.to_string(), NOW + n, address));
    desk.arrive(says.collect()).await;
    assert_eq!(desk.leads().await, 3, "one of Ada, and one for each blank");
    desk.strategy(|s| s.strategy.fields = vec!["mobilephone".to_owned()])
        .await;
    let numbers = ["+49 30 901820", "0049 (0)30 90 18 20", "00493090-1820"]
        .iter()
        .zip(10..);
    let calls = numbers
        .map(|(number, n)| response(&n.to_string(), NOW + n, "").says("PHONE_NUMBER", number));
    desk.arrive(calls.collect()).await;
    assert_eq!(
        desk.leads().await,
        4,
        "one more, however its number is written"
    );
}

#[tokio::test]
async fn row_34_no_match_makes_a_new_lead() {
    let desk = Desk::on_sqlite().await;
    let says = ["ada@example.com", "bob@example.com"];
    desk.arrive(says.map(|s| response(s, NOW, s)).to_vec())
        .await;
    for id in says {
        assert_eq!(desk.became(id).await, "1 1");
    }
}

#[tokio::test]
async fn row_35_a_match_in_part_makes_a_new_lead_or_waits_as_the_setting_says() {
    let desk = Desk::on_sqlite().await;
    desk.strategy(|s| s.strategy.fields.push("companyname".to_owned()))
        .await;
    let at = |id: &str, company: &str| {
        response(id, NOW, "ada@example.com").says("COMPANY_NAME", company)
    };
    desk.arrive(vec![at("a", "Acme"), at("b", "Other")]).await;
    assert_eq!(desk.became("b").await, "1 1");
    let tried = desk
        .submission("b")
        .await
        .attempts
        .remove(0)
        .trace
        .strategies
        .remove(0);
    assert_eq!(tried.outcome, "Leads are equal in part only.");
    desk.strategy(|s| s.strategy.partial = Otherwise::Hold)
        .await;
    desk.arrive(vec![at("c", "Third")]).await;
    assert_eq!(desk.became("c").await, "3 0 partial_match");
    assert_eq!(desk.leads().await, 2);
}

#[tokio::test]
async fn row_36_of_several_leads_the_rule_takes_one_or_a_person_does() {
    let desk = Desk::on_sqlite().await;
    let buyer = |id: &str, email: &str| response(id, NOW, email).says("JOB_TITLE", "Buyer");
    desk.arrive(vec![
        buyer("a", "ada@example.com"),
        buyer("b", "bob@example.com"),
    ])
    .await;
    let (ada, bob) = (desk.lead_of("a").await, desk.lead_of("b").await);
    let later = format!("UPDATE lead SET modified_at = modified_at + 1 WHERE id = {bob}");
    desk.test.sql(&later).await;
    for (several, id, became, lead) in [
        (Several::Newest, "c", "2 1", Some(bob)),
        (Several::Oldest, "d", "2 1", Some(ada)),
        (Several::Hold, "e", "3 0 several_leads", None),
    ] {
        desk.strategy(|s| {
            s.strategy.fields = vec!["jobtitle".to_owned()];
            s.strategy.several = several;
        })
        .await;
        desk.arrive(vec![buyer(id, "")]).await;
        assert_eq!(desk.became(id).await, became, "{several:?}");
        assert_eq!(desk.submission(id).await.row.lead_id, lead, "{several:?}");
    }
}

#[tokio::test]
async fn row_37_always_creating_makes_exactly_one_lead_of_each_submission() {
    let desk = Desk::on_sqlite().await;
    desk.strategy(|s| s.strategy.always_create = true).await;
    let both = || {
        vec![
            response("a", NOW, "ada@example.com"),
            response("b", NOW, "ada@example.com"),
        ]
    };
    desk.arrive(both()).await;
    desk.arrive(both()).await;
    let all = leadline::store::views::submissions::SubmissionFilter::default();
    desk.administrator
        .start_replay(&all, NOW)
        .await
        .expect("begun");
    desk.decide().await;
    assert_eq!(desk.leads().await, 2);
}

#[tokio::test]
async fn row_39_the_source_is_set_once_and_the_lead_knows_its_first_and_latest_submission() {
    let desk = Desk::on_sqlite().await;
    desk.arrive(vec![response("a", NOW, "ada@example.com")])
        .await;
    let mut settings = desk.administrator.settings().await.expect("settings");
    settings.lead_source = "Trade fair".to_owned();
    desk.administrator
        .save_settings(&settings, NOW)
        .await
        .expect("saved");
    let both = vec![
        response("b", NOW + 5, "ada@example.com"),
        response("c", NOW + 6, "bob@example.com"),
    ];
    desk.arrive(both).await;
    let ada = desk
        .reader()
        .find_lead(desk.lead_of("a").await)
        .await
        .expect("Ada")
        .row;
    assert_eq!(ada.lead_source, "LinkedIn Sponsored Content");
    assert_eq!(
        (ada.submission_count, ada.latest_submitted_at),
        (2, NOW + 5)
    );
    assert_eq!(ada.first_form_name.as_deref(), Some("Demo"));
    let bob = desk
        .reader()
        .find_lead(desk.lead_of("c").await)
        .await
        .expect("Bob")
        .row;
    assert_eq!(bob.lead_source, "Trade fair");
}

#[tokio::test]
async fn row_40_every_predefined_question_with_a_column_fills_it() {
    let desk = Desk::on_sqlite().await;
    let mut says = response("a", NOW, "ada@example.com");
    let mappings = default_mappings();
    for mapping in &mappings {
        let Source::Predefined(keys) = &mapping.source else {
            panic!("{:?}", mapping.source)
        };
        let key = keys.split('|').next().expect("a key");
        let answer = match mapping.lead_field.as_str() {
            "emailaddress1" => continue,
            "emailaddress2" => "ada@work.example".to_owned(),
            "mobilephone" | "telephone1" => "+49 30 901820".to_owned(),
            field => format!("Says {}", &field[..8]),
        };
        says = says.says(key, &answer);
    }
    desk.arrive(vec![says]).await;
    for mapping in &mappings {
        let field = &mapping.lead_field;
        assert_ne!(desk.holds("a", field).await, "", "{field}");
    }
}

#[tokio::test]
async fn row_43_a_mapping_overwrites_fills_or_never_updates_and_blanks_erase_nothing() {
    let desk = Desk::on_sqlite().await;
    let asks = |name: &str| Source::Question(name.to_owned());
    desk.maps(asks("over"), "description", Policy::Overwrite)
        .await;
    desk.maps(asks("fill"), "websiteurl", Policy::FillEmpty)
        .await;
    desk.maps(asks("never"), "address1_city", Policy::Never)
        .await;
    let says = |id: &str, at: i64, over: &str, fill: &str, never: &str| {
        let says = response(id, at, "ada@example.com");
        says.asked("over", over)
            .asked("fill", fill)
            .asked("never", never)
    };
    desk.arrive(vec![says("a", NOW, "1", "", "one")]).await;
    desk.arrive(vec![says("b", NOW + 1, "2", "two.example", "two")])
        .await;
    desk.arrive(vec![says("c", NOW + 2, " ", "three.example", "")])
        .await;
    assert_eq!(desk.holds("a", "description").await, "2");
    assert_eq!(desk.holds("a", "websiteurl").await, "two.example");
    assert_eq!(desk.holds("a", "address1_city").await, "one");
}

#[tokio::test]
async fn row_45_hidden_fields_and_fixed_texts_are_mapped() {
    let desk = Desk::on_sqlite().await;
    desk.maps(
        Source::Hidden("utm_source".to_owned()),
        "description",
        Policy::Overwrite,
    )
    .await;
    desk.maps(
        Source::Constant("Spring fair".to_owned()),
        "address1_city",
        Policy::Overwrite,
    )
    .await;
    let says = response("a", NOW, "ada@example.com").hides("utm_source", "linkedin");
    desk.arrive(vec![says]).await;
    assert_eq!(desk.holds("a", "description").await, "linkedin");
    assert_eq!(desk.holds("a", "address1_city").await, "Spring fair");
}

#[tokio::test]
async fn row_46_tests_are_recognised_make_no_lead_and_are_deleted_in_one_act() {
    let desk = Desk::on_sqlite().await;
    let tests = || {
        let test = |id: &str| response(id, NOW, &format!("{id}@example.com")).test();
        vec![test("a"), test("b"), response("c", NOW, "ada@example.com")]
    };
    desk.arrive(tests()).await;
    let submission = desk.submission("a").await;
    assert!(submission.row.test);
    assert_eq!(
        submission.row.reason,
        "A test lead: kept as a submission, no lead is made."
    );
    assert_eq!(
        (desk.became("a").await, desk.leads().await),
        ("0 1 test_lead".to_owned(), 1)
    );
    let gone = desk.delete_tests(MadeLeads::Keep).await;
    assert_eq!(gone.submissions, 2);
    desk.arrive(tests()).await;
    assert_eq!(
        desk.test.linkedin_ids().await,
        ["c"],
        "a re-sync brings none back"
    );
}

#[tokio::test]
async fn row_47_consents_stay_with_their_wording_and_are_mapped() {
    let desk = Desk::on_sqlite().await;
    let wording = "Send me the newsletter.";
    desk.maps(
        Source::Consent(wording.to_lowercase()),
        "description",
        Policy::Overwrite,
    )
    .await;
    let says = response("a", NOW, "ada@example.com").consents(wording, true);
    desk.arrive(vec![says]).await;
    let submission = desk.submission("a").await;
    let consent = &submission.answers.consents[0];
    assert_eq!(
        (consent.text.as_str(), consent.accepted),
        (wording, Some(true))
    );
    assert_eq!(submission.row.submitted_at, NOW);
    assert_eq!(desk.holds("a", "description").await, "Yes");
}

#[tokio::test]
async fn a_closed_lead_is_never_rewritten_and_its_successor_says_so() {
    let desk = Desk::on_sqlite().await;
    desk.arrive(vec![
        response("a", NOW, "ada@example.com").says("JOB_TITLE", "Buyer"),
    ])
    .await;
    desk.close("a").await;
    desk.arrive(vec![
        response("b", NOW + 1, "ada@example.com").says("JOB_TITLE", "Head"),
    ])
    .await;
    assert_eq!(desk.holds("a", "jobtitle").await, "Buyer");
    let next = desk
        .reader()
        .find_lead(desk.lead_of("b").await)
        .await
        .expect("it");
    assert_eq!(next.row.follows_id, Some(desk.lead_of("a").await));
}
