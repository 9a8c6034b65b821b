use proptest::prelude::{Just, Strategy as _, prop, prop_assert_eq, prop_compose, proptest};

use super::*;
use crate::lead::{Policy, Provenance};
use crate::mapping::default_mappings;
use crate::matching::default_strategy;
use crate::submission::{Answer, AnswerValue};

/// Spellings of few persons, blanks among them.
const PEOPLE: [&str; 8] = [
    "ada@example.com",
    " ADA@Example.com ",
    "bob@example.com",
    "Bob@\u{200b}example.com",
    "zoë@example.com",
    "ZOË@EXAMPLE.COM",
    "",
    " \u{feff}\t",
];
const JOBS: [&str; 6] = ["Buyer", "BUYER", "Head of Sales", "", "  ", "محمد"];

fn rules() -> Rules {
    Rules {
        strategies: vec![default_strategy()],
        mappings: default_mappings(),
        lead_fields: LeadFields::standard(),
        lead_source: "LinkedIn".to_owned(),
        leads_from_tests: false,
        hold_changed_forms: false,
    }
}

fn by_email() -> LeadFields {
    LeadFields::standard().only(&["emailaddress1".to_owned()].into())
}

fn submission(id: i64, person: usize, job: usize, city: usize) -> Undecided {
    let answer = |key: &str, text: &str| Answer {
        question_id: None,
        name: String::new(),
        question: key.to_owned(),
        predefined: Some(key.to_owned()),
        value: AnswerValue::Text(text.to_owned()),
    };
    Undecided {
        id,
        submitted_at: 1_000 + id / 2,
        test: false,
        malformed: None,
        account: 1,
        answers: Answers {
            answers: vec![
                answer("EMAIL", PEOPLE[person]),
                answer("JOB_TITLE", JOBS[job]),
                answer("CITY", JOBS[city]),
            ],
            ..Answers::default()
        },
        facts: Facts::default(),
        form: Some(id % 3),
        form_changed: false,
        campaign: Some(id % 2),
        lead: None,
        decided: review::Decision::default(),
        owner: None,
    }
}

prop_compose! {
    fn submissions()(said in prop::collection::vec((0..PEOPLE.len(), 0..JOBS.len(), 0..JOBS.len()), 1..30))
        -> Vec<Undecided>
    {
        let said = said.into_iter().zip(1i64..);
        said.map(|((person, job, city), id)| submission(id, person, job, city)).collect()
    }
}

/// The leads as a database keeps them between batches, and which submission has which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    leads: Vec<Lead>,
    of: BTreeMap<i64, i64>,
}

impl Kept {
    /// Decides one batch in the order of submission, as the worker does.
    fn decide(&mut self, mut batch: Vec<Undecided>) -> Vec<Outcome> {
        batch.sort_by_key(|s| (s.submitted_at, s.id));
        let mut leads = Leads::new(self.leads.clone(), by_email());
        let outcomes: Vec<Outcome> = batch
            .iter()
            .map(|s| {
                let lead = self.of.get(&s.id).copied();
                apply(
                    &rules(),
                    &mut leads,
                    &Undecided { lead, ..s.clone() },
                    9_000,
                )
            })
            .collect();
        let real = |id: i64| {
            if id < 0 {
                self.leads.len() as i64 - id
            } else {
                id
            }
        };
        for outcome in &outcomes {
            self.of
                .extend(outcome.lead.map(|lead| (outcome.submission, real(lead))));
        }
        for lead in leads.changed() {
            self.leads[lead.id as usize - 1].clone_from(lead);
        }
        let made: Vec<Lead> = leads.made().cloned().collect();
        let first = self.leads.len() as i64;
        self.leads.extend(made.into_iter().map(|lead| Lead {
            id: first - lead.id,
            ..lead
        }));
        outcomes
    }

    /// What persons end with, whatever the leads are called.
    fn persons(&self) -> Vec<(Fields, i64, i64, Option<i64>)> {
        let known = |lead: &&Lead| lead.fields.contains_key("emailaddress1");
        let told = |lead: &Lead| {
            let count = lead.submission_count;
            let compared = |(name, value): (&String, &String)| {
                let key = LeadFields::standard().get(name)?.normalised(value)?;
                Some((name.clone(), key))
            };
            let fields: Fields = lead.fields.iter().filter_map(compared).collect();
            (fields, count, lead.latest_submitted_at, lead.latest_form)
        };
        let mut persons: Vec<_> = self.leads.iter().filter(known).map(told).collect();
        persons.sort();
        persons
    }
}

