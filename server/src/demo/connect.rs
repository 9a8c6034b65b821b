//! `leadline demo --connected`: the consent that a newcomer would click through, given already.

use axum::http::Method;
use leadline::error::{Error, Kind};
use leadline::http::{Limits, client};
use leadline::oauth::{ConsentError, ProfileMember};
use leadline::store::access::{Salesperson, Signed};
use leadline::store::now;
use leadline::sync::discover::discover_profile;
use leadline_sandbox::Sandbox;
use serde_json::{Value, json};
use url::Url;

use super::SALESPERSON;
use crate::engine::Engine;
use crate::failure::{Failure, Outcome};

/// The member of the sandbox who consents.
const MEMBER: &str = "ada";
const SILENT: &str = "the sandbox does not answer";

/// Connects the salesperson with a LinkedIn member and all of the member's accounts, once.
///
/// # Errors
/// When the sandbox or the database refuses.
pub async fn connect(engine: &Engine, sandbox: &Sandbox) -> Outcome {
    let people = engine.store.list_people().await?;
    let seller = people
        .into_iter()
        .find(|listed| listed.person.email == SALESPERSON.email)
        .ok_or_else(|| failed("the salesperson of the demo is not there"))?;
    let signed = Signed::new(engine.store.clone(), seller.person);
    if !signed.reader()?.list_profiles().await?.is_empty() {
        return Ok(());
    }
    let code = consent(engine, sandbox).await?;
    let refused = |e: ConsentError| Error::new(Kind::Unavailable, e.title());
    let tokens = engine.oauth.exchange(&code).await.map_err(refused)?;
    let member = engine.linkedin.member(&tokens.access).user_info().await;
    let member = member.ok().flatten().map(|user| ProfileMember {
        id: user.id,
        name: user.name,
    });
    let seller = signed.salesperson()?;
    let profile = seller
        .create_profile(&tokens, member.as_ref(), &engine.sealer, now())
        .await?;
    choose_all(engine, &signed, &seller, profile).await
}

async fn choose_all(
    engine: &Engine,
    signed: &Signed,
    seller: &Salesperson,
    profile: i64,
) -> Outcome {
    if let Some(grant) = engine.keeper.token_for_profile(profile, now()).await? {
        let found = discover_profile(&engine.store, &engine.linkedin, &grant, now()).await?;
        found.map_err(Error::from)?;
    }
    let accounts = signed.reader()?.list_profile_accounts(profile).await?;
    let ids: Vec<i64> = accounts.iter().map(|account| account.id).collect();
    seller.choose_accounts(profile, &ids, now()).await?;
    seller.confirm_profile(profile, "builtin", now()).await?;
    engine.worker.handle().wake();
    Ok(())
}

/// Lets the sandbox consent without a click, just this once; gives the code.
async fn consent(engine: &Engine, sandbox: &Sandbox) -> Outcome<String> {
    let wish = json!({ "consent": "auto_allow", "consent_member": MEMBER });
    control(sandbox, &wish).await?;
    let address: Url = parse(&engine.oauth.authorization_url("demo"))?;
    let http = client(&address, Limits::default())?;
    let asked = http.request(Method::GET, address);
    let answer = asked.map_err(|_| failed(SILENT))?.send().await;
    control(
        sandbox,
        &json!({ "consent": "page", "consent_member": null }),
    )
    .await?;
    let answer = answer.map_err(|_| failed(SILENT))?;
    let back = answer
        .headers()
        .get("location")
        .and_then(|to| to.to_str().ok());
    let back = parse(back.unwrap_or_default())?;
    let code = back.query_pairs().find(|(name, _)| name == "code");
    code.map(|(_, code)| code.into_owned())
        .ok_or_else(|| failed("the sandbox gave no code"))
}

async fn control(sandbox: &Sandbox, faults: &Value) -> Outcome {
    let address = parse(&format!("{}/control/faults", sandbox.base_url()))?;
    let http = client(&address, Limits::default())?;
    let told = http.request(Method::PATCH, address);
    let told = told.map_err(|_| failed(SILENT))?.json(faults);
    match told.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        _ => Err(failed("the sandbox does not do as it is told")),
    }
}

fn parse(address: &str) -> Outcome<Url> {
    Url::parse(address).map_err(|_| failed("the sandbox gave no address"))
}

fn failed(why: &str) -> Failure {
    Failure::Failed(format!("The demo cannot be connected: {why}."))
}
