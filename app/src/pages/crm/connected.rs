//! An organization of Dynamics 365 that is the CRM.

use leadline::{
    crm::{dynamics::TableDescription, fields::lead_fields, proof::Proof},
    store::{
        crm::CrmState,
        now,
        views::{
            crm::{CrmQueue, CrmView},
            sync::COUNTED_AT_MOST,
        },
    },
};
use leptos::prelude::*;

use super::{credential_notice, draft::Credential, proof::Proofs};
use crate::ui::{
    Badge, Banner, Choice, Confirm, Day, Fact, Facts, Field, Record, Section, Submit, Time, Tone,
    thousands,
};

/// The column that says where a lead comes from.
const LEAD_SOURCE: &str = "leadsourcecode";

/// The page while an organization is the CRM.
#[component]
pub(super) fn Connected(
    /// The connection.
    connection: CrmView,
    /// A proof that was just tried and not kept.
    tried: Option<Proof>,
    /// What is between Leadline and the organization.
    queue: CrmQueue,
    /// Why nothing can be brought there at present.
    problem: Option<String>,
) -> impl IntoView {
    let reason = connection.reason.clone();
    let broken = (connection.state == CrmState::Broken).then(|| {
        view! {
            <Banner tone=Tone::Bad title="Nothing can be sent">
                <p>{reason}</p>
                <p>"Submissions wait and are brought in as soon as it works again."</p>
            </Banner>
        }
    });
    let problem = problem.filter(|_| connection.state != CrmState::Broken);
    let problem = problem.map(|why| {
        view! { <Banner tone=Tone::Warn title="Nothing reaches it for now"><p>{why}</p></Banner> }
    });
    let expiring = connection
        .credential_expires_at
        .and_then(|at| credential_notice(at, now()))
        .map(|(tone, text)| view! { <Banner tone=tone>{text}</Banner> });
    let steps = match tried {
        Some(tried) => view! { <Proofs steps=tried.steps at=None /> },
        None => view! { <Proofs steps=connection.proof.clone() at=connection.proven_at /> },
    };
    let beside = beside(&connection);
    let (version, table) = (connection.version, connection.table.clone());
    let source = table.as_ref().map(|table| lead_source(&connection, table));
    let replace = replace(&connection);
    view! {
        <div class="page">
            {broken}{problem}{expiring}
            <Record beside=beside>
                {facts(&connection)}
                {between(queue)}
                {steps}
                {again(version)}
                {source}
                {replace}
                {leave(version)}
            </Record>
        </div>
    }
}

fn facts(connection: &CrmView) -> impl IntoView + use<> {
    let (id, name) = connection.organization.clone().unwrap_or_default();
    let state = match connection.state {
        CrmState::Broken => view! { <Badge tone=Tone::Bad>"Does not work"</Badge> },
        _ => view! { <Badge tone=Tone::Good>"Connected"</Badge> },
    };
    let url = connection.url.clone();
    let (tenant, client_id) = (connection.tenant.clone(), connection.client_id.clone());
    let confirmed = connection.confirmed_at;
    view! {
        <Section title="Dynamics 365">
            <p>"Leads live in this organization. Leadline keeps a copy of those that it wrote or came across, to match and to explain."</p>
            <Facts>
                <Fact term="Organization"><strong><bdi>{name}</bdi></strong></Fact>
                <Fact term="State">{state}</Fact>
                <Fact term="Address"><a href=url.clone() rel="noopener noreferrer">{url.clone()}</a></Fact>
                <Fact term="Organization ID"><code>{id}</code></Fact>
                <Fact term="Tenant"><code>{tenant}</code></Fact>
                <Fact term="Application ID"><code>{client_id}</code></Fact>
                <Fact term="Confirmed">{confirmed.map(|at| view! { <Time at=at /> })}</Fact>
            </Facts>
        </Section>
    }
}

