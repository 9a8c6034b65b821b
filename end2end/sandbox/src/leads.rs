//! The leads, kept so that hundreds of thousands of them cost little.
//!
//! A row is a time, a slot and a form; rows lie sorted by time in one bucket per owner, lead type
//! and "is it a test lead", so a time window is two binary searches and its size a subtraction.
//! A slot holds either a whole lead or only the number from which [`crate::seed::load::Plan`] makes
//! one when somebody asks.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Value, json};

use crate::model::{Owner, versioned_form_urn};
use crate::seed::load::Plan;

/// An answer to one question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Text(String),
    Options(Vec<u64>),
    /// A branch of the union that nobody knows yet.
    Raw(Value),
}

impl Answer {
    fn json(&self) -> Value {
        match self {
            Answer::Text(text) => json!({ "textQuestionAnswer": { "answer": text } }),
            Answer::Options(options) => json!({ "multipleChoiceAnswer": { "options": options } }),
            Answer::Raw(value) => value.clone(),
        }
    }
}

/// One submission.
#[derive(Debug, Clone)]
pub(crate) struct Lead {
    pub(crate) id: String,
    pub(crate) owner: Owner,
    pub(crate) lead_type: String,
    pub(crate) submitted_at: i64,
    pub(crate) test: bool,
    pub(crate) form: u64,
    pub(crate) version: u32,
    pub(crate) submitter: String,
    pub(crate) campaign: Option<u64>,
    pub(crate) creative: Option<u64>,
    pub(crate) event: Option<u64>,
    pub(crate) answers: Vec<(u64, Answer)>,
    pub(crate) consents: Vec<(u64, bool)>,
    /// Hidden fields shown with this lead instead of its form's.
    pub(crate) hidden: Option<Value>,
    /// Replaces `formResponse` as it is.
    pub(crate) raw_form_response: Option<Value>,
    /// Laid over the whole lead.
    pub(crate) raw: Option<Value>,
    /// The e-mail address among the answers, for the truth list.
    pub(crate) email: Option<String>,
}

impl Lead {
    pub(crate) fn form_response(&self) -> Value {
        if let Some(raw) = &self.raw_form_response {
            return raw.clone();
        }
        let answers: Vec<Value> = self
            .answers
            .iter()
            .map(|(question, answer)| json!({ "questionId": question, "answerDetails": answer.json() }))
            .collect();
        let consents: Vec<Value> = self
            .consents
            .iter()
            .map(|(id, accepted)| json!({ "consentId": id, "accepted": accepted }))
            .collect();
        json!({ "answers": answers, "consentResponses": consents })
    }

    pub(crate) fn form_urn(&self) -> String {
        versioned_form_urn(self.form, self.version)
    }

    /// What a subscription or a finder may name as the lead's origin.
    pub(crate) fn associated_entity(&self) -> Option<Value> {
        match (self.creative, self.event) {
            (Some(id), _) => {
                Some(json!({ "associatedCreative": format!("urn:li:sponsoredCreative:{id}") }))
            }
            (None, Some(id)) => Some(json!({ "event": format!("urn:li:event:{id}") })),
            (None, None) => None,
        }
    }
}

/// A line of a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) at: i64,
    pub(crate) slot: u32,
    form: u32,
}

#[derive(Debug)]
enum Slot {
    Generated,
    Full(Box<Lead>),
    Gone,
}

#[derive(Debug, Default)]
struct Bucket {
    real: Vec<Row>,
    test: Vec<Row>,
}

impl Bucket {
    fn rows(&self, test: bool) -> &Vec<Row> {
        if test { &self.test } else { &self.real }
    }

    fn rows_mut(&mut self, test: bool) -> &mut Vec<Row> {
        if test { &mut self.test } else { &mut self.real }
    }
}

/// Which leads a finder asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestFilter {
    Only,
    Without,
    Both,
}

/// The rows that answer a finder, oldest first; a window over a bucket costs nothing to make.
pub(crate) enum Found<'a> {
    Window(&'a [Row]),
    Picked(Vec<Row>),
}

impl Found<'_> {
    fn rows(&self) -> &[Row] {
        match self {
            Found::Window(rows) => rows,
            Found::Picked(rows) => rows,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows().len()
    }

    /// The n-th row counted from the newest.
    pub(crate) fn newest(&self, index: usize) -> Option<Row> {
        let rows = self.rows();
        rows.len().checked_sub(index + 1).map(|at| rows[at])
    }
}