proptest! {
    #[test]
    fn it_does_not_matter_where_batches_end(all in submissions(), size in 1usize..30) {
        let (mut at_once, mut by_parts) = (Kept::default(), Kept::default());
        at_once.decide(all.clone());
        for part in all.chunks(size) {
            by_parts.decide(part.to_vec());
        }
        prop_assert_eq!(at_once.of, by_parts.of);
        prop_assert_eq!(at_once.leads.len(), by_parts.leads.len());
        for (one, other) in at_once.leads.iter().zip(&by_parts.leads) {
            prop_assert_eq!((&one.fields, &one.provenance), (&other.fields, &other.provenance));
            prop_assert_eq!(one.submission_count, other.submission_count);
        }
    }

    #[test]
    fn the_order_of_submission_decides_not_that_of_arrival(
        (all, arrived) in submissions().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        size in 1usize..30,
    ) {
        let at_other_times = |all: Vec<Undecided>| -> Vec<Undecided> {
            let later = |s: Undecided| Undecided { submitted_at: 1_000 + s.id, ..s };
            all.into_iter().map(later).collect()
        };
        let (all, arrived) = (at_other_times(all), at_other_times(arrived));
        let (mut in_order, mut as_it_came) = (Kept::default(), Kept::default());
        in_order.decide(all);
        for part in arrived.chunks(size) {
            as_it_came.decide(part.to_vec());
        }
        prop_assert_eq!(in_order.persons(), as_it_came.persons());
    }

    #[test]
    fn running_everything_again_changes_nothing(all in submissions(), part in 1usize..30) {
        let mut kept = Kept::default();
        kept.decide(all.clone());
        let before = kept.clone();
        for part in all.chunks(part) {
            for outcome in kept.decide(part.to_vec()) {
                prop_assert_eq!(&outcome.verdict, &Verdict::Unchanged);
                prop_assert_eq!(outcome.changes, []);
            }
            prop_assert_eq!(&kept, &before);
        }
    }

    #[test]
    fn every_submission_has_one_lead_and_every_lead_its_submissions(all in submissions()) {
        let mut kept = Kept::default();
        kept.decide(all.clone());
        prop_assert_eq!(kept.of.len(), all.len());
        for lead in &kept.leads {
            let many = kept.of.values().filter(|id| **id == lead.id).count();
            prop_assert_eq!(many as i64, lead.submission_count);
        }
    }

    #[test]
    fn a_blank_matches_nothing(blank in "[ \t\r\n\u{a0}\u{2003}\u{200b}-\u{200f}\u{feff}\u{ad}]{0,12}") {
        for field in LeadFields::standard().iter() {
            prop_assert_eq!(MatchKey::new(field, &blank), None);
        }
    }
}

/// A lead whose job title was written as it says.
fn lead(job: &str, by: Option<i64>) -> Lead {
    let origin = Origin {
        submission: by,
        submitted_at: 1_000,
    };
    Lead {
        id: 1,
        created_by: 1,
        follows: None,
        open: true,
        owner: None,
        fields: Fields::from([
            ("emailaddress1".to_owned(), "ada@example.com".to_owned()),
            ("jobtitle".to_owned(), job.to_owned()),
        ]),
        provenance: Provenance::from([("jobtitle".to_owned(), origin)]),
        source: String::new(),
        first_form: None,
        latest_form: None,
        first_campaign: None,
        latest_campaign: None,
        submission_count: 1,
        latest_submitted_at: 1_000,
        modified_at: 1,
        version: 1,
    }
}

fn rewritten(lead: Lead, policy: Policy, submission: &Undecided) -> String {
    let mut rules = rules();
    for mapping in &mut rules.mappings {
        mapping.policy = policy;
    }
    let mut leads = Leads::new(vec![lead], by_email());
    let known = Undecided {
        lead: Some(1),
        ..submission.clone()
    };
    apply(&rules, &mut leads, &known, 9_000);
    leads.leads[&1].lead.fields["jobtitle"].clone()
}

#[test]
fn a_submission_mends_what_it_wrote_itself_whatever_the_policy() {
    let buyer = submission(7, 0, 0, 3);
    for policy in [Policy::Overwrite, Policy::FillEmpty, Policy::Never] {
        assert_eq!(rewritten(lead("BUYR", Some(7)), policy, &buyer), "Buyer");
    }
    let kept = [
        (Policy::FillEmpty, 6),
        (Policy::Never, 6),
        (Policy::Overwrite, 8),
    ];
    for (policy, writer) in kept {
        let mut other = lead("BUYR", Some(writer));
        other
            .provenance
            .get_mut("jobtitle")
            .expect("it")
            .submitted_at = 1_003;
        assert_eq!(rewritten(other, policy, &buyer), "BUYR");
    }
}

#[test]
fn how_a_value_was_spelled_first_stays_unless_its_writer_mends_it() {
    let shouting = submission(7, 0, 1, 3);
    for writer in [None, Some(6)] {
        let spelled = lead("Buyer", writer);
        assert_eq!(rewritten(spelled, Policy::Overwrite, &shouting), "Buyer");
    }
    let own = lead("Buyer", Some(7));
    assert_eq!(rewritten(own, Policy::Overwrite, &shouting), "BUYER");
}
