//! Asks the organization for the leads that submissions could belong to.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::columns::{seen, select};
use super::{Desk, Stop};
use crate::crm::asking::{Question, questions};
use crate::crm::dynamics::{Class, Failure, Filter, Record, Table};
use crate::crm::fields::is_findable;
use crate::crm::mirror::Seen;
use crate::error::Result;
use crate::plan::{Rules, Undecided, keys};
use crate::store::leads::find_leads;
use crate::store::mirrors::find_mirrors;

/// Leads that one answer can hold: a page of Dataverse's.
const ALL: u32 = 5_000;
/// Leads that show that some match in part.
const SOME: u32 = 50;
/// Questions about leads that match in part that are asked together.
const TOGETHER: usize = 20;
/// Questions about leads that match whole that are asked together: most have one lead or none.
const MANY: usize = 200;
/// Known leads that no list had and that are looked for by their id in one go. Whether the others are
/// gone is found when something is brought to them.
const LOOKED_FOR: usize = 50;

/// What the organization has.
pub(super) struct News {
    /// The records.
    pub seen: Vec<Seen>,
    /// The columns that were asked for.
    pub asked: BTreeSet<String>,
    /// The leads that Leadline knows and that the organization says it does not have any more.
    pub gone: Vec<i64>,
}

impl Desk {
    /// The leads that these submissions could belong to by any of these rules, as the organization has
    /// them now. The `known` ones are looked at again: what Leadline knows of them may have become wrong.
    pub(super) async fn refresh(
        &self,
        rules: &[&Rules],
        submissions: &[Undecided],
        known: &BTreeSet<i64>,
    ) -> Result<News, Stop> {
        let asked: BTreeSet<String> = rules.iter().flat_map(|rules| self.asked(rules)).collect();
        let select = select(&self.connected.table, &asked);
        let select: Vec<&str> = select.iter().map(String::as_str).collect();
        let mut found = BTreeMap::new();
        let each = rules.iter().flat_map(|rules| {
            submissions
                .iter()
                .map(move |submission| (rules, submission))
        });
        let asking: BTreeSet<Question> = each
            .flat_map(|(rules, submission)| questions(rules, submission))
            .collect();
        let (whole, part): (Vec<&Question>, Vec<&Question>) = asking.iter().partition(|q| q.all);
        for (questions, together, most) in [(&whole, MANY, ALL), (&part, TOGETHER, SOME)] {
            let answers = self.ask_together(questions, together, most, &select);
            found.extend(answers.await?);
        }
        let known = self.records(known).await?;
        let unseen = known.iter().filter(|(id, _)| !found.contains_key(*id));
        let unseen = unseen.map(|(record, _)| Filter::eq_id(Table::Leads.id_column(), *record));
        for filter in Filter::any(unseen) {
            found.extend(self.ask(&filter, &select, ALL).await?);
        }
        let gone = self.gone(&known, &select, &mut found).await?;
        let seen: Result<Vec<Seen>> = found
            .values()
            .map(|record| seen(&self.connected.table, &asked, record))
            .collect();
        let mut seen = seen?;
        self.name_owners(&mut seen).await?;
        Ok(News { seen, asked, gone })
    }

    /// Asks for up to `most` leads a question. Several questions go together, and those whose answers
    /// have no room in one are asked one by one.
    async fn ask_together(
        &self,
        questions: &[&Question],
        together: usize,
        most: u32,
        select: &[&str],
    ) -> Result<Vec<(Uuid, Record)>, Stop> {
        let mut found = Vec::new();
        for some in questions.chunks(together) {
            let alone: Vec<Filter> = some.iter().filter_map(|q| self.filter(q)).collect();
            let top = alone.iter().map(|_| most).sum::<u32>().min(ALL);
            let mut full = false;
            for filter in Filter::any(alone.iter().cloned()) {
                let answer = self.ask(&filter, select, top).await?;
                full |= answer.len() >= top as usize;
                found.extend(answer);
            }
            if full && alone.len() > 1 {
                for filter in &alone {
                    found.extend(self.ask(filter, select, most).await?);
                }
            }
        }
        Ok(found)
    }

    async fn ask(
        &self,
        filter: &Filter,
        select: &[&str],
        top: u32,
    ) -> Result<Vec<(Uuid, Record)>, Stop> {
        let records = self.dynamics.find(Table::Leads, filter, select, top);
        let records = records.await?.into_iter();
        Ok(records.map(|record| (record.id, record)).collect())
    }

    /// Which of the known leads the organization says it does not have. Lists leave out without a word
    /// what the role may not read, so each lead that none had is asked for by its id: one that is there
    /// after all is added to what was `found`, and one that may not be read stays as it is known.
    async fn gone(
        &self,
        known: &BTreeMap<Uuid, i64>,
        select: &[&str],
        found: &mut BTreeMap<Uuid, Record>,
    ) -> Result<Vec<i64>, Stop> {
        let mut gone = Vec::new();
        let missing = known.iter().filter(|(id, _)| !found.contains_key(*id));
        let missing: Vec<(Uuid, i64)> = missing.map(|(id, lead)| (*id, *lead)).collect();
        for (record, lead) in missing.into_iter().take(LOOKED_FOR) {
            match self.dynamics.read(Table::Leads, record, select).await {
                Ok(Some(there)) => drop(found.insert(record, there)),
                Ok(None) => gone.push(lead),
                Err(failure) if is_about_one(&failure) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(gone)
    }

    /// The leads that Leadline knows already and that may come into question.
    pub(super) async fn known(
        &self,
        rules: &Rules,
        submissions: &[Undecided],
    ) -> Result<BTreeSet<i64>, Stop> {
        let wanted = submissions.iter().flat_map(|s| keys(rules, s)).collect();
        let leads = submissions.iter().filter_map(Undecided::known_lead);
        let known = find_leads(self.store.reading(), &wanted, &leads.collect()).await?;
        Ok(known.iter().map(|lead| lead.id).collect())
    }

    /// The records of leads; those that were never seen there have none.
    async fn records(&self, leads: &BTreeSet<i64>) -> Result<BTreeMap<Uuid, i64>, Stop> {
        let mirrors = find_mirrors(self.store.reading(), leads, &BTreeSet::new()).await?;
        let pairs = mirrors
            .into_iter()
            .filter(|mirror| mirror.version.is_some())
            .filter_map(|mirror| Some((mirror.record?, mirror.lead.id)));
        Ok(pairs.collect())
    }

    /// A question in the organization's terms; `None` when a column is not text, because only texts
    /// are looked for.
    fn filter(&self, question: &Question) -> Option<Filter> {
        let mut conditions = Vec::new();
        for (field, spellings) in &question.sought {
            let column = self.connected.table.column(field)?;
            let one = spellings
                .iter()
                .filter(|_| is_findable(column.kind))
                .map(|spelling| Filter::eq(field, spelling))
                .reduce(Filter::or)?;
            conditions.push(one);
        }
        let join = if question.all {
            Filter::and
        } else {
            Filter::or
        };
        conditions.into_iter().reduce(join)
    }
}

/// Whether a refusal can be about the one record that was asked for.
fn is_about_one(failure: &Failure) -> bool {
    !matches!(
        failure.class,
        Class::Wait | Class::Retry | Class::Ambiguous | Class::SignIn | Class::Mapping
    )
}