/// All leads.
#[derive(Debug, Default)]
pub(crate) struct LeadStore {
    slots: Vec<Slot>,
    buckets: HashMap<(Owner, String), Bucket>,
    ids: HashMap<String, u32>,
    forms: Vec<(u64, u32)>,
    plan: Option<Plan>,
}

impl LeadStore {
    /// A store that begins with the leads of a plan.
    pub(crate) fn from_plan(plan: Plan) -> LeadStore {
        let mut store = LeadStore::default();
        let mut rows = Vec::with_capacity(plan.leads as usize);
        let forms: Vec<u32> = plan
            .forms
            .iter()
            .map(|(form, version)| store.form_index(*form, *version))
            .collect();
        for number in 0..plan.leads {
            rows.push(Row {
                at: plan.at(number),
                slot: number,
                form: forms[plan.form(number)],
            });
        }
        store.slots.resize_with(rows.len(), || Slot::Generated);
        let bucket = Bucket {
            real: rows,
            test: Vec::new(),
        };
        store.buckets.insert(
            (Owner::Account(plan.account), "SPONSORED".to_owned()),
            bucket,
        );
        store.plan = Some(plan);
        store
    }

    fn form_index(&mut self, form: u64, version: u32) -> u32 {
        let known = self
            .forms
            .iter()
            .position(|known| *known == (form, version));
        let index = known.unwrap_or_else(|| {
            self.forms.push((form, version));
            self.forms.len() - 1
        });
        u32::try_from(index).expect("there are fewer than 2^32 form versions")
    }

    /// Puts a lead in; one with the same id is replaced.
    pub(crate) fn insert(&mut self, lead: Lead) {
        self.remove(&lead.id);
        let slot = u32::try_from(self.slots.len()).expect("there are fewer than 2^32 leads");
        let row = Row {
            at: lead.submitted_at,
            slot,
            form: self.form_index(lead.form, lead.version),
        };
        let bucket = self
            .buckets
            .entry((lead.owner, lead.lead_type.clone()))
            .or_default();
        let rows = bucket.rows_mut(lead.test);
        let at = rows.partition_point(|known| (known.at, known.slot) < (row.at, row.slot));
        rows.insert(at, row);
        self.ids.insert(lead.id.clone(), slot);
        self.slots.push(Slot::Full(Box::new(lead)));
    }

