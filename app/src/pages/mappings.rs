//! The field mappings: which LinkedIn field fills which lead field, and which none fills yet.

use leadline::{
    lead::LeadFields,
    mapping::{FieldMapping, Source},
    store::views::{
        rules::MappingView,
        sources::{LOOKED_THROUGH, Unmapped},
    },
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Answer, Visit,
    ui::{Badge, Banner, Column, Empty, Reorder, Row, Section, Table, Tone},
};

/// The list, in order: where two mappings fill one field, the first that has an answer wins.
pub async fn show(visit: Visit) -> Answer {
    let administrator = visit.administrator()?;
    let views = administrator.list_mapping_views().await?;
    let mappings: Vec<_> = views.iter().map(|view| view.mapping.clone()).collect();
    let unmapped = administrator.list_unmapped(&mappings).await?;
    let forms = administrator.list_form_names().await?;
    let fields = visit.services.store.lead_fields().await?;
    let sheet = visit.page("Field mappings").actions(|| {
        view! { <a class="button primary" href="/mappings/new">"New mapping"</a> }
    });
    Ok(sheet.show(move || {
        view! {
            <div class="page">
                {troubled(&mappings, &fields)}
                {(!unmapped.is_empty()).then(|| not_mapped(unmapped))}
                <Section title="Mappings">
                    <p class="muted">
                        "A blank answer never erases a value. Where two mappings fill one field, the first that has an answer wins."
                    </p>
                    {list(views, &fields, &forms)}
                </Section>
            </div>
        }
    }))
}

/// What does not fit the lead fields any more, before a submission fails by it.
fn troubled(mappings: &[FieldMapping], fields: &LeadFields) -> Option<impl IntoView + use<>> {
    let count = mappings
        .iter()
        .filter(|m| m.trouble(fields).is_some())
        .count();
    let text = match count {
        0 => return None,
        1 => "One mapping does not fit the lead fields as they are now. It is marked below."
            .to_owned(),
        many => format!(
            "{many} mappings do not fit the lead fields as they are now. They are marked below."
        ),
    };
    Some(view! { <Banner tone=Tone::Warn>{text}</Banner> })
}

fn list(views: Vec<MappingView>, fields: &LeadFields, forms: &[(i64, String)]) -> AnyView {
    if views.is_empty() {
        return view! { <Empty title="No mappings"><p>"Without one, leads stay empty."</p></Empty> }
            .into_any();
    }
    let columns = vec![
        Column::new("From LinkedIn"),
        Column::new("Lead field"),
        Column::new("Steps"),
        Column::new("When the lead has a value"),
        Column::new("Forms").number(),
        Column::new("Order"),
    ];
    let last = views.len();
    let row = |(place, view)| row(view, place, last, fields, forms);
    let rows = views.into_iter().enumerate().map(row).collect();
    view! { <Table caption="Field mappings" columns=columns rows=rows /> }.into_any()
}

fn row(
    view: MappingView,
    place: usize,
    last: usize,
    fields: &LeadFields,
    forms: &[(i64, String)],
) -> Row {
    let mapping = view.mapping;
    let label = mapping.source.label();
    let trouble = mapping.trouble(fields);
    let keys = match &mapping.source {
        Source::Predefined(keys) => keys.replace('|', ", "),
        other => other.kind_label().to_owned(),
    };
    let only = mapping.form.map(|id| {
        let known = forms.iter().find(|(own, _)| *own == id);
        let name = known.map_or_else(|| format!("form {id}"), |(_, name)| name.clone());
        format!(", only {name}")
    });
    let steps = mapping.steps.iter().map(|step| step.label());
    let steps = steps.collect::<Vec<_>>().join(", then ");
    let path = format!("/mappings/{}", mapping.id);
    let action = format!("{path}/move");
    Row::new()
        .cell(view! {
            <a href=path><bdi>{label.clone()}</bdi></a>
            <small class="muted"><code>{keys}</code>{only}</small>
        })
        .cell(view! {
            {fields.label(&mapping.lead_field).to_owned()}
            <small class="muted"><code>{mapping.lead_field.clone()}</code></small>
            {trouble.map(|why| view! { <Badge tone=Tone::Bad>"Does not work"</Badge><small>{why}</small> })}
        })
        .cell(if steps.is_empty() {
            "–".to_owned()
        } else {
            steps
        })
        .cell(mapping.policy.label())
        .cell(view.forms)
        .cell(view! { <Reorder name=label action=action place=place of=last /> })
}

fn not_mapped(unmapped: Vec<Unmapped>) -> impl IntoView {
    let columns = vec![
        Column::new("Asked by forms"),
        Column::new("Forms").number(),
        Column::new("Submissions").number(),
        Column::new("Answers, for example"),
        Column::new("Mapping"),
    ];
    let rows = unmapped.into_iter().map(unmapped_row).collect();
    view! {
        <Section title="Not mapped yet">
            <p class="muted">
                {format!("These answers stay on their submissions and reach no lead. Counted in the latest {LOOKED_THROUGH} submissions.")}
            </p>
            <Table caption="Not mapped yet" columns=columns rows=rows />
        </Section>
    }
}

fn unmapped_row(unmapped: Unmapped) -> Row {
    let (kind, label) = (unmapped.source.kind_label(), unmapped.source.label());
    let word = format!("{}:{}", unmapped.source.kind(), unmapped.source.key());
    let path = format!(
        "/mappings/new?source={}",
        utf8_percent_encode(&word, NON_ALPHANUMERIC)
    );
    let named = format!("Map: {label}");
    let samples = unmapped.samples.into_iter();
    let samples = samples.map(|text| view! { <li dir="auto">{text}</li> });
    Row::new()
        .cell(view! { <bdi>{label}</bdi><small class="muted">{kind}</small> })
        .cell(unmapped.forms)
        .cell(unmapped.submissions)
        .cell(view! { <ul class="plain">{samples.collect_view()}</ul> })
        .cell(view! { <a class="button small" href=path aria-label=named>"Map"</a> })
}
