//! What edited rules would do to submissions that are there: decided twice by the very functions
//! that the worker uses, once by the rules in force and once by the edited ones. Pure.

use std::collections::BTreeSet;

use crate::lead::{Change, Effect};
use crate::plan::{Leads, ONLY_THERE, Outcome, Rules, Undecided, Verdict, apply};

/// How many submissions come to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Would make a lead.
    pub created: usize,
    /// Would change a lead that is there.
    pub updated: usize,
    /// Would find a lead and change nothing in it.
    pub unchanged: usize,
    /// Would wait for a person.
    pub held: usize,
    /// Would be left out, such as test leads.
    pub skipped: usize,
}

impl Counts {
    /// Counts one more.
    pub fn count(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Created => &mut self.created,
            Verdict::Updated => &mut self.updated,
            Verdict::Unchanged => &mut self.unchanged,
            Verdict::Held(..) => &mut self.held,
            Verdict::Skipped(..) => &mut self.skipped,
        } += 1;
    }
}

/// One submission that edited rules would treat differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Leadline's id of the submission.
    pub submission: i64,
    /// What it comes to by the rules in force, in words.
    pub today: String,
    /// What it would come to, in words.
    pub edited: String,
    /// The lead fields that would get another value: by the rules in force, by the edited ones.
    pub fields: Vec<Change>,
}

/// What edited rules would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// How many submissions were decided.
    pub submissions: usize,
    /// What they come to by the rules in force.
    pub today: Counts,
    /// What they would come to.
    pub edited: Counts,
    /// Those that would be treated differently, the newest first.
    pub different: Vec<Difference>,
    /// Why the organization that leads live in could not be asked; then this is what was known of its
    /// leads.
    pub not_asked: Option<String>,
}

/// Decides the submissions by both sets of rules, as if they arrived now in the order in which they
/// were submitted. Both begin with the same leads.
#[must_use]
pub fn preview(
    in_force: &Rules,
    edited: &Rules,
    leads: &Leads,
    submissions: &[Undecided],
    now: i64,
) -> Preview {
    let decide = |rules: &Rules| -> Vec<Outcome> {
        let mut leads = leads.clone();
        submissions
            .iter()
            .map(|submission| apply(rules, &mut leads, &submission.as_if_new(), now))
            .collect()
    };
    let (today, later) = (decide(in_force), decide(edited));
    let mut preview = Preview {
        submissions: submissions.len(),
        ..Preview::default()
    };
    for (today, later) in today.iter().zip(&later) {
        preview.today.count(&today.verdict);
        preview.edited.count(&later.verdict);
        preview.different.extend(difference(today, later));
    }
    preview.different.reverse();
    preview
}

fn difference(today: &Outcome, edited: &Outcome) -> Option<Difference> {
    let fields = differing_fields(today, edited);
    let words = [today, edited].map(words);
    if fields.is_empty() && words[0] == words[1] {
        return None;
    }
    let [today_words, edited_words] = words;
    Some(Difference {
        submission: today.submission,
        today: today_words,
        edited: edited_words,
        fields,
    })
}

/// What a submission comes to. Whether a lead that is found has anything left to change depends on
/// what was written before, so it is no difference between rules.
fn words(outcome: &Outcome) -> String {
    match (&outcome.verdict, outcome.lead) {
        (Verdict::Created, _) => "Makes a new lead".to_owned(),
        (Verdict::Held(_, why), _) => format!("Held: {why}"),
        (Verdict::Skipped(_, why), _) => why.clone(),
        (_, Some(lead)) if lead >= ONLY_THERE => {
            let number = lead - ONLY_THERE + 1;
            format!("Belongs to a lead that is only in Dynamics 365 so far (no. {number})")
        }
        (_, Some(lead)) if lead > 0 => format!("Belongs to lead {lead}"),
        _ => "Belongs to a lead made by an earlier one of these".to_owned(),
    }
}

