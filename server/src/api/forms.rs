//! Forms, version by version.

use axum::Json;
use leadline::store::views::form::FormView;
use leadline::store::views::forms::{FormFilter, FormRow};
use leadline::submission::FormContent;
use leadline_app::Services;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::Caller;
use super::input::{Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{ApiHiddenField, Moment, Named, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_forms))
        .routes(routes!(get_form))
}

impl Filter for FormFilter {
    const FIELDS: &'static [Field] = &[
        ("q", Kind::Text, "What the name has in it"),
        ("account", Kind::Id, "The linked account"),
        (
            "state",
            Kind::Text,
            "LinkedIn's state of the form, such as `PUBLISHED`",
        ),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<FormFilter> {
        FormFilter::read(get)
    }
}

/// The current version of a lead gen form.
#[derive(Debug, Serialize, ToSchema)]
struct Form {
    /// Leadline's id of this version.
    id: i64,
    /// LinkedIn's id of the form.
    linkedin_id: i64,
    /// The version.
    version: i64,
    /// Its name.
    name: String,
    /// LinkedIn's state, such as `PUBLISHED`.
    #[schema(required)]
    state: Option<String>,
    /// `language_COUNTRY`.
    #[schema(required)]
    locale: Option<String>,
    /// The linked account.
    account: Named,
    /// When the last submission was made, in any version.
    #[schema(required)]
    last_submitted_at: Option<Moment>,
}

impl From<FormRow> for Form {
    fn from(row: FormRow) -> Form {
        let form = row.form;
        Form {
            id: form.id,
            linkedin_id: form.linkedin_id,
            version: form.version,
            name: form.name,
            state: form.state,
            locale: form.locale,
            account: Named {
                id: form.account_id,
                name: Some(form.account_name),
            },
            last_submitted_at: moment(row.came.last_submitted_at),
        }
    }
}

/// One version of a lead gen form, with what it asks.
#[derive(Debug, Serialize, ToSchema)]
struct FormVersion {
    /// What lists show of it.
    #[serde(flatten)]
    form: Form,
    /// Whether it is the version that people fill in now.
    current: bool,
    /// LinkedIn's review status.
    #[schema(required)]
    review_status: Option<String>,
    /// The headline.
    #[schema(required)]
    headline: Option<String>,
    /// The description.
    #[schema(required)]
    description: Option<String>,
    /// What is shown after sending.
    #[schema(required)]
    thank_you: Option<String>,
    /// Where the button after sending leads.
    #[schema(required)]
    landing_page_url: Option<String>,
    /// The advertiser's privacy policy.
    #[schema(required)]
    privacy_policy_url: Option<String>,
    /// The questions, in order.
    questions: Vec<FormQuestion>,
    /// The consents, in order.
    consents: Vec<FormConsent>,
    /// The constants that the form carries with it.
    hidden_fields: Vec<ApiHiddenField>,
    /// All versions of the form that are known, the newest first.
    versions: Vec<OfVersion>,
}

/// One question of a form version.
#[derive(Debug, Serialize, ToSchema)]
struct FormQuestion {
    /// LinkedIn's id.
    id: i64,
    /// Its name, in the language of the form's creator.
    name: String,
    /// Its text, in the form's language.
    text: String,
    /// LinkedIn's key when it is a predefined one, such as `EMAIL`.
    #[schema(required)]
    predefined: Option<String>,
    /// Whether it has to be answered.
    required: bool,
    /// Its options when it is a multiple choice question.
    options: Vec<FormOption>,
}

/// One option of a multiple choice question.
#[derive(Debug, Serialize, ToSchema)]
struct FormOption {
    /// Its id within the question.
    id: i64,
    /// Its text, in the form's language.
    text: String,
}

/// One consent that a form asks for.
#[derive(Debug, Serialize, ToSchema)]
struct FormConsent {
    /// Its id within the form.
    id: i64,
    /// What it says.
    text: String,
    /// Whether it has to be given.
    required: bool,
}

/// A version of a form.
#[derive(Debug, Serialize, ToSchema)]
struct OfVersion {
    /// Leadline's id of the version.
    id: i64,
    /// The version.
    version: i64,
    /// Whether it is the version that people fill in now.
    current: bool,
}

impl From<FormView> for FormVersion {
    fn from(view: FormView) -> FormVersion {
        let form = view.form;
        let (questions, consents, hidden_fields) = asked(view.content);
        let version = |row: leadline::store::views::form::VersionRow| OfVersion {
            id: row.id,
            version: row.version,
            current: row.current,
        };
        FormVersion {
            form: Form {
                id: form.id,
                linkedin_id: form.linkedin_id,
                version: form.version,
                name: form.name,
                state: form.state,
                locale: form.locale,
                account: Named {
                    id: form.account_id,
                    name: Some(form.account_name),
                },
                last_submitted_at: moment(view.came.last_submitted_at),
            },
            current: form.current,
            review_status: form.review_status,
            headline: form.headline,
            description: form.description,
            thank_you: form.thank_you,
            landing_page_url: form.landing_page_url,
            privacy_policy_url: form.privacy_policy_url,
            questions,
            consents,
            hidden_fields,
            versions: view.versions.into_iter().map(version).collect(),
        }
    }
}

fn asked(content: FormContent) -> (Vec<FormQuestion>, Vec<FormConsent>, Vec<ApiHiddenField>) {
    let questions = content.questions.into_iter().map(|question| {
        let options = question.options.into_iter();
        FormQuestion {
            id: question.id,
            name: question.name,
            text: question.text,
            predefined: question.predefined,
            required: question.required,
            options: options
                .map(|option| FormOption {
                    id: option.id,
                    text: option.text,
                })
                .collect(),
        }
    });
    let consents = content.consents.into_iter().map(|consent| FormConsent {
        id: consent.id,
        text: consent.text,
        required: consent.required,
    });
    let hidden = content.hidden.into_iter().map(Into::into);
    (questions.collect(), consents.collect(), hidden.collect())
}

/// List forms in their current versions, by name
#[utoipa::path(get, path = "/forms", tag = "forms", params(Wanted<FormFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<Form>)))]
async fn list_forms(
    caller: Caller,
    wanted: Wanted<FormFilter>,
) -> Result<Json<Listed<Form>>, Problem> {
    let reader = caller.reader()?;
    let page = reader.list_forms(&wanted.filter, &wanted.paging).await?;
    Ok(Json(Listed::of(page, |row| Ok::<_, Problem>(row.into()))?))
}

/// Get one version of a form
#[utoipa::path(get, path = "/forms/{id}", tag = "forms", params(Id),
    responses((status = 200, description = "The version", body = FormVersion)))]
async fn get_form(caller: Caller, Id(id): Id) -> Result<Json<FormVersion>, Problem> {
    Ok(Json(caller.reader()?.find_form(id).await?.into()))
}
