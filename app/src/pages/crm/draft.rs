//! Setting up a connection, as long as leads are in the built-in store.

use leadline::{
    crm::proof::is_whole,
    store::{
        crm::CredentialKind,
        views::{crm::CrmView, query::Day, sync::COUNTED_AT_MOST},
    },
};
use leptos::prelude::*;

use super::proof::Proofs;
use crate::{
    DynamicsSandbox,
    ui::{
        Banner, Check, Choice, Confirm, Fact, Facts, Field, More, Section, Submit, Text, Tone,
        thousands,
    },
};

/// Languages in which an organization's labels may be read, by their number at Microsoft.
const LANGUAGES: [(&str, &str); 16] = [
    ("", "The language of the application user"),
    ("1029", "Czech"),
    ("1030", "Danish"),
    ("1043", "Dutch"),
    ("1033", "English"),
    ("1035", "Finnish"),
    ("1036", "French"),
    ("1031", "German"),
    ("1040", "Italian"),
    ("1041", "Japanese"),
    ("1044", "Norwegian"),
    ("1045", "Polish"),
    ("1046", "Portuguese (Brazil)"),
    ("2070", "Portuguese (Portugal)"),
    ("3082", "Spanish"),
    ("1053", "Swedish"),
];

/// The page as long as leads are in the built-in store.
#[component]
pub(super) fn SetUp(
    /// The connection that is being set up.
    connection: Option<CrmView>,
    /// How many leads the built-in store holds.
    leads: i64,
    /// What to type in the demo.
    sandbox: Option<DynamicsSandbox>,
) -> impl IntoView {
    let proven = connection.as_ref().filter(|c| is_whole(&c.proof)).cloned();
    let steps = connection.as_ref().map(|c| (c.proof.clone(), c.proven_at));
    let forget = connection.as_ref().map(forget);
    view! {
        <div class="page">
            <p>
                "Leads are kept in the "<strong>"built-in lead store"</strong>", which needs nothing. They can live in \
                 an organization of Dynamics 365 instead: connect it, prove step by step that it works, and confirm \
                 that it is yours. Nothing is sent to it before."
            </p>
            {sandbox.map(demo)}
            {steps.map(|(steps, at)| view! { <Proofs steps=steps at=at /> })}
            {proven.map(|connection| validate(connection, leads))}
            <Form connection=connection />
            {forget}
        </div>
    }
}

/// What to type in the demo.
fn demo(sandbox: DynamicsSandbox) -> impl IntoView {
    view! {
        <Banner tone=Tone::Info title="In this demo">
            <p>"A stand-in for Dynamics 365 runs on this machine. To connect it, type:"</p>
            <Facts>
                <Fact term="Environment address"><code>{sandbox.organization}</code></Fact>
                <Fact term="Application (client) ID"><code>{sandbox.client_id}</code></Fact>
                <Fact term="Client secret"><code>{sandbox.client_secret}</code></Fact>
            </Facts>
        </Banner>
    }
}

#[component]
fn Form(connection: Option<CrmView>) -> impl IntoView {
    let kept = connection.as_ref().map(|c| c.credential);
    let url = connection
        .as_ref()
        .map(|c| c.url.clone())
        .unwrap_or_default();
    let client = connection
        .as_ref()
        .map(|c| c.client_id.clone())
        .unwrap_or_default();
    let tenant = connection
        .as_ref()
        .map(|c| c.tenant.clone())
        .unwrap_or_default();
    let expires = connection.as_ref().and_then(|c| c.credential_expires_at);
    let language = connection.as_ref().and_then(|c| c.language);
    let version = connection.as_ref().map_or(0, |c| c.version);
    let languages = LANGUAGES.map(|(code, name)| (code.to_owned(), name.to_owned()));
    view! {
        <Section title="Connect Dynamics 365">
            <form class="form" method="post" action="/crm">
                <input type="hidden" name="version" value=version.to_string() />
                <Field name="url" label="Environment address" value=url
                    hint="Such as https://contoso.crm.dynamics.com. It stands on the environment's page in the Power \
                          Platform admin center." />
                <Field name="client_id" label="Application (client) ID" value=client most=36
                    hint="From the overview of the app registration in Entra. The application needs a user with a \
                          role in the environment." />
                <Field name="tenant" label="Tenant" value=tenant optional=true
                    hint="The directory (tenant) ID. Leave it empty: the address tells it." />
                <Credential kept=kept expires=expires />
                <Choice name="language" label="Labels of columns and choices in" options=languages.to_vec()
                    value=language.map(|code| code.to_string()).unwrap_or_default() />
                <div class="checks">
                    <Check name="write" value="yes" label="Try writing as well" checked=false
                        hint="Makes a lead named “Leadline probe” in the organization, changes it and deletes it." />
                </div>
                <Submit label="Check the connection" />
            </form>
        </Section>
    }
}

