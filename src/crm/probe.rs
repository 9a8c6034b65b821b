//! Trying out what the application's role allows: reading, and writing a lead that is deleted again.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::dynamics::{Dynamics, Failure, Filter, Receipt, Table, Written};
use super::proof::Outcome;

/// What the lead is called that is made and deleted.
const NAME: &str = "Leadline probe";
/// An address that nobody has.
const NOBODY: &str = "nobody@leadline.invalid";

/// What failed, and the privilege that it needs.
type Missing = (Failure, &'static str);

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
/// deletes leads.
///
/// # Errors
/// When it cannot be made or changed, with the privilege that allows it.
pub(super) async fn write(dynamics: &Dynamics) -> Result<(Outcome, String), Missing> {
    let id = Uuid::new_v4();
    let new = columns(&[("lastname", NAME), ("subject", NAME)]);
    let made = dynamics.create(Table::Leads, id, new).await;
    let made = made.map_err(without("Create on the table Lead"))?;
    let changed = match made {
        Written::Made(Receipt { etag, .. }) => {
            let change = columns(&[("subject", "Leadline probe, changed")]);
            let changed = dynamics.update(Table::Leads, id, &etag, change).await;
            changed.map(drop)
        }
        Written::Existed => Ok(()),
    };
    let deleted = dynamics.delete(Table::Leads, id).await;
    changed.map_err(without("Write on the table Lead"))?;
    Ok(match deleted {
        Ok(()) => (
            Outcome::Passed,
            "A lead was made, changed and deleted.".to_owned(),
        ),
        Err(_) => (
            Outcome::Noted,
            format!(
                "A lead was made and changed. The role may not delete it, which Leadline never does: delete the \
                 lead “{NAME}” in Dynamics 365 yourself."
            ),
        ),
    })
}

fn columns(pairs: &[(&str, &str)]) -> Map<String, Value> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, text)| ((*name).to_owned(), json!(text)))
        .collect()
}
