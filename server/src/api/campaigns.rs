//! Campaigns.

use axum::Json;
use leadline::store::views::campaigns::{CampaignFilter, CampaignRow};
use leadline_app::Services;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{Moment, Named, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_campaigns))
        .routes(routes!(get_campaign))
}

impl Filter for CampaignFilter {
    const FIELDS: &'static [Field] = &[
        ("q", Kind::Text, "What the name has in it"),
        ("account", Kind::Id, "The linked account"),
        (
            "status",
            Kind::Text,
            "LinkedIn's status of the campaign, such as `ACTIVE`",
        ),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<CampaignFilter> {
        CampaignFilter::read(get)
    }
}

/// A campaign at LinkedIn.
#[derive(Debug, Serialize, ToSchema)]
struct Campaign {
    /// Leadline's id.
    id: i64,
    /// LinkedIn's id.
    linkedin_id: i64,
    /// Its name.
    name: String,
    /// LinkedIn's type, such as `SPONSORED_UPDATES`.
    #[schema(required)]
    campaign_type: Option<String>,
    /// What it is for, such as `LEAD_GENERATION`.
    #[schema(required)]
    objective: Option<String>,
    /// LinkedIn's status, such as `ACTIVE`.
    #[schema(required)]
    linkedin_status: Option<String>,
    /// When it begins.
    #[schema(required)]
    starts_at: Option<Moment>,
    /// When it ends.
    #[schema(required)]
    ends_at: Option<Moment>,
    /// The linked account.
    account: Named,
    /// When the last submission was made.
    #[schema(required)]
    last_submitted_at: Option<Moment>,
}

impl From<CampaignRow> for Campaign {
    fn from(row: CampaignRow) -> Campaign {
        let campaign = row.campaign;
        Campaign {
            id: campaign.id,
            linkedin_id: campaign.linkedin_id,
            name: campaign.name,
            campaign_type: campaign.campaign_type,
            objective: campaign.objective,
            linkedin_status: campaign.linkedin_status,
            starts_at: moment(campaign.starts_at),
            ends_at: moment(campaign.ends_at),
            account: Named {
                id: campaign.account_id,
                name: Some(campaign.account_name),
            },
            last_submitted_at: moment(row.came.last_submitted_at),
        }
    }
}

/// List campaigns, by name
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", params(Wanted<CampaignFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<Campaign>)))]
async fn list_campaigns(
    caller: Caller,
    wanted: Wanted<CampaignFilter>,
) -> Result<Json<Listed<Campaign>>, Problem> {
    let reader = caller.reader()?;
    let page = reader
        .list_campaigns(&wanted.filter, &wanted.paging)
        .await?;
    Ok(Json(Listed::of(page, |row| Ok::<_, Problem>(row.into()))?))
}

/// Get one campaign
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", params(Id),
    responses((status = 200, description = "The campaign", body = Campaign)))]
async fn get_campaign(caller: Caller, Id(id): Id) -> Result<Json<Campaign>, Problem> {
    Ok(Json(caller.reader()?.find_campaign(id).await?.into()))
}
