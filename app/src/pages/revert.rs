//! Taking back what one attempt changed in a lead: what returns, what stays, and doing it.

use axum::extract::Path;
use leadline::{
    error::Kind,
    lead::LeadFields,
    store::{
        now,
        reverts::{AttemptId, Revertible},
    },
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{Banner, Changes, Query, Section, Submit, Time, Tone},
};

/// The address at which an attempt's changes are taken back.
pub(super) fn path(lead: i64, submission: i64, attempt: i64) -> String {
    format!("/leads/{lead}/revert?submission={submission}&attempt={attempt}")
}

/// What taking back would come to; `?submission=` and `attempt=` say of which attempt.
pub async fn show(visit: Visit, Path(id): Path<i64>, query: Query) -> Answer {
    let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
    let attempt = AttemptId {
        submission: number("submission").unwrap_or(0),
        number: number("attempt").unwrap_or(0),
    };
    render(&visit, id, attempt, FormState::default()).await
}

/// Takes back what can be, unless somebody changed the lead since it was shown.
pub async fn submit(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let salesperson = visit.salesperson()?;
    let number = |name: &str| input.text(name).parse().unwrap_or(0);
    let attempt = AttemptId {
        submission: number("submission"),
        number: number("attempt"),
    };
    let seen = Some(number("version"));
    match salesperson.revert_attempt(id, attempt, seen, now()).await {
        Err(error) if error.kind() == Kind::Conflict => {
            render(&visit, id, attempt, FormState::default().refused(&error)).await
        }
        reverted => {
            let path = format!("/leads/{}", reverted?.lead.id);
            visit.done(&path, "The changes are taken back.").await
        }
    }
}

async fn render(visit: &Visit, id: i64, attempt: AttemptId, form: FormState) -> Answer {
    let salesperson = visit.salesperson()?;
    let found = salesperson.find_revertible(id, attempt, now()).await?;
    let fields = visit.services.store.lead_fields().await?;
    let sheet = visit
        .page("Undo these changes")
        .back(format!("/leads/{}", found.lead.id), found.name.clone())
        .form(form);
    Ok(sheet.show(move || body(id, attempt, found, fields)))
}

fn body(id: i64, attempt: AttemptId, found: Revertible, fields: LeadFields) -> impl IntoView {
    let kept = found.reverted.kept.iter().map(|name| {
        let label = fields.label(name).to_owned();
        let value = found.lead.fields.get(name).cloned();
        let value = value.map(|text| view! { ": "<span class="text" dir="auto">{text}</span> });
        view! { <li>{label}{value}</li> }
    });
    let kept = kept.collect_view();
    let kept = (!found.reverted.kept.is_empty()).then(|| {
        view! { <Section title="Changed since, and kept"><ul>{kept}</ul></Section> }
    });
    let submission = format!("/submissions/{}", attempt.submission);
    let back = found.reverted.back;
    let form = found.why_not.is_none().then(|| {
        view! {
            <form class="form wide" method="post" action=format!("/leads/{id}/revert")>
                <input type="hidden" name="submission" value=attempt.submission.to_string() />
                <input type="hidden" name="attempt" value=attempt.number.to_string() />
                <input type="hidden" name="version" value=found.lead.version.to_string() />
                <Section title="Goes back to what it was">
                    <Changes fields=fields changes=back />
                    <p class="muted">"It counts as your edit: the submission does not write these values again, a later one may."</p>
                </Section>
                <Submit label="Undo these changes" />
            </form>
        }
    });
    view! {
        <div class="page">
            <p>"What "<a href=submission>"the submission"</a>" changed in attempt "{attempt.number}", "<Time at=found.at />"."</p>
            {found.why_not.map(|why| view! { <Banner tone=Tone::Info title="Nothing is taken back">{why}</Banner> })}
            {form}
            {kept}
        </div>
    }
}
