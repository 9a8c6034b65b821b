//! What was typed into the editor waits in the session while a lead field is added for it.

use crate::{Failure, Input, Visit};

/// The session's key for it.
const DRAFT: &str = "mapping_draft";

/// The mapping's id, 0 for a new one, and the fields of its form.
type Draft = (i64, Vec<(String, String)>);

/// Keeps what was typed.
pub(super) async fn keep(visit: &Visit, id: i64, input: &Input) -> Result<(), Failure> {
    let pairs = input.pairs();
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let draft: Draft = (id, pairs.collect());
    Ok(visit.session.insert(DRAFT, draft).await?)
}

/// Takes what was typed into the editor of this mapping, if that waits.
pub(super) async fn take(visit: &Visit, id: i64) -> Result<Option<Input>, Failure> {
    match visit.session.get::<Draft>(DRAFT).await? {
        Some((of, pairs)) if of == id => {
            visit.session.remove::<Draft>(DRAFT).await?;
            Ok(Some(pairs.into_iter().collect()))
        }
        _ => Ok(None),
    }
}
