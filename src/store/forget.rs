//! Test submissions are deleted, and nothing brings them back: of each its account and LinkedIn's id
//! stay, and what arrives under these is known already.
//!
//! A lead keeps what tests wrote into it. Only one that was made from tests and of which nothing else
//! is known (no other submission, no change by a person, no lead that follows it) can go with them,
//! when that is asked for.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};
use serde_json::json;

use super::access::Administrator;
use super::audit::{Action, Event, record};
use super::leads::LIVING;
use super::replays::words;
use super::views::paging::Wanted;
use super::views::submissions::SubmissionFilter;
use super::{execute, placeholders, row, rows};
use crate::error::{Error, Kind, Result};

/// What deleting tests comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tests {
    /// How many test submissions go.
    pub submissions: u64,
    /// How many leads were made from them alone.
    pub leads: u64,
}

/// What happens to the leads that were made from the deleted tests alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeLeads {
    /// They stay as they are, without a submission.
    Keep,
    /// They are deleted as well.
    Delete,
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// How many ids one statement names.
const CHUNK: usize = 5_000;

impl Administrator {
    /// How many tests a filter means, and how many leads were made from them alone.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn count_tests(&self, filter: &SubmissionFilter) -> Result<Tests> {
        let db = self.store().reading();
        Ok(Tests {
            submissions: count(db, filter).await?,
            leads: made_from(db, filter).await?.len() as u64,
        })
    }

    /// Deletes the tests that a filter means, for good. `seen` is how many they were when somebody
    /// looked.
    ///
    /// # Errors
    /// When they are not as many any more, there is none, or the database refuses; then none is
    /// deleted.
    pub async fn delete_tests(
        &self,
        filter: &SubmissionFilter,
        leads: MadeLeads,
        seen: u64,
        now: i64,
    ) -> Result<Tests> {
        let tx = self.store().begin_alone().await?;
        let submissions = count(&tx, filter).await?;
        if submissions != seen || submissions == 0 {
            return Err(refused(submissions, seen));
        }
        let leading = leading(&tx, filter).await?;
        let made = match leads {
            MadeLeads::Keep => Vec::new(),
            MadeLeads::Delete => made_from(&tx, filter).await?,
        };
        forget(&tx, filter, now).await?;
        each_chunk(&tx, DELETE_LEAD, &made).await?;
        each_chunk(&tx, &[RECOUNT], &leading).await?;
        let name = match submissions {
            1 => "1 test submission".to_owned(),
            many => format!("{many} test submissions"),
        };
        let told = json!({ "submissions": submissions, "leads": made, "wanted": words(filter) });
        let event = Event::new(Action::TestsDeleted, "submission", None, &name);
        record(&tx, self.actor(), event.before(told), now).await?;
        tx.commit().await?;
        Ok(Tests {
            submissions,
            leads: made.len() as u64,
        })
    }
}

fn refused(submissions: u64, seen: u64) -> Error {
    let message = match submissions {
        0 => "There is no such test submission. Only tests can be deleted.".to_owned(),
        n => format!(
            "There are {n} such test submissions now, and {seen} were shown. Nothing is deleted yet."
        ),
    };
    Error::new(Kind::Conflict, message)
}

/// The filter's submissions, as far as they are tests.
fn tests(filter: &SubmissionFilter) -> Wanted {
    let filter = SubmissionFilter {
        test: Some(true),
        ..filter.clone()
    };
    filter.wanted_by_administrators()
}

async fn count(db: &impl ConnectionTrait, filter: &SubmissionFilter) -> Result<u64> {
    let (clause, values) = tests(filter).into_parts();
    let sql = format!("SELECT count(*) AS n FROM submission s{clause}");
    let counted = row::<Count>(db, &sql, values).await?;
    Ok(counted.map_or(0, |count| count.n.unsigned_abs()))
}

/// The leads to which the tests belong.
async fn leading(db: &impl ConnectionTrait, filter: &SubmissionFilter) -> Result<Vec<i64>> {
    let mut wanted = tests(filter);
    wanted.and("s.lead_id IS NOT NULL");
    let (clause, values) = wanted.into_parts();
    let sql = format!("SELECT DISTINCT s.lead_id AS id FROM submission s{clause}");
    ids(db, &sql, values).await
}

/// The leads that were made from these tests, and of which nothing else is known. One that an
/// organization has, or is about to get, stays: there it is for people to delete.
async fn made_from(db: &impl ConnectionTrait, filter: &SubmissionFilter) -> Result<Vec<i64>> {
    let (clause, values) = tests(filter).into_parts();
    let these = format!("(SELECT s.id FROM submission s{clause})");
    let sql = format!(
        "SELECT l.id FROM lead l WHERE l.created_by IN {these} AND l.{LIVING} AND l.record_version IS NULL AND l.deliver_at IS NULL \
           AND NOT EXISTS (SELECT 1 FROM submission o WHERE o.lead_id = l.id AND o.id NOT IN {these}) \
           AND NOT EXISTS (SELECT 1 FROM lead_edit e WHERE e.lead_id = l.id) \
           AND NOT EXISTS (SELECT 1 FROM lead n WHERE n.follows_id = l.id) ORDER BY l.id"
    );
    ids(db, &sql, values).await
}

async fn ids(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<i64>> {
    let found = rows::<Id>(db, sql, values).await?;
    let ids: BTreeSet<i64> = found.into_iter().map(|row| row.id).collect();
    Ok(ids.into_iter().collect())
}

/// Deletes the submissions with their attempts, and keeps by what they are known.
async fn forget(tx: &DatabaseTransaction, filter: &SubmissionFilter, now: i64) -> Result<()> {
    let (clause, values) = tests(filter).into_parts();
    let keep = format!(
        "INSERT INTO forgotten_submission (account_id, linkedin_id, forgotten_at) \
         SELECT s.account_id, s.linkedin_id, CAST({now} AS bigint) FROM submission s{clause} \
         ON CONFLICT (account_id, linkedin_id) DO NOTHING"
    );
    execute(tx, &keep, values.clone()).await?;
    let delete =
        format!("DELETE FROM submission WHERE id IN (SELECT s.id FROM submission s{clause})");
    execute(tx, &delete, values).await?;
    Ok(())
}

/// A lead goes with its keys; an attempt that once wrote it says that it is gone.
const DELETE_LEAD: &[&str] = &[
    "UPDATE attempt SET lead_id = NULL WHERE lead_id IN",
    "DELETE FROM lead WHERE id IN",
];

/// What a lead knows about its submissions follows them. None of its values is touched.
const RECOUNT: &str = "UPDATE lead SET \
     submission_count = (SELECT count(*) FROM submission s WHERE s.lead_id = lead.id), \
     latest_submitted_at = COALESCE((SELECT MAX(s.submitted_at) FROM submission s WHERE s.lead_id = lead.id), \
       latest_submitted_at) WHERE id IN";

/// Runs statements that end in `IN` for these ids.
async fn each_chunk(tx: &DatabaseTransaction, statements: &[&str], ids: &[i64]) -> Result<()> {
    for chunk in ids.chunks(CHUNK) {
        let list = placeholders(1, &vec![""; chunk.len()], 1);
        for statement in statements {
            let sql = format!("{statement} {list}");
            execute(tx, &sql, chunk.iter().map(|id| Value::from(*id))).await?;
        }
    }
    Ok(())
}
