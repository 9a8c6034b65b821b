//! What changed at forms.

use axum::Json;
use axum::extract::State;
use leadline::drift::Asked;
use leadline::store::access::Administrator;
use leadline::store::now;
use leadline::store::views::form_changes::{FormChange as View, FormChangeFilter};
use leadline_app::Services;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{Caller, May};
use super::input::{Field, Filter, Id, Kind, Wanted};
use super::listed::Listed;
use super::problem::Problem;
use super::shapes::{Moment, Named, moment};

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default()
        .routes(routes!(list_form_changes))
        .routes(routes!(get_form_change))
        .routes(routes!(tick_off_form_change))
}

impl Filter for FormChangeFilter {
    const FIELDS: &'static [Field] = &[
        (
            "state",
            Kind::Word(&["open", "done"]),
            "Whether somebody has still to look at it",
        ),
        (
            "form",
            Kind::Id,
            "A version of the form; all versions of the form are meant",
        ),
        ("account", Kind::Id, "The linked account"),
    ];

    fn read(get: &impl Fn(&str) -> Option<String>) -> leadline::error::Result<FormChangeFilter> {
        FormChangeFilter::read(get)
    }
}

/// Something that changed at a form.
#[derive(Debug, Serialize, ToSchema)]
struct FormChange {
    /// Leadline's id.
    id: i64,
    /// The version that brought it, by Leadline's id and the form's name.
    #[schema(required)]
    form: Option<Named>,
    /// The linked account.
    account: Named,
    /// The version that it was compared with; null when there was none.
    #[schema(required)]
    from_version: Option<i64>,
    /// The version that brought it.
    to_version: i64,
    /// What it is.
    kind: FormChangeKind,
    /// What it is, in words.
    what: String,
    /// What was asked before; null when nothing was.
    #[schema(required)]
    before: Option<FormAsked>,
    /// What is asked now; null when nothing is.
    #[schema(required)]
    after: Option<FormAsked>,
    /// The option before, when it is about one.
    #[schema(required)]
    option_before: Option<String>,
    /// The option now, when it is about one.
    #[schema(required)]
    option_after: Option<String>,
    /// What it means for leads by the mappings in force, in words.
    means: String,
    /// Whether it mattered to the mappings when it was noticed.
    affects: bool,
    /// What Leadline did about it by itself; empty when nothing.
    note: String,
    /// How many submissions of the last 30 days answer the question, or the form when it is about no
    /// question; 10001 stands for more than 10000.
    submissions: i64,
    /// How many submissions wait for somebody to look at it, counted in the same way.
    held: i64,
    /// When it was noticed.
    noticed_at: Moment,
    /// When it was ticked off; null while somebody has still to look at it.
    #[schema(required)]
    done_at: Option<Moment>,
    /// Who ticked it off.
    #[schema(required)]
    done_by: Option<String>,
}

/// What can happen to a form.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FormChangeKind {
    NewForm,
    NewVersion,
    QuestionAdded,
    QuestionEdited,
    QuestionGone,
    OptionAdded,
    OptionEdited,
    OptionGone,
}

impl From<leadline::drift::Kind> for FormChangeKind {
    fn from(kind: leadline::drift::Kind) -> FormChangeKind {
        use leadline::drift::Kind as K;
        match kind {
            K::NewForm => FormChangeKind::NewForm,
            K::NewVersion => FormChangeKind::NewVersion,
            K::Added => FormChangeKind::QuestionAdded,
            K::Edited => FormChangeKind::QuestionEdited,
            K::Gone => FormChangeKind::QuestionGone,
            K::OptionAdded => FormChangeKind::OptionAdded,
            K::OptionEdited => FormChangeKind::OptionEdited,
            K::OptionGone => FormChangeKind::OptionGone,
        }
    }
}

/// A question, a consent or a hidden field, as a form has it.
#[derive(Debug, Serialize, ToSchema)]
struct FormAsked {
    /// LinkedIn's id; a hidden field has none.
    #[schema(required)]
    id: Option<i64>,
    /// How it is worded.
    text: String,
    /// The kind of source that a mapping would take it by, such as `question`; null when it says
    /// nothing to find it by.
    #[schema(required)]
    source_kind: Option<String>,
}

impl From<Asked> for FormAsked {
    fn from(asked: Asked) -> FormAsked {
        FormAsked {
            id: asked.id,
            text: asked.text,
            source_kind: asked.source.map(|source| source.kind().to_owned()),
        }
    }
}

impl From<View> for FormChange {
    fn from(view: View) -> FormChange {
        let what = view.change.words();
        FormChange {
            id: view.id,
            form: Named::of(view.form_id, Some(view.form_name)),
            account: Named {
                id: view.account_id,
                name: Some(view.account_name),
            },
            from_version: view.from_version,
            to_version: view.to_version,
            kind: view.change.kind.into(),
            what,
            before: view.change.before.map(Into::into),
            after: view.change.after.map(Into::into),
            option_before: view.change.option_before,
            option_after: view.change.option_after,
            means: view.means,
            affects: view.affects,
            note: view.note,
            submissions: view.carried.number(),
            held: view.held.number(),
            noticed_at: view.noticed_at.into(),
            done_at: moment(view.done_at),
            done_by: view.done_by,
        }
    }
}

/// List what changed at forms, the latest first
#[utoipa::path(get, path = "/form-changes", tag = "form-changes", params(Wanted<FormChangeFilter>),
    responses((status = 200, description = "One page of the list", body = Listed<FormChange>)))]
async fn list_form_changes(
    caller: Caller,
    wanted: Wanted<FormChangeFilter>,
) -> Result<Json<Listed<FormChange>>, Problem> {
    let reader = caller.reader()?;
    let page = reader
        .list_form_changes(&wanted.filter, &wanted.paging, now())
        .await?;
    Ok(Json(Listed::of(page, |row| Ok::<_, Problem>(row.into()))?))
}

/// Get one change of a form
#[utoipa::path(get, path = "/form-changes/{id}", tag = "form-changes", params(Id),
    responses((status = 200, description = "The change", body = FormChange)))]
async fn get_form_change(caller: Caller, Id(id): Id) -> Result<Json<FormChange>, Problem> {
    let found = caller.reader()?.find_form_change(id, now()).await?;
    Ok(Json(found.into()))
}

/// Tick a change of a form off
///
/// Submissions that waited for nothing else are decided again. To tick off what is ticked off
/// already changes nothing.
#[utoipa::path(post, path = "/form-changes/{id}/done", tag = "form-changes", params(Id),
    responses((status = 200, description = "The change, ticked off", body = FormChange)))]
async fn tick_off_form_change(
    State(services): State<Services>,
    caller: Caller,
    May(administrator): May<Administrator>,
    Id(id): Id,
) -> Result<Json<FormChange>, Problem> {
    administrator.tick_off_form_changes(&[id], now()).await?;
    services.worker.wake();
    let found = caller.reader()?.find_form_change(id, now()).await?;
    Ok(Json(found.into()))
}