/// What is on its way, what is refused, what stayed behind.
fn between(queue: CrmQueue) -> impl IntoView {
    let count = |n: i64| match n {
        n if n >= COUNTED_AT_MOST => format!("more than {}", thousands(COUNTED_AT_MOST - 1)),
        n => thousands(n),
    };
    let refused = (queue.refused > 0).then(|| {
        view! { <a href="/submissions?reason=crm_refused">{count(queue.refused)}</a> }.into_any()
    });
    let behind = (queue.behind > 0).then(|| {
        view! {
            <p>
                {format!("Submissions whose leads stayed where leads lived before: {}. ", count(queue.behind))}
                "Run again, each of them is matched with the leads of the organization, and makes one there if there is none. "
                <a href="/submissions/run-again">"See what that comes to…"</a>
            </p>
        }
    });
    view! {
        <Section title="Submissions">
            <Facts short=true>
                <Fact term="On their way">{count(queue.on_their_way)}</Fact>
                <Fact term="Refused there">{refused.unwrap_or_else(|| "0".into_any())}</Fact>
            </Facts>
            {behind}
        </Section>
    }
}

fn beside(connection: &CrmView) -> AnyView {
    let columns = connection
        .table
        .as_ref()
        .map(|table| lead_fields(table).iter().count());
    let key = connection.table.as_ref();
    let key = key.and_then(|table| table.response_key.clone());
    let read_at = connection.fields_read_at;
    let expires = connection.credential_expires_at;
    let kind = connection.credential.label();
    view! {
        <Section title="Lead columns">
            <p>{columns.map(|count| format!("{count} columns can be filled by field mappings."))}</p>
            {key.map(|key| view! { <p>"LinkedIn's id of each response goes into "<code>{key}</code>", which is a key of leads."</p> })}
            <p class="muted">
                "Read "{read_at.map(|at| view! { <Time at=at relative=true /> })}
                ", then every day and when something is customized there."
            </p>
            <form method="post" action="/crm/fields">
                <button class="button" type="submit">"Read the fields again"</button>
            </form>
        </Section>
        <Section title="Credential">
            <p>
                {kind}
                {expires.map(|at| view! { ", expires "<Day at=at /> })}
            </p>
            {expires.is_none().then(|| view! {
                <p class="muted">"Say below when it expires, and Leadline warns 30 days before."</p>
            })}
        </Section>
    }
    .into_any()
}

fn again(version: i64) -> impl IntoView {
    view! {
        <form class="row" method="post" action="/crm/check">
            <input type="hidden" name="version" value=version.to_string() />
            <button class="button" type="submit">"Check again"</button>
        </form>
    }
}

fn lead_source(connection: &CrmView, table: &TableDescription) -> impl IntoView + use<> {
    let options = table.column(LEAD_SOURCE).map(|column| &column.options);
    let options = options
        .into_iter()
        .flatten()
        .map(|option| option.label.clone());
    let none = [(String::new(), "None".to_owned())];
    let options = none
        .into_iter()
        .chain(options.map(|label| (label.clone(), label)));
    let options: Vec<(String, String)> = options.collect();
    let chosen = connection.lead_source.clone().unwrap_or_default();
    let version = connection.version.to_string();
    view! {
        <Section title="New leads">
            <form class="form" method="post" action="/crm/lead-source">
                <input type="hidden" name="version" value=version />
                <Choice name="lead_source" label="Lead source" options=options value=chosen
                    hint="Leads that Leadline makes get it as their source. A field mapping to the column goes first." />
                <Submit label="Save the lead source" />
            </form>
        </Section>
    }
}

fn replace(connection: &CrmView) -> impl IntoView + use<> {
    let (version, client_id) = (connection.version.to_string(), connection.client_id.clone());
    let (kept, expires) = (connection.credential, connection.credential_expires_at);
    view! {
        <Section title="Replace the credential">
            <form class="form" method="post" action="/crm/credential">
                <input type="hidden" name="version" value=version />
                <p class="muted">"The new one is proven first. As long as it does not work, the one in use stays."</p>
                <Field name="client_id" label="Application (client) ID" value=client_id most=36 />
                <Credential kept=Some(kept) expires=expires />
                <Submit label="Check and replace" />
            </form>
        </Section>
    }
}

fn leave(version: i64) -> impl IntoView {
    view! {
        <Confirm id="leave" label="Go back to the built-in store" title="Go back to the built-in store?"
            action="/crm/leave" danger=true>
            <input type="hidden" name="version" value=version.to_string() />
            <p>
                "Nothing is sent to Dynamics 365 any more, and what is there stays there. New submissions become leads \
                 in the built-in store. The connection is kept and can be confirmed again."
            </p>
        </Confirm>
    }
}