    /// Takes a lead out and hands it back.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Lead> {
        let slot = self.slot_of(id)?;
        let lead = self.lead(slot)?;
        if let Some(bucket) = self.buckets.get_mut(&(lead.owner, lead.lead_type.clone())) {
            bucket.rows_mut(lead.test).retain(|row| row.slot != slot);
        }
        self.slots[slot as usize] = Slot::Gone;
        self.ids.remove(id);
        Some(lead)
    }

    fn slot_of(&self, id: &str) -> Option<u32> {
        if let Some(slot) = self.ids.get(id) {
            return Some(*slot);
        }
        let number = self.plan.as_ref()?.number(id)?;
        matches!(self.slots.get(number as usize), Some(Slot::Generated)).then_some(number)
    }

    pub(crate) fn get(&self, id: &str) -> Option<Lead> {
        self.lead(self.slot_of(id)?)
    }

    /// The lead of a row, made now if it was only a number.
    pub(crate) fn lead(&self, slot: u32) -> Option<Lead> {
        match self.slots.get(slot as usize)? {
            Slot::Full(lead) => Some(lead.as_ref().clone()),
            Slot::Generated => self.plan.as_ref().map(|plan| plan.lead(slot)),
            Slot::Gone => None,
        }
    }

    /// Rows of an owner inside `[start, end)`, oldest first.
    pub(crate) fn find(
        &self,
        owner: Owner,
        lead_type: &str,
        window: Range<i64>,
        test: TestFilter,
        form: Option<(u64, u32)>,
    ) -> Found<'_> {
        let Some(bucket) = self.buckets.get(&(owner, lead_type.to_owned())) else {
            return Found::Window(&[]);
        };
        let cut = |test: bool| {
            let rows = bucket.rows(test);
            let from = rows.partition_point(|row| row.at < window.start);
            let to = rows.partition_point(|row| row.at < window.end);
            &rows[from..to.max(from)]
        };
        let found = match test {
            TestFilter::Only => Found::Window(cut(true)),
            TestFilter::Without => Found::Window(cut(false)),
            TestFilter::Both if cut(true).is_empty() => Found::Window(cut(false)),
            TestFilter::Both => {
                let mut rows = [cut(false), cut(true)].concat();
                rows.sort_by_key(|row| (row.at, row.slot));
                Found::Picked(rows)
            }
        };
        match form {
            None => found,
            Some(form) => {
                let index = self.forms.iter().position(|known| *known == form);
                let rows = found.rows().iter().copied();
                Found::Picked(
                    rows.filter(|row| Some(row.form as usize) == index)
                        .collect(),
                )
            }
        }
    }

    /// The form and version of a row.
    pub(crate) fn form_of(&self, row: Row) -> (u64, u32) {
        self.forms[row.form as usize]
    }

    /// Every lead, with its owner and type, oldest first within an owner and type.
    pub(crate) fn all(&self) -> Vec<(Owner, &str, bool, Row)> {
        let mut keys: Vec<_> = self.buckets.keys().collect();
        keys.sort();
        let mut all = Vec::new();
        for key in keys {
            for test in [false, true] {
                all.extend(
                    self.buckets[key]
                        .rows(test)
                        .iter()
                        .map(|row| (key.0, key.1.as_str(), test, *row)),
                );
            }
        }
        all
    }

    pub(crate) fn len(&self) -> usize {
        self.buckets
            .values()
            .map(|bucket| bucket.real.len() + bucket.test.len())
            .sum()
    }

    /// Id and e-mail address of a row, without making the whole lead.
    pub(crate) fn identity(&self, slot: u32) -> Option<(String, Option<String>)> {
        match self.slots.get(slot as usize)? {
            Slot::Full(lead) => Some((lead.id.clone(), lead.email.clone())),
            Slot::Generated => self
                .plan
                .as_ref()
                .map(|plan| (plan.id(slot), Some(plan.email(slot)))),
            Slot::Gone => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(id: &str, at: i64, test: bool) -> Lead {
        Lead {
            id: id.to_owned(),
            owner: Owner::Account(1),
            lead_type: "SPONSORED".to_owned(),
            submitted_at: at,
            test,
            form: 7,
            version: 1,
            submitter: "p".to_owned(),
            campaign: None,
            creative: None,
            event: None,
            answers: Vec::new(),
            consents: Vec::new(),
            hidden: None,
            raw_form_response: None,
            raw: None,
            email: None,
        }
    }

    fn ids(store: &LeadStore, window: Range<i64>, test: TestFilter) -> Vec<String> {
        let found = store.find(Owner::Account(1), "SPONSORED", window, test, None);
        (0..found.len())
            .filter_map(|n| Some(store.lead(found.newest(n)?.slot)?.id))
            .collect()
    }

    #[test]
    fn windows_are_newest_first_and_a_repeated_id_replaces() {
        let mut store = LeadStore::default();
        for (id, at, test) in [
            ("b", 20, false),
            ("a", 10, false),
            ("t", 15, true),
            ("c", 30, false),
        ] {
            store.insert(lead(id, at, test));
        }
        assert_eq!(ids(&store, 10..30, TestFilter::Without), ["b", "a"]);
        assert_eq!(ids(&store, 0..31, TestFilter::Both), ["c", "b", "t", "a"]);
        assert_eq!(ids(&store, 0..31, TestFilter::Only), ["t"]);
        assert_eq!(
            ids(&store, 31..31, TestFilter::Without),
            Vec::<String>::new()
        );
        store.insert(lead("a", 40, false));
        assert_eq!(ids(&store, 0..99, TestFilter::Without), ["a", "c", "b"]);
        assert_eq!(store.remove("c").map(|lead| lead.submitted_at), Some(30));
        assert_eq!(store.len(), 3);
        assert!(store.get("c").is_none());
        let of_form = store.find(
            Owner::Account(1),
            "SPONSORED",
            0..99,
            TestFilter::Both,
            Some((7, 2)),
        );
        assert_eq!(of_form.len(), 0);
    }
}
