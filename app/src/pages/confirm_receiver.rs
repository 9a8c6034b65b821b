//! After the consent: which organization receives the data. Nothing is synced before.

use axum::extract::Path;
use leadline::store::{now, views::profiles::Profile};
use leptos::prelude::*;

use super::STEPS;
use crate::{
    Answer, Failure, Visit,
    ui::{Fact, Facts, Step, Stepper, Submit},
};

/// The receiving CRM's name in the database: the built-in lead store.
const BUILT_IN: &str = "builtin";

/// Says who receives the data.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let profile = chosen_profile(&visit, id).await?;
    let receiver = visit.services.store.receiver().await?;
    let (name, address, organization) = match receiver {
        Some(receiver) => (receiver.name, receiver.url, Some(receiver.id)),
        None => (
            "Leadline lead store".to_owned(),
            visit.services.settings.public_url.clone(),
            None,
        ),
    };
    let kept = match organization {
        Some(_) => "In Dynamics 365, with a copy here until they are erased here",
        None => "Answers, consents and contact data, until they are erased here",
    };
    let sheet = visit
        .page("Confirm the organization")
        .back(format!("/profiles/{id}/accounts"), "Choose accounts");
    Ok(sheet.show(move || {
        view! {
            <Stepper steps=Step::sequence(&STEPS, 2) />
            <form class="form" method="post">
                <p>"The leads of the chosen accounts will be kept there. Is that the organization that should receive them?"</p>
                <div class="card">
                    <Facts>
                        <Fact term="Organization"><strong><bdi>{name}</bdi></strong></Fact>
                        <Fact term="Address">{address}</Fact>
                        {organization.map(|id| view! { <Fact term="Organization ID"><code>{id}</code></Fact> })}
                        <Fact term="Accounts">{format!("{} of {} chosen", profile.chosen, profile.accounts)}</Fact>
                        <Fact term="Kept">{kept}</Fact>
                    </Facts>
                </div>
                <Submit label="Confirm and start syncing" />
            </form>
        }
    }))
}

/// Confirms; from now on the profile syncs by itself.
pub async fn submit(visit: Visit, Path(id): Path<i64>) -> Answer {
    chosen_profile(&visit, id).await?;
    let salesperson = visit.salesperson()?;
    let receiver = visit.services.store.receiver().await?;
    let crm = receiver.map_or_else(
        || BUILT_IN.to_owned(),
        |receiver| format!("dynamics-365:{}", receiver.id),
    );
    salesperson.confirm_profile(id, &crm, now()).await?;
    visit.services.worker.wake();
    let notice = "Connected. The first submissions arrive in a moment.";
    visit.done(&format!("/profiles/{id}"), notice).await
}

/// The own profile in which accounts are chosen; without them there is nothing to confirm yet.
async fn chosen_profile(visit: &Visit, id: i64) -> Result<Profile, Failure> {
    visit.salesperson()?.own_profile(id).await?;
    let profile = visit.reader()?.find_profile(id).await?;
    match profile.chosen {
        0 => Err(Failure::Elsewhere(format!("/profiles/{id}/accounts"))),
        _ => Ok(profile),
    }
}
