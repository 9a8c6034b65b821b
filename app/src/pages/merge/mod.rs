//! Two leads become one: choose the other lead, choose the values, merge.

use std::collections::BTreeSet;

use axum::extract::Path;
use leadline::{
    error::{Error, Kind},
    merge::Choice,
    store::{merges::MergeWish, now},
};

use self::{choose::choose, compare::compare};
use crate::{Answer, FormState, Input, Visit, ui::Query};

mod choose;
mod compare;

/// What the name of each field's choice begins with.
const PICK: &str = "pick-";
/// What is sent when the other lead's value is chosen.
const OTHER: &str = "other";

/// With `?with=` the two leads side by side, else the leads to choose from.
pub async fn show(visit: Visit, Path(id): Path<i64>, query: Query) -> Answer {
    visit.administrator()?;
    match query.get("with").and_then(|id| id.parse().ok()) {
        Some(other) => {
            let wish = MergeWish {
                other,
                ..MergeWish::default()
            };
            compare(&visit, id, &wish, FormState::default()).await
        }
        None => choose(&visit, id, &query, FormState::default()).await,
    }
}

/// Merges them, unless somebody changed one of them since they were shown.
pub async fn submit(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let wish = read(&input);
    let form = FormState::of(&input);
    match administrator.merge_leads(id, &wish, now()).await {
        Err(error) if error.kind() == Kind::Conflict => {
            compare(&visit, id, &wish, form.refused(&error)).await
        }
        Err(error) if error.kind() == Kind::Invalid => {
            refuse(&visit, id, &wish, form, &error).await
        }
        merged => {
            merged?;
            let said = "The leads are merged. What changed it tells how, and takes it back.";
            visit.done(&format!("/leads/{id}"), said).await
        }
    }
}

/// What is wrong stands beside its field; where there is no other lead, one is chosen anew.
async fn refuse(
    visit: &Visit,
    id: i64,
    wish: &MergeWish,
    mut form: FormState,
    error: &Error,
) -> Answer {
    let (field, words) = error.message().split_once(": ").unwrap_or_default();
    if field == "owner" {
        form.wrong(field, words);
        return compare(visit, id, wish, form).await;
    }
    let words = if words.is_empty() {
        error.message()
    } else {
        words
    };
    choose(
        visit,
        id,
        &Query::default(),
        form.problem_is(sentence(words)),
    )
    .await
}

/// What followed a colon, as a sentence of its own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn read(input: &Input) -> MergeWish {
    let number = |name: &str| input.text(name).parse().unwrap_or(0);
    let picked = input.pairs().filter(|(_, value)| *value == OTHER);
    let picked = picked.filter_map(|(name, _)| Some(name.strip_prefix(PICK)?.to_owned()));
    MergeWish {
        other: number("with"),
        choice: Choice {
            from_other: picked.collect::<BTreeSet<String>>(),
            owner: input.text("owner").parse().ok(),
        },
        seen: Some((number("version"), number("other_version"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_picked_comes_from_the_other_lead() {
        let typed = [
            ("with", "7"),
            ("version", "3"),
            ("other_version", "4"),
            ("owner", ""),
            ("pick-jobtitle", "other"),
            ("pick-companyname", "own"),
            ("jobtitle", "other"),
        ];
        let input: Input = typed
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .into_iter()
            .collect();
        let wish = read(&input);
        assert_eq!((wish.other, wish.seen), (7, Some((3, 4))));
        assert_eq!(
            wish.choice.from_other,
            BTreeSet::from(["jobtitle".to_owned()])
        );
        assert_eq!(wish.choice.owner, None);
    }
}
