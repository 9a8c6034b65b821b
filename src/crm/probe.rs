//! Trying out what the application's role allows: reading, and writing a lead that is deleted again.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::dynamics::{Class, Dynamics, Failure, Filter, Receipt, Table, Written};
use super::proof::Outcome;

/// What the lead is called that is made and deleted.
const NAME: &str = "Leadline probe";
/// An address that nobody has.
const NOBODY: &str = "nobody@leadline.invalid";

/// What is said of a lead that could not be deleted again.
pub(super) const LEFT: &str =
    "A lead “Leadline probe” may be left in Dynamics 365: delete it there.";

/// What failed, and the privilege that it needs.
type Missing = (Failure, &'static str);

/// Writing that failed.
pub(super) struct Unwritten {
    /// What failed.
    pub missing: Missing,
    /// Whether the lead may be left there.
    pub left: bool,
}

fn without(privilege: &'static str) -> impl Fn(Failure) -> Missing {
    move |failure| (failure, privilege)
}

/// Reads a lead and looks for a user.
///
/// # Errors
/// When one of them cannot be read, with the privilege that allows it.
pub(super) async fn read(dynamics: &Dynamics) -> Result<(), Missing> {
    let open = Filter::is_open();
    let id = [Table::Leads.id_column()];
    let lead = dynamics.find(Table::Leads, &open, &id, 1).await;
    lead.map_err(without("Read on the table Lead"))?;
    let user = dynamics.find_user(NOBODY).await;
    user.map_err(without("Read on the table User"))?;
    Ok(())
}

/// Makes a lead, changes it, deletes it. A role that may not delete is no failure: Leadline never
/// deletes leads. Whatever fails, the lead is deleted if it may be there.
///
/// # Errors
/// When it cannot be made or changed, with the privilege that allows it.
pub(super) async fn write(dynamics: &Dynamics) -> Result<(Outcome, String), Unwritten> {
    let id = Uuid::new_v4();
    let tried = make_and_change(dynamics, id).await;
    let deleted = dynamics.delete(Table::Leads, id).await;
    let gone = match &deleted {
        Ok(()) => true,
        Err(failure) => failure.class == Class::Gone,
    };
    match tried {
        Err((missing, made)) => Err(Unwritten {
            missing,
            left: made && !gone,
        }),
        Ok(()) if gone => Ok((
            Outcome::Passed,
            "A lead was made, changed and deleted.".to_owned(),
        )),
        Ok(()) => Ok((
            Outcome::Noted,
            format!(
                "A lead was made and changed. The role may not delete it, which Leadline never does: delete the \
                 lead “{NAME}” in Dynamics 365 yourself."
            ),
        )),
    }
}

/// What fails, and whether the lead may be there all the same.
async fn make_and_change(dynamics: &Dynamics, id: Uuid) -> Result<(), (Missing, bool)> {
    let new = columns(&[("lastname", NAME), ("subject", NAME)]);
    let made = dynamics.create(Table::Leads, id, new).await;
    let made = made.map_err(|failure| {
        let lost = failure.class == Class::Ambiguous;
        (without("Create on the table Lead")(failure), lost)
    })?;
    if let Written::Made(Receipt { etag, .. }) = made {
        let change = columns(&[("subject", "Leadline probe, changed")]);
        let changed = dynamics.update(Table::Leads, id, &etag, change).await;
        changed.map_err(|failure| (without("Write on the table Lead")(failure), true))?;
    }
    Ok(())
}

fn columns(pairs: &[(&str, &str)]) -> Map<String, Value> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), json!(text)))
        .collect()
}
