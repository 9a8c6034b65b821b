//! Where leads live: the built-in store, or an organization of Dynamics 365 that is connected here.

use axum::response::{IntoResponse, Redirect};
use leadline::{
    crm::proof::Proof,
    error::{Error, Kind},
    store::{crm::CrmState, now},
    sync::crm::{check, read_fields, replace_credential},
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{Tone, days_until},
};

mod connected;
mod draft;
mod form;
mod proof;

use connected::Connected;
use draft::SetUp;

/// A credential that expires within so many days is worth a warning.
const SOON: i64 = 30;
/// Where the page is.
const PAGE: &str = "/crm";

/// The page.
pub async fn show(visit: Visit) -> Answer {
    render(&visit, FormState::default(), None).await
}

/// Keeps what was typed as the connection to set up, and proves it.
pub async fn save(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let mut form = FormState::of(&input);
    let draft = form::draft(&input, &mut form, &visit.services.crm);
    let Some(draft) = draft.filter(|_| !form.is_wrong()) else {
        return render(&visit, form, None).await;
    };
    let config = &visit.services.crm;
    match administrator.save_crm_draft(&draft, config, now()).await {
        Err(error) if error.kind() == Kind::Invalid => {
            form.wrong("client_secret", error.message());
            render(&visit, form, None).await
        }
        Err(error) => refuse(&visit, error).await,
        Ok(version) => {
            let write = input.text("write") == "yes";
            let proof = check(&administrator, config, version, write).await;
            proven(&visit, proof).await
        }
    }
}

/// Proves the connection again, as it is kept.
pub async fn again(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let write = input.text("write") == "yes";
    let proof = check(&administrator, &visit.services.crm, version(&input), write).await;
    proven(&visit, proof).await
}

/// Makes the organization that was proven the CRM.
pub async fn confirm(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    match administrator.activate_crm(version(&input), now()).await {
        Err(error) => refuse(&visit, error).await,
        Ok(()) => {
            visit.services.worker.wake();
            let said = "Confirmed. Submissions become leads in this organization from now on.";
            visit.done(PAGE, said).await
        }
    }
}

/// Puts another application or credential in the place of the one in use, if it works.
pub async fn replace(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let mut form = FormState::of(&input);
    let client_id = form::client_id(&input, &mut form);
    let new = form::credential(&input, &mut form);
    if form.is_wrong() {
        return render(&visit, form, None).await;
    }
    let config = &visit.services.crm;
    let replaced =
        replace_credential(&administrator, config, version(&input), &client_id, &new).await;
    match replaced {
        Err(error) => refuse(&visit, error).await,
        Ok(proof) if proof.is_whole() => {
            visit
                .done(PAGE, "The new credential works and is in use.")
                .await
        }
        Ok(proof) => {
            let form = form.problem_is("This does not work, so nothing was changed.");
            render(&visit, form, Some(proof)).await
        }
    }
}

/// Reads the columns of the organization again.
pub async fn fields(visit: Visit) -> Answer {
    let administrator = visit.administrator()?;
    match read_fields(&administrator, &visit.services.crm).await {
        Err(error) => refuse(&visit, error).await,
        Ok(true) => {
            let said = "The columns are read, and they have changed. Look at the field mappings.";
            visit.done(PAGE, said).await
        }
        Ok(false) => {
            visit
                .done(PAGE, "The columns are read. Nothing has changed.")
                .await
        }
    }
}

/// Chooses the source that new leads get.
pub async fn lead_source(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let chosen = Some(input.text("lead_source")).filter(|text| !text.is_empty());
    let saved = administrator
        .set_crm_lead_source(version(&input), chosen, now())
        .await;
    match saved {
        Err(error) => refuse(&visit, error).await,
        Ok(()) => visit.done(PAGE, "The lead source is saved.").await,
    }
}

/// Makes the built-in store the CRM again.
pub async fn leave(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    match administrator.leave_crm(version(&input), now()).await {
        Err(error) => refuse(&visit, error).await,
        Ok(()) => {
            visit.services.worker.wake();
            visit
                .done(PAGE, "Leads are kept in the built-in store from now on.")
                .await
        }
    }
}

/// Throws the connection away.
pub async fn forget(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    match administrator.forget_crm(version(&input), now()).await {
        Err(error) => refuse(&visit, error).await,
        Ok(()) => visit.done(PAGE, "The connection is forgotten.").await,
    }
}

/// What is to be said about a credential whose time is over soon.
pub(super) fn credential_notice(expires_at: i64, now: i64) -> Option<(Tone, String)> {
    match days_until(expires_at, now) {
        ..=0 => Some((
            Tone::Bad,
            "The credential of Dynamics 365 has expired. Replace it.".to_owned(),
        )),
        1 => Some((
            Tone::Bad,
            "The credential of Dynamics 365 expires within a day. Replace it.".to_owned(),
        )),
        days if days <= SOON => Some((
            Tone::Warn,
            format!("The credential of Dynamics 365 expires in {days} days. Replace it before."),
        )),
        _ => None,
    }
}

/// The version of the connection that the form was made from.
fn version(input: &Input) -> i64 {
    input.text("version").parse().unwrap_or(-1)
}

/// After a proof the page says how it went; what it found is kept.
async fn proven(visit: &Visit, proof: Result<Proof, Error>) -> Answer {
    match proof {
        Err(error) => refuse(visit, error).await,
        Ok(proof) if proof.is_whole() => visit.done(PAGE, "Every step is proven.").await,
        Ok(_) => Ok(Redirect::to(PAGE).into_response()),
    }
}

/// What could not be done is said on the page as it is now.
async fn refuse(visit: &Visit, error: Error) -> Answer {
    match error.kind() {
        Kind::Conflict | Kind::Invalid => {
            render(visit, FormState::default().refused(&error), None).await
        }
        _ => Err(error.into()),
    }
}

async fn render(visit: &Visit, form: FormState, tried: Option<Proof>) -> Answer {
    let administrator = visit.administrator()?;
    let connection = administrator.crm().await?;
    let leads = administrator.count_leads_here().await?;
    let sandbox = visit.services.settings.dynamics_sandbox.clone();
    let sheet = visit.page("CRM").form(form);
    if let Some(connection) = connection.clone().filter(|c| c.state != CrmState::Draft) {
        let queue = administrator.crm_queue().await?;
        let problem = visit.services.store.crm_problem().await?;
        return Ok(sheet.show(move || {
            view! { <Connected connection=connection tried=tried queue=queue problem=problem /> }
        }));
    }
    Ok(sheet.show(move || view! { <SetUp connection=connection leads=leads sandbox=sandbox /> }))
}