fn differing_fields(today: &Outcome, edited: &Outcome) -> Vec<Change> {
    let names = |outcome: &Outcome| -> BTreeSet<String> {
        let traces = outcome.trace.mappings.iter();
        traces.map(|trace| trace.lead_field.clone()).collect()
    };
    let value = |outcome: &Outcome, name: &str| {
        let mut traces = outcome.trace.mappings.iter();
        let found = traces.find(|trace| {
            trace.lead_field == name && trace.output.is_some() && trace.effect != Effect::Superseded
        });
        found.and_then(|trace| trace.output.clone())
    };
    let names = names(today).into_iter().chain(names(edited));
    let names: BTreeSet<String> = names.collect();
    let change = |field: String| Change {
        before: value(today, &field),
        after: value(edited, &field),
        field,
    };
    let changes = names.into_iter().map(change);
    changes.filter(|c| c.before != c.after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::{LeadFields, Policy};
    use crate::mapping::{Facts, FieldMapping, Source, Step, TooLong, default_mappings};
    use crate::matching::{Strategy, default_strategy};
    use crate::review::Decision;
    use crate::submission::{Answer, AnswerValue, Answers};

    fn rules() -> Rules {
        Rules {
            lead_fields: LeadFields::standard(),
            strategies: vec![default_strategy()],
            mappings: default_mappings(),
            lead_source: String::new(),
            leads_from_tests: false,
            hold_changed_forms: false,
        }
    }

    fn leads() -> Leads {
        let compared = ["emailaddress1".to_owned()].into();
        Leads::new(Vec::new(), LeadFields::standard().only(&compared))
    }

    fn submission(id: i64, email: &str, budget: &str) -> Undecided {
        let answer = |question: &str, predefined: Option<&str>, text: &str| Answer {
            question_id: None,
            name: String::new(),
            question: question.to_owned(),
            predefined: predefined.map(str::to_owned),
            value: AnswerValue::Text(text.to_owned()),
        };
        Undecided {
            id,
            submitted_at: id,
            test: false,
            malformed: None,
            account: 1,
            answers: Answers {
                answers: vec![
                    answer("E-mail", Some("EMAIL"), email),
                    answer("Budget", None, budget),
                ],
                ..Answers::default()
            },
            facts: Facts::default(),
            form: None,
            form_changed: false,
            campaign: None,
            lead: Some(5),
            decided: Decision::default(),
            owner: None,
        }
    }

    fn budget(steps: Vec<Step>) -> FieldMapping {
        FieldMapping {
            id: 99,
            source: Source::Question("budget".to_owned()),
            form: None,
            steps,
            lead_field: "description".to_owned(),
            policy: Policy::Overwrite,
            too_long: TooLong::Cut,
        }
    }

    #[test]
    fn the_same_rules_make_no_difference() {
        let submissions = [
            submission(1, "ada@example.com", "5"),
            submission(2, "ADA@example.com", "6"),
        ];
        let seen = preview(&rules(), &rules(), &leads(), &submissions, 9);
        assert_eq!((seen.submissions, seen.today), (2, seen.edited));
        assert_eq!((seen.today.created, seen.today.updated), (1, 1));
        assert_eq!(seen.different, []);
    }

    #[test]
    fn a_mapping_more_shows_its_values_and_its_problems() {
        let submissions = [
            submission(1, "ada@example.com", "5"),
            submission(2, "bob@example.com", "many"),
        ];
        let mut edited = rules();
        let number = Step::Number {
            pick: crate::mapping::Pick::Low,
            open_ended: false,
        };
        edited.mappings.push(budget(vec![number]));
        let seen = preview(&rules(), &edited, &leads(), &submissions, 9);
        assert_eq!((seen.today.created, seen.today.held), (2, 0));
        assert_eq!((seen.edited.created, seen.edited.held), (1, 1));
        let [bob, ada] = seen.different.as_slice() else {
            panic!("{:?}", seen.different)
        };
        assert_eq!((ada.submission, bob.submission), (1, 2));
        assert!(bob.edited.starts_with("Held: “many” is not a number."));
        assert_eq!(ada.fields.len(), 1);
        assert_eq!(ada.fields[0].after.as_deref(), Some("5"));
    }

    #[test]
    fn another_strategy_shows_whose_lead_it_would_be() {
        let submissions = [
            submission(1, "ada@example.com", "5"),
            submission(2, "ada@example.com", "5"),
        ];
        let edited = Rules {
            strategies: vec![Strategy {
                always_create: true,
                ..default_strategy()
            }],
            ..rules()
        };
        let seen = preview(&rules(), &edited, &leads(), &submissions, 9);
        let told: Vec<_> = seen
            .different
            .iter()
            .map(|d| (d.submission, d.edited.as_str()))
            .collect();
        assert_eq!(told, [(2, "Makes a new lead")]);
        assert_eq!(
            seen.different[0].today,
            "Belongs to a lead made by an earlier one of these"
        );
    }
}
