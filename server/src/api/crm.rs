//! Where leads live.

use axum::Json;
use leadline::crm::proof::{Outcome, Proved};
use leadline::store::access::Administrator;
use leadline::store::crm::CrmState;
use leadline::store::views::crm::CrmView;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::May;
use super::problem::Problem;
use super::shapes::{Moment, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<leadline_app::Services> {
    OpenApiRouter::default().routes(routes!(get_crm))
}

/// Where leads live, and the connection to Dynamics 365, if there is one. It never holds a secret.
#[derive(Debug, Serialize, ToSchema)]
struct Crm {
    /// Where leads live: `built-in` or `dynamics-365`.
    kind: &'static str,
    /// The connection to Dynamics 365, also one that is being set up.
    #[schema(required)]
    connection: Option<Connection>,
}

/// A connection to Dynamics 365.
#[derive(Debug, Serialize, ToSchema)]
struct Connection {
    /// `draft`: it is being set up; `active`: it is the CRM; `broken`: it is, and does not work.
    state: &'static str,
    /// Why it does not work, in words; null when it does.
    #[schema(required)]
    reason: Option<String>,
    /// Where the organization is.
    url: String,
    /// The organization's id, as far as it was found.
    #[schema(required)]
    organization_id: Option<String>,
    /// The organization's name.
    #[schema(required)]
    organization_name: Option<String>,
    /// The tenant.
    tenant: String,
    /// The application's id.
    client_id: String,
    /// By what Leadline signs in: `secret` or `certificate`.
    credential: &'static str,
    /// When its time is over, if somebody said so.
    #[schema(required)]
    credential_expires_at: Option<Moment>,
    /// When a person confirmed the organization.
    #[schema(required)]
    confirmed_at: Option<Moment>,
    /// When the columns of the lead table were read last.
    #[schema(required)]
    fields_read_at: Option<Moment>,
    /// When the steps were proven last.
    #[schema(required)]
    proven_at: Option<Moment>,
    /// The steps, in order.
    steps: Vec<ProofStep>,
}

/// One step of the proof that the connection works.
#[derive(Debug, Serialize, ToSchema)]
struct ProofStep {
    /// What is proven.
    step: &'static str,
    /// `passed`, `noted` (passed, with something to know), `failed`, `left_out` or `not_reached`.
    outcome: &'static str,
    /// What was found, or what is wrong and what to do.
    message: String,
}

impl From<Proved> for ProofStep {
    fn from(proved: Proved) -> ProofStep {
        ProofStep {
            step: proved.step.label(),
            outcome: match proved.outcome {
                Outcome::Passed => "passed",
                Outcome::Noted => "noted",
                Outcome::Failed => "failed",
                Outcome::LeftOut => "left_out",
                Outcome::NotReached => "not_reached",
            },
            message: proved.message,
        }
    }
}

impl From<CrmView> for Connection {
    fn from(view: CrmView) -> Connection {
        let (id, name) = view.organization.unzip();
        Connection {
            state: view.state.slug(),
            reason: Some(view.reason).filter(|reason| !reason.is_empty()),
            url: view.url,
            organization_id: id,
            organization_name: name,
            tenant: view.tenant,
            client_id: view.client_id,
            credential: view.credential.slug(),
            credential_expires_at: moment(view.credential_expires_at),
            confirmed_at: moment(view.confirmed_at),
            fields_read_at: moment(view.fields_read_at),
            proven_at: moment(view.proven_at),
            steps: view.proof.into_iter().map(ProofStep::from).collect(),
        }
    }
}

/// Get the CRM
///
/// Where leads live, and how the connection to Dynamics 365 is. It is set up on the page `/crm`.
/// Needs the role Administrator.
#[utoipa::path(get, path = "/crm", tag = "crm",
    responses((status = 200, description = "The CRM", body = Crm)))]
async fn get_crm(May(administrator): May<Administrator>) -> Result<Json<Crm>, Problem> {
    let view = administrator.crm().await?;
    let in_use = |view: &CrmView| view.state != CrmState::Draft;
    let kind = match view.as_ref().is_some_and(in_use) {
        true => "dynamics-365",
        false => "built-in",
    };
    Ok(Json(Crm {
        kind,
        connection: view.map(Connection::from),
    }))
}
