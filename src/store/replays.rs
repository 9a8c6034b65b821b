//! Runs over many submissions again: which were wanted, how far it is, what came of it.

use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::access::{Actor, Administrator};
use super::audit::{Action, Event, record};
use super::views::paging::Wanted;
use super::views::submissions::SubmissionFilter;
use super::{execute, row, rows, text};
use crate::error::{Error, Result};
use crate::store::views::submission::AttemptOutcome;

/// How many of them a page lists.
const LISTED: u64 = 50;

/// A run over many submissions again.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Replay {
    /// Leadline's id.
    pub id: i64,
    /// When it was begun.
    pub started_at: i64,
    /// Who began it.
    pub actor: String,
    /// Which submissions were wanted, in words.
    pub wanted: String,
    /// How many they were.
    pub submissions: i64,
    /// How many of them still wait for their turn.
    pub left: i64,
}

#[derive(FromQueryResult)]
struct OutcomeRow {
    outcome: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Which submissions a run is about. Those that a person excluded stay excluded.
pub(crate) fn meant(filter: &SubmissionFilter) -> Wanted {
    let mut wanted = filter.wanted_by_administrators();
    wanted.and("COALESCE(s.chosen, '') <> 'exclude'");
    wanted
}

const REPLAY: &str = "SELECT r.id, r.started_at, r.actor, r.wanted, r.submissions, \
     (SELECT count(*) FROM submission s WHERE s.replay_id = r.id) AS left FROM replay r";

impl Administrator {
    /// Has all submissions that are wanted decided again, and tells the id of the run. The worker
    /// does it in the background; nothing is undone if it is interrupted.
    ///
    /// # Errors
    /// When there is no such submission, or the database refuses.
    pub async fn start_replay(&self, filter: &SubmissionFilter, now: i64) -> Result<i64> {
        let tx = self.store().begin().await?;
        let wanted = words(filter);
        let id = insert_run(&tx, self.actor(), &wanted, 0, now).await?;
        let (clause, mut values) = meant(filter).into_parts();
        let place = values.len();
        values.extend([id.into(), now.into()]);
        let sql = format!(
            "UPDATE submission SET replay_id = ${}, due_at = ${} WHERE id IN (SELECT s.id FROM submission s{clause})",
            place + 1,
            place + 2
        );
        let submissions = execute(&tx, &sql, values).await?;
        if submissions == 0 {
            return Err(Error::invalid(
                "There is no such submission any more, so nothing was begun.",
            ));
        }
        let many = i64::try_from(submissions).unwrap_or(i64::MAX);
        let sql = "UPDATE replay SET submissions = $1 WHERE id = $2";
        execute(&tx, sql, [many.into(), id.into()]).await?;
        let name = id.to_string();
        let event = Event::new(Action::RunAgain, "run", id, &name)
            .after(serde_json::json!({ "submissions": many, "wanted": wanted }));
        record(&tx, self.actor(), event, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// One run.
    ///
    /// # Errors
    /// When there is no such run, or the database cannot be reached.
    pub async fn find_replay(&self, id: i64) -> Result<Replay> {
        let sql = format!("{REPLAY} WHERE r.id = $1");
        let found = row(self.store().reading(), &sql, [id.into()]).await?;
        found.ok_or_else(|| Error::not_found("run"))
    }

    /// The latest runs.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_replays(&self) -> Result<Vec<Replay>> {
        let sql = format!("{REPLAY} ORDER BY r.id DESC LIMIT {LISTED}");
        rows(self.store().reading(), &sql, []).await
    }

    /// What a run came to so far.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn replay_outcomes(&self, id: i64) -> Result<Vec<(AttemptOutcome, i64)>> {
        let sql = "SELECT outcome, count(*) AS n FROM attempt WHERE replay_id = $1 GROUP BY outcome ORDER BY outcome";
        let found = rows::<OutcomeRow>(self.store().reading(), sql, [id.into()]).await?;
        let read = |row: OutcomeRow| (AttemptOutcome::parse(&row.outcome), row.n);
        Ok(found.into_iter().map(read).collect())
    }
}

/// Begins a run over so many submissions and tells its id; `wanted` says in words which they are.
pub(crate) async fn insert_run(
    db: &impl ConnectionTrait,
    actor: &Actor,
    wanted: &str,
    submissions: i64,
    now: i64,
) -> Result<i64> {
    let sql = "INSERT INTO replay (started_at, actor, wanted, submissions) VALUES ($1, $2, $3, $4) RETURNING id";
    let values: [Value; 4] = [
        now.into(),
        text(actor.name()),
        text(wanted),
        submissions.into(),
    ];
    let made = row::<IdRow>(db, sql, values).await?;
    made.map(|row| row.id)
        .ok_or_else(|| Error::internal("no id of a run"))
}

/// The filter in words. What was searched for may be somebody's name, so it is not kept.
pub(super) fn words(filter: &SubmissionFilter) -> String {
    let pairs = filter.pairs();
    let word = |(name, value): (&'static str, &str)| match name {
        "q" => "a search".to_owned(),
        "ids" => format!("ids: {} chosen ones", value.split(',').count()),
        _ => format!("{name}: {value}"),
    };
    let words: Vec<String> = pairs.iter().map(word).collect();
    match words.as_slice() {
        [] => "all submissions".to_owned(),
        words => words.join(", "),
    }
}
