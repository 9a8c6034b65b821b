//! After the consent: which accounts are synced.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect},
};
use leadline::store::{
    now,
    views::profiles::{Profile, ProfileAccount},
};
use leptos::prelude::*;

use super::STEPS;
use crate::{
    Answer, FormState, Input, Visit,
    ui::{Banner, Check, Empty, Loading, Step, Stepper, Submit, Tone},
};

/// Shows the accounts that the profile reaches, to be ticked.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    page(visit, id, FormState::default(), None).await
}

/// Keeps what was ticked and goes on to the confirmation, or back to the profile.
pub async fn submit(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let salesperson = visit.salesperson()?;
    let profile = salesperson.own_profile(id).await?;
    let chosen = input.ids("account");
    if chosen.is_empty() && profile.confirmed_at.is_none() {
        let mut form = FormState::of(&input);
        form.wrong("account", "Tick at least one account.");
        return page(visit, id, form, Some(chosen)).await;
    }
    salesperson.choose_accounts(id, &chosen, now()).await?;
    if profile.confirmed_at.is_none() {
        return Ok(Redirect::to(&format!("/profiles/{id}/confirm")).into_response());
    }
    visit.services.worker.wake();
    let notice = "Saved. The chosen accounts are synced now.";
    visit.done(&format!("/profiles/{id}"), notice).await
}

async fn page(visit: Visit, id: i64, form: FormState, ticked: Option<Vec<i64>>) -> Answer {
    visit.salesperson()?.own_profile(id).await?;
    let reader = visit.reader()?;
    let profile = reader.find_profile(id).await?;
    let accounts = reader.list_profile_accounts(id).await?;
    let wrong = form.error("account");
    let sheet = visit
        .page("Choose accounts")
        .back(format!("/profiles/{id}"), profile.name.clone());
    let sheet = match profile.discovered_at {
        Some(_) => sheet,
        None => sheet.again_in(2),
    };
    Ok(sheet.form(form).show(move || {
        let first = profile.confirmed_at.is_none();
        view! {
            {first.then(|| view! { <Stepper steps=Step::sequence(&STEPS, 1) /> })}
            {wrong.map(|text| view! { <Banner tone=Tone::Bad live=true>{text}</Banner> })}
            {choice(&profile, accounts, ticked)}
        }
    }))
}

fn choice(profile: &Profile, accounts: Vec<ProfileAccount>, ticked: Option<Vec<i64>>) -> AnyView {
    if !accounts.is_empty() {
        return form(profile, accounts, ticked).into_any();
    }
    if profile.discovered_at.is_none() {
        return view! { <Loading label="Asking LinkedIn for the accounts. This page reloads by itself." /> }.into_any();
    }
    let again = format!("/auth/linkedin/start?profile={}", profile.id);
    view! {
        <Empty title="LinkedIn shows no accounts">
            <p>
                "This member has no role in an ad account or company page. In Campaign Manager, ask for the role \
                 Viewer or more, then authorize again."
            </p>
            <a class="button" href=again>"Authorize again"</a>
        </Empty>
    }
    .into_any()
}

fn form(
    profile: &Profile,
    accounts: Vec<ProfileAccount>,
    ticked: Option<Vec<i64>>,
) -> impl IntoView + use<> {
    let first = profile.confirmed_at.is_none();
    let checks = accounts.into_iter().map(|account| {
        let checked = match &ticked {
            Some(ids) => ids.contains(&account.id),
            None if first => account.has_page,
            None => account.chosen,
        };
        let hint = hint(&account);
        view! { <Check name="account" value=account.id.to_string() label=account.name checked=checked hint=hint /> }
    });
    let go_on = if first { "Go on" } else { "Save" };
    view! {
        <form class="form" method="post">
            <p>"Leadline brings in the leads of the accounts that you tick. You can change this at any time."</p>
            <fieldset class="checks">
                <legend class="quiet-text">"LinkedIn accounts"</legend>
                {checks.collect_view()}
            </fieldset>
            <Submit label=go_on />
        </form>
    }
}

/// What helps to decide about an account; first of all why it can give no leads.
fn hint(account: &ProfileAccount) -> String {
    let number = account.urn.rsplit(':').next().unwrap_or_default();
    let kind = match account.kind.as_str() {
        "organization" => "Company page",
        _ if account.test => "Test ad account",
        _ => "Ad account",
    };
    let page = match (&account.organization_name, account.has_page) {
        (_, false) => {
            " · no company page is attached to it, so LinkedIn gives no leads; attach one in Campaign Manager"
        }
        (Some(name), true) if account.kind != "organization" => {
            return format!("{kind} {number} · {name}");
        }
        _ => "",
    };
    format!("{kind} {number}{page}")
}
