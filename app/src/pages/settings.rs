//! What administrators set for the whole of Leadline.

use leadline::{
    error::Kind,
    store::{
        now,
        settings::{FormChanges, Settings, Visibility},
    },
};
use leptos::prelude::*;

use crate::{
    Answer, FormState, Input, Visit,
    ui::{Check, Choice, Field, Section, Submit},
};

/// The page.
pub async fn show(visit: Visit) -> Answer {
    render(&visit, None, FormState::default()).await
}

/// Puts other settings in force, unless somebody changed them since the form was read.
pub async fn save(visit: Visit, input: Input) -> Answer {
    let administrator = visit.administrator()?;
    let mut form = FormState::of(&input);
    let visibility = Visibility::parse(input.text("salesperson_visibility"));
    if visibility.is_none() {
        form.wrong("salesperson_visibility", "Choose one of the two.");
    }
    let form_changes = FormChanges::parse(input.text("form_changes"));
    if form_changes.is_none() {
        form.wrong("form_changes", "Choose one of the three.");
    }
    let typed = Settings {
        form_changes: form_changes.unwrap_or_default(),
        salesperson_visibility: visibility.unwrap_or_default(),
        lead_source: input.text("lead_source").to_owned(),
        leads_from_tests: input.text("leads_from_tests") == "yes",
        second_factor_required: input.text("second_factor_required") == "yes",
        version: input.text("version").parse().unwrap_or(-1),
    };
    for (field, problem) in typed.problems() {
        form.wrong(field, problem.message());
    }
    if form.is_wrong() {
        return render(&visit, Some(typed), form).await;
    }
    match administrator.save_settings(&typed, now()).await {
        Err(error) if error.kind() == Kind::Conflict => {
            render(&visit, None, FormState::default().refused(&error)).await
        }
        saved => {
            saved?;
            visit.done("/settings", "The settings are saved.").await
        }
    }
}

/// The page with what was typed, else with what is in force.
async fn render(visit: &Visit, typed: Option<Settings>, form: FormState) -> Answer {
    let in_force = visit.administrator()?.settings().await?;
    let shown = typed.unwrap_or(in_force);
    Ok(visit.page("Settings").form(form).show(move || body(shown)))
}

fn body(settings: Settings) -> impl IntoView {
    let visibilities = [
        ("all", "All submissions and leads"),
        ("own", "Only their own"),
    ];
    let rules = FormChanges::ALL.map(|rule| {
        let label = match rule {
            FormChanges::Pass => "Go on; the change is shown",
            FormChanges::MapByText => "Go on; questions that say the same are mapped alike",
            FormChanges::Hold => "Wait until somebody has looked at the change",
        };
        (rule.slug().to_owned(), label.to_owned())
    });
    let visibilities = visibilities.map(|(word, label)| (word.to_owned(), label.to_owned()));
    view! {
        <form class="form" method="post" action="/settings">
            <input type="hidden" name="version" value=settings.version.to_string() />
            <Section title="Who sees what">
                <Choice name="salesperson_visibility" label="Salespeople see" options=visibilities.to_vec()
                    value=settings.salesperson_visibility.slug()
                    hint="Their own are the leads that they own with all of their submissions, and the submissions \
                          without a lead that would become theirs. Administrators see everything." />
            </Section>
            <Section title="New leads">
                <Field name="lead_source" label="Lead source" value=settings.lead_source most=100
                    hint="Stands as the source in every lead that is made from now on. Leads that are there keep theirs." />
                <div class="checks">
                    <Check name="leads_from_tests" value="yes" label="Make leads of LinkedIn's test leads"
                        checked=settings.leads_from_tests
                        hint="Off: test leads are listed among the submissions and marked, and become no leads." />
                </div>
            </Section>
            <Section title="Forms that change">
                <Choice name="form_changes" label="When a form is new or was changed, its submissions" options=rules.to_vec()
                    value=settings.form_changes.slug()
                    hint="They wait only where answers would reach no lead, or as the wrong value. Mapped alike is what \
                          differs from a mapped question in case, blanks and punctuation only." />
            </Section>
            <Section title="Signing in">
                <div class="checks">
                    <Check name="second_factor_required" value="yes" label="Administrators need a second factor"
                        checked=settings.second_factor_required
                        hint="Administrators who have a password and no second factor set one up before they go on." />
                </div>
            </Section>
            <Submit label="Save settings" />
        </form>
    }
}