/// The secret or the certificate, and when its time is over.
#[component]
pub(super) fn Credential(
    /// What is kept already.
    kept: Option<CredentialKind>,
    /// When its time is over.
    expires: Option<i64>,
) -> impl IntoView {
    let hint = match kept {
        None => "The secret's value, not its ID; or paste a certificate below.",
        Some(CredentialKind::Secret) => {
            "A secret is kept. Leave this empty to keep it, or type another one."
        }
        Some(CredentialKind::Certificate) => "A certificate is kept. Leave this empty to keep it.",
    };
    let expires = expires.and_then(Day::of).map(|day| day.to_string());
    view! {
        <Field name="client_secret" label="Client secret" kind="password" most=500 optional=true hint=hint />
        <More title="A certificate instead of a secret">
            <Text name="certificate" label="Certificate" value="" most=9_000
                hint="As PEM. Upload the same one to the app registration: Certificates & secrets, Certificates." />
            <Text name="private_key" label="Its private key" value="" most=9_000
                hint="As PEM, RSA, without a password. It is kept encrypted and never shown." />
        </More>
        <Field name="expires" label="Expires on" kind="date" value=expires.unwrap_or_default() optional=true
            hint="Microsoft does not tell. Leadline warns 30 days before." />
    }
}

/// The question that a person has to answer before anything is sent.
fn validate(connection: CrmView, leads: i64) -> impl IntoView {
    let (id, name) = connection.organization.unwrap_or_default();
    let known = match connection.confirmed_organization {
        Some(_) => "It is the organization that was confirmed at this address before.",
        None => {
            "Nobody has confirmed it before. From now on nothing is sent to this address if another id answers."
        }
    };
    view! {
        <Section title="Validate the organization">
            <form class="form" method="post" action="/crm/confirm">
                <input type="hidden" name="version" value=connection.version.to_string() />
                <p>"Is this your organization, and shall it receive the leads?"</p>
                <div class="card">
                    <Facts>
                        <Fact term="Name"><strong><bdi>{name}</bdi></strong></Fact>
                        <Fact term="Address">{connection.url}</Fact>
                        <Fact term="Organization ID"><code>{id}</code></Fact>
                    </Facts>
                    <p class="muted">{known}</p>
                </div>
                <Banner tone=Tone::Warn title="What happens to the leads that are here">{existing(leads)}</Banner>
                <Submit label="Confirm and send leads there" />
            </form>
        </Section>
    }
}

fn existing(leads: i64) -> String {
    let count = match leads {
        0 => {
            return "No lead is here yet. Every submission becomes a lead in the organization."
                .to_owned();
        }
        1 => "The one lead that is here stays".to_owned(),
        many if many >= COUNTED_AT_MOST => "The leads that are here stay".to_owned(),
        many => format!("The {} leads that are here stay", thousands(many)),
    };
    format!(
        "{count} here and can be read; the confirmation sends none of them. New submissions become leads in the \
         organization: each is matched with the open leads there first."
    )
}

/// Throwing away what was typed.
fn forget(connection: &CrmView) -> impl IntoView + use<> {
    let version = connection.version.to_string();
    let known = connection.confirmed_organization.clone().map(|id| {
        view! {
            <p>"The organization "<code>{id}</code>" was confirmed at this address. After this, another one may be."</p>
        }
    });
    view! {
        <Confirm id="forget" label="Forget" title="Forget this connection?" action="/crm/forget" danger=true>
            <input type="hidden" name="version" value=version />
            <p>"What was typed, the secret and the proof are deleted. Leads stay as they are."</p>
            {known}
        </Confirm>
    }
}
