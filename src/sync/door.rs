//! The S2S Inbound door: a program brings a response, and it goes the same way as one that was read
//! from LinkedIn. Whatever comes is kept; what cannot be understood is held with its reason.

use sea_orm::FromQueryResult;
use serde_json::Value;

use super::arrive::arrivals;
use crate::error::{Error, Kind, Result};
use crate::linkedin::{FormRef, Reading};
use crate::store::access::Inbound;
use crate::store::submissions::Arrival;
use crate::store::views::records::SubmissionRecord;
use crate::store::{Store, row, text};

/// The account that a response belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// By Leadline's id.
    Id(i64),
    /// By LinkedIn's name.
    Urn(String),
}

/// What came of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The submission, whose answers are for those who brought them only; see `same`.
    pub submission: SubmissionRecord,
    /// Whether it was kept now: it had not come before, or LinkedIn sent it anew.
    pub new: bool,
    /// Whether the answers that are kept are those that were brought.
    pub same: bool,
}

#[derive(FromQueryResult)]
struct Found {
    id: i64,
}

#[derive(FromQueryResult)]
struct FormText {
    raw: String,
}

impl Inbound {
    /// Keeps a response as LinkedIn words it. One that is known already is not touched, whatever
    /// way it came.
    ///
    /// # Errors
    /// When there is no such account, the submission was deleted before, or the database refuses.
    pub async fn receive(&self, account: &Account, response: &str, now: i64) -> Result<Received> {
        let store = self.store();
        let account_id = find_account(store, account).await?;
        let reading = Reading::of(&with_form(store, account_id, response).await?);
        let brought = reading.answers.clone();
        let page = arrivals(vec![reading], now);
        let arrival = Arrival {
            account_id,
            profile_id: None,
            received_by: "api",
            now,
        };
        let new = store.save_arrivals(&page, arrival).await? > 0;
        let linkedin_id = page.submissions.first().map(|s| s.linkedin_id.as_str());
        let id = find_kept(store, account_id, linkedin_id.unwrap_or_default()).await?;
        let submission = self.find_received(id).await?;
        Ok(Received {
            new,
            same: submission.answers()? == brought,
            submission,
        })
    }
}

async fn find_account(store: &Store, account: &Account) -> Result<i64> {
    let found = match account {
        Account::Id(id) => {
            let sql = "SELECT id FROM linked_account WHERE id = $1";
            row::<Found>(store.reading(), sql, [(*id).into()]).await?
        }
        Account::Urn(urn) => {
            let sql = "SELECT id FROM linked_account WHERE urn = $1";
            row::<Found>(store.reading(), sql, [text(urn)]).await?
        }
    };
    let missing = || Error::invalid("There is no linked account of this id or URN.");
    found.map(|found| found.id).ok_or_else(missing)
}

async fn find_kept(store: &Store, account_id: i64, linkedin_id: &str) -> Result<i64> {
    let sql = "SELECT id FROM submission WHERE account_id = $1 AND linkedin_id = $2";
    let kept = row::<Found>(store.writing(), sql, [account_id.into(), text(linkedin_id)]).await?;
    kept.map(|kept| kept.id).ok_or_else(|| {
        Error::new(
            Kind::Conflict,
            "This submission was deleted here, and what was deleted does not come back.",
        )
    })
}

/// The response with the form that it answers, when it came without one and the form is known:
/// without it the answers could not be told apart.
async fn with_form(store: &Store, account_id: i64, response: &str) -> Result<String> {
    let lead = serde_json::from_str::<Value>(response).ok();
    let Some(Value::Object(mut lead)) = lead else {
        return Ok(response.to_owned());
    };
    let urn = lead.get("versionedLeadGenFormUrn").and_then(Value::as_str);
    let Some(form) = urn.and_then(FormRef::parse) else {
        return Ok(response.to_owned());
    };
    if lead.get("form").is_some_and(Value::is_object) {
        return Ok(response.to_owned());
    }
    let Some(raw) = find_form(store, account_id, form).await? else {
        return Ok(response.to_owned());
    };
    lead.insert("form".to_owned(), raw);
    Ok(Value::Object(lead).to_string())
}

async fn find_form(store: &Store, account_id: i64, form: FormRef) -> Result<Option<Value>> {
    let sql = "SELECT raw FROM form WHERE account_id = $1 AND linkedin_id = $2 AND version = $3";
    let values = [account_id.into(), form.id.into(), form.version.into()];
    let found = row::<FormText>(store.reading(), sql, values).await?;
    Ok(found.and_then(|form| serde_json::from_str(&form.raw).ok()))
}
