//! What matching strategies and field mappings share: they are moved, previewed, and changed only as
//! they were read.

use leadline::error::{Error, Kind};
use leadline::lead::Change;
use leadline::preview::{Counts, Difference, Preview};
use leadline::store::order::Towards;
use leadline::sync::preview::MOST;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

use super::problem::{Problem, Wrong};

/// How many submissions a preview decides when nothing is said.
const LATEST: u64 = 200;

/// Where to move a rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({ "towards": "front" })))]
pub struct Move {
    /// By one place.
    towards: Direction,
}

/// A direction in the order of rules.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    /// Before the one before it.
    Front,
    /// Behind the one behind it.
    Back,
}

impl From<Move> for Towards {
    fn from(wish: Move) -> Towards {
        match wish.towards {
            Direction::Front => Towards::Front,
            Direction::Back => Towards::Back,
        }
    }
}

/// What edited rules would do to the latest submissions. Nothing was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    /// How many submissions were decided.
    submissions: usize,
    /// What they come to by the rules in force.
    today: PreviewCounts,
    /// What they would come to.
    edited: PreviewCounts,
    /// Those that would be treated differently, the newest first.
    different: Vec<PreviewDifference>,
    /// Why Dynamics 365 could not be asked for its leads, in words; then this is by what Leadline knew
    /// of them at last. Null when it was asked, or leads are in the built-in store.
    #[schema(required)]
    not_asked: Option<String>,
}

/// How many submissions come to what.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewCounts {
    /// They make a lead.
    created: usize,
    /// They change a lead that is there.
    updated: usize,
    /// They find a lead and change nothing in it.
    unchanged: usize,
    /// They wait for a person.
    held: usize,
    /// They are left out, such as test leads.
    skipped: usize,
}

/// One submission that edited rules would treat differently.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewDifference {
    /// Leadline's id of the submission.
    submission: i64,
    /// What it comes to by the rules in force, in words.
    today: String,
    /// What it would come to, in words.
    edited: String,
    /// The lead fields that would get another value.
    fields: Vec<PreviewChange>,
}

/// A lead field that would get another value.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewChange {
    /// Its logical name.
    field: String,
    /// Its value by the rules in force.
    #[schema(required)]
    today: Option<String>,
    /// Its value by the edited ones.
    #[schema(required)]
    edited: Option<String>,
}

impl From<Preview> for PreviewAnswer {
    fn from(preview: Preview) -> PreviewAnswer {
        let different = preview.different.into_iter();
        PreviewAnswer {
            submissions: preview.submissions,
            today: preview.today.into(),
            edited: preview.edited.into(),
            different: different.map(PreviewDifference::from).collect(),
            not_asked: preview.not_asked,
        }
    }
}

impl From<Counts> for PreviewCounts {
    fn from(counts: Counts) -> PreviewCounts {
        PreviewCounts {
            created: counts.created,
            updated: counts.updated,
            unchanged: counts.unchanged,
            held: counts.held,
            skipped: counts.skipped,
        }
    }
}

impl From<Difference> for PreviewDifference {
    fn from(difference: Difference) -> PreviewDifference {
        let change = |change: Change| PreviewChange {
            field: change.field,
            today: change.before,
            edited: change.after,
        };
        PreviewDifference {
            submission: difference.submission,
            today: difference.today,
            edited: difference.edited,
            fields: difference.fields.into_iter().map(change).collect(),
        }
    }
}

/// How many submissions are to be decided.
///
/// # Errors
/// When it is none, or more than a preview decides.
pub fn latest(wish: Option<u64>) -> Result<u64, Problem> {
    let latest = wish.unwrap_or(LATEST);
    match (1..=MOST).contains(&latest) {
        true => Ok(latest),
        false => Err(Problem::pointer(
            "/latest",
            format!("must be a number from 1 to {MOST}."),
        )),
    }
}

/// An id in a body that names nothing is a mistake in the body.
#[must_use]
pub fn unknown(error: Error) -> Problem {
    match error.kind() {
        Kind::NotFound => Problem::pointer("/id", "does not exist."),
        _ => error.into(),
    }
}

/// The version of what is to be changed.
///
/// # Errors
/// When none was sent.
pub fn version(sent: Option<i64>) -> Result<i64, Problem> {
    let missing = || Problem::pointer("/version", "is missing. Send the one that you read.");
    sent.ok_or_else(missing)
}

/// Makes sure that nothing that is new has a version.
///
/// # Errors
/// When one was sent.
pub fn no_version(sent: Option<i64>, at: &str) -> Result<(), Problem> {
    match sent {
        None => Ok(()),
        Some(_) => Err(Problem::pointer(
            format!("{at}/version"),
            "is only for changing one that is there.",
        )),
    }
}

/// What to say about a change that was refused as a conflict: somebody else's, as far as `stands`
/// has another version and other values than were sent, else the engine's own words.
pub fn conflict(
    error: Error,
    seen: i64,
    sent: &impl Serialize,
    stands: &impl Serialize,
) -> Problem {
    let (sent, stands) = match (serde_json::to_value(sent), serde_json::to_value(stands)) {
        (Ok(sent), Ok(stands)) => (sent, stands),
        (Err(why), _) | (_, Err(why)) => return Error::internal(why).into(),
    };
    if stands["version"] == seen {
        return error.into();
    }
    let mut errors = Vec::new();
    differences("", &sent, &stands, &mut errors);
    Problem::overtaken(errors)
}

/// Every place where something else stands than was sent.
fn differences(at: &str, sent: &Value, stands: &Value, errors: &mut Vec<Wrong>) {
    match (sent, stands) {
        // What was not sent.
        (Value::Null, _) => {}
        (Value::Object(sent), Value::Object(_)) => {
            for (name, value) in sent {
                let below = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                differences(&below, value, &stands[name], errors);
            }
        }
        _ if sent == stands => {}
        _ => errors.push(Wrong::pointer(at, format!("is {stands} now."))),
    }
}

/// One of these words. Null is as good as nothing.
pub fn word(words: &[&'static str]) -> Object {
    let words = words.iter().map(|word| Value::from(*word));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(words.chain([Value::Null])))
        .build()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_otherwise_is_named() {
        let sent = json!({ "version": 1, "name": "Mine", "active": true, "fields": { "a/b": "x", "c": "y" }, "scope": null });
        let stands =
            json!({ "version": 3, "name": "Theirs", "active": true, "fields": { "c": "y" } });
        let mut errors = Vec::new();
        differences("", &sent, &stands, &mut errors);
        assert_eq!(
            serde_json::to_value(errors).unwrap(),
            json!([
                { "pointer": "/fields/a~1b", "detail": "is null now." },
                { "pointer": "/name", "detail": "is \"Theirs\" now." },
                { "pointer": "/version", "detail": "is 3 now." },
            ])
        );
    }

    #[test]
    fn a_conflict_of_the_same_version_keeps_its_own_words() {
        let error = Error::new(Kind::Conflict, "It is the last one.");
        let one = json!({ "version": 1, "active": true });
        let told = serde_json::to_value(conflict(error, 1, &one, &one)).unwrap();
        assert_eq!(told["detail"], "It is the last one.");
    }
}
