//! Undoing the latest merge into a lead: what goes back, what stays, and doing it.

use axum::extract::Path;
use leadline::{
    error::Kind,
    lead::{LeadFields, display_name},
    merge::differences,
    store::{merges::Undoable, now, views::paging::Total},
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{Changes, Section, Submit, Time, counted},
};

/// What undoing would come to.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    render(&visit, id, FormState::default()).await
}

/// Undoes it, unless somebody changed the lead since it was shown.
pub async fn submit(visit: Visit, Path(id): Path<i64>, input: Input) -> Answer {
    let seen = Some(input.text("version").parse().unwrap_or(0));
    match visit.administrator()?.unmerge_lead(id, seen, now()).await {
        Err(error) if error.kind() == Kind::Conflict => {
            render(&visit, id, FormState::default().refused(&error)).await
        }
        undone => {
            let path = format!("/leads/{}", undone?);
            let said = "The merge is undone. This is the lead that is there again.";
            visit.done(&path, said).await
        }
    }
}

async fn render(visit: &Visit, id: i64, form: FormState) -> Answer {
    let undoable = visit.administrator()?.find_undoable(id, now()).await?;
    let fields = visit.services.store.lead_fields().await?;
    let sheet = visit
        .page("Undo the merge")
        .back(format!("/leads/{id}"), display_name(&undoable.lead.fields))
        .form(form);
    Ok(sheet.show(move || body(undoable, fields)))
}

fn body(undoable: Undoable, fields: LeadFields) -> impl IntoView {
    let Undoable {
        lead,
        other,
        at,
        actor,
        undone,
        returning,
        came,
        ..
    } = undoable;
    let back = differences(&lead, &undone.survivor);
    let kept: Vec<&str> = undone.kept.iter().map(|name| fields.label(name)).collect();
    let kept = (!kept.is_empty()).then(|| {
        let names = kept.join(", ");
        view! { <li>"Changed since the merge, and stays as it is: "{names}"."</li> }
    });
    let submissions = |n| counted(Total::new(n), "submission", "submissions");
    let staying = (came > 0).then(|| {
        let stay = if came == 1 { "stays" } else { "stay" };
        view! { <li>{submissions(came)}" that came since the merge "{stay}" here."</li> }
    });
    let owner = (lead.owner != undone.survivor.owner)
        .then(|| view! { <li>"The lead gets back the owner that it had before."</li> });
    let going = submissions(returning);
    let changes = match back.is_empty() {
        true => view! { <p class="muted">"No value of this lead changes."</p> }.into_any(),
        false => view! { <Changes fields=fields changes=back /> }.into_any(),
    };
    view! {
        <form class="form wide" method="post" action=format!("/leads/{}/unmerge", lead.id)>
            <input type="hidden" name="version" value=lead.version.to_string() />
            <p><bdi>{actor}</bdi>" merged "<bdi>{display_name(&other.fields)}</bdi>" into this lead, "<Time at=at />"."</p>
            <Section title="What will happen">
                <ul>
                    <li><bdi>{display_name(&other.fields)}</bdi>" (lead "{other.id}") is a lead of its own again, with the values and the owner that it had, and "{going}"."</li>
                    {staying}
                    {owner}
                    {kept}
                </ul>
            </Section>
            <Section title="Values that go back to what they were">{changes}</Section>
            <Submit label="Undo the merge" />
        </form>
    }
}
