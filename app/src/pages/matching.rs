//! The matching strategies, in the order in which they are tried.

use leadline::{
    lead::LeadFields,
    matching::{Otherwise, Several, Strategy},
    store::{match_fields::Keying, views::rules::StrategyView},
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{Badge, Banner, Column, Confirm, Reorder, Row, Table, Tone},
};

/// The list, in the order in which strategies are tried.
pub async fn list(visit: Visit) -> Answer {
    let administrator = visit.administrator()?;
    let strategies = administrator.list_strategies().await?;
    let keying = visit.services.store.list_keying().await?;
    let lead_fields = visit.services.store.lead_fields().await?;
    let sheet = visit.page("Lead matching").actions(|| {
        view! { <a class="button primary" href="/matching/new">"New strategy"</a> }
    });
    let sheet = match keying.is_empty() {
        true => sheet,
        false => sheet.again_in(5),
    };
    Ok(sheet.show(move || {
        let columns = vec![
            Column::new("Strategy"),
            Column::new("State"),
            Column::new("Fields that must all be equal"),
            Column::new("For"),
            Column::new("Several equal leads"),
            Column::new("Order"),
        ];
        let row = |(place, view)| row(&lead_fields, view, place, &strategies);
        let rows: Vec<Row> = strategies.iter().enumerate().map(row).collect();
        view! {
            <div class="page">
                {keying.into_iter().map(|k| preparing(&lead_fields, k)).collect_view()}
                <p class="muted">
                    "Active strategies are tried from top to bottom until one finds an open lead. If none does, a new lead is made."
                </p>
                <Table caption="Matching strategies" columns=columns rows=rows />
            </div>
        }
    }))
}

/// Leads are being made findable by a field; nothing is decided until they are.
fn preparing(lead_fields: &LeadFields, keying: Keying) -> impl IntoView + use<> {
    let title = format!(
        "Leads are prepared to be found by {}.",
        lead_fields.label(&keying.field)
    );
    view! {
        <Banner tone=Tone::Info title=title>
            {format!("{} of {} are done. Submissions that arrive meanwhile wait and lose nothing.", keying.done, keying.all)}
        </Banner>
    }
}

fn row(lead_fields: &LeadFields, view: &StrategyView, place: usize, all: &[StrategyView]) -> Row {
    let strategy = &view.strategy;
    let (fields, several) = match strategy.always_create {
        true => ("None: every submission makes a lead".to_owned(), "–"),
        false => (fields(lead_fields, strategy), strategy.several.label()),
    };
    let scope = match strategy.scope.is_all() {
        true => "All submissions",
        false => "Chosen accounts, forms or campaigns",
    };
    let trouble = strategy.trouble(lead_fields);
    let path = format!("/matching/{}", strategy.id);
    let action = format!("{path}/move");
    let name = strategy.name.clone();
    let only = only_active(strategy, view.version, all);
    Row::new()
        .link(path, &name)
        .cell(view! { {state(view.active)}{only} })
        .cell(view! {
            {fields}
            {trouble.map(|why| view! { " "<Badge tone=Tone::Bad>"Does not work"</Badge><small>{why}</small> })}
        })
        .cell(scope)
        .cell(several)
        .cell(view! { <Reorder name=name action=action place=place of=all.len() /> })
}

/// Switches all others off, which is asked for before; nothing where no other one is active.
pub(super) fn only_active(
    strategy: &Strategy,
    version: i64,
    all: &[StrategyView],
) -> Option<impl IntoView + use<>> {
    let others = all
        .iter()
        .filter(|o| o.active && o.strategy.id != strategy.id);
    let others: Vec<String> = others.map(|o| format!("“{}”", o.strategy.name)).collect();
    let (last, first) = others.split_last()?;
    let off = match first {
        [] => format!("{last} is switched off. It stays in the list"),
        first => format!(
            "{} and {last} are switched off. They stay in the list",
            first.join(", ")
        ),
    };
    let rest = (!strategy.scope.is_all()).then_some(
        " This one is for chosen accounts, forms or campaigns: every other submission will wait for a person.",
    );
    let (id, name) = (strategy.id, &strategy.name);
    Some(view! {
        <Confirm id=format!("only-{id}") label="Use only this one" named=format!("Use only this one: {name}")
            title=format!("Match by “{name}” alone?") action=format!("/matching/{id}/only")>
            <input type="hidden" name="version" value=version.to_string() />
            <p>{format!("{off} and can be switched on again.")}{rest}</p>
        </Confirm>
    })
}

fn state(active: bool) -> impl IntoView {
    let (tone, label) = if active {
        (Tone::Good, "Active")
    } else {
        (Tone::Quiet, "Not active")
    };
    view! { <Badge tone=tone>{label}</Badge> }
}

/// The fields as a list in a sentence.
fn fields(lead_fields: &LeadFields, strategy: &Strategy) -> String {
    let labels = strategy.fields.iter().map(|f| lead_fields.label(f));
    let labels: Vec<&str> = labels.collect();
    match labels.as_slice() {
        [] => "No fields".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A strategy in sentences.
pub(super) fn sentences(lead_fields: &LeadFields, strategy: &Strategy) -> Vec<String> {
    if strategy.always_create {
        return vec!["Every submission makes a lead of its own; no lead is looked for.".to_owned()];
    }
    let several = match strategy.several {
        Several::Newest => "the one that was changed last is taken",
        Several::Oldest => "the one that was made first is taken",
        Several::Hold => "the submission is held until a person chooses",
    };
    let otherwise = |rule: Otherwise| match rule {
        Otherwise::Create => "a new lead is made, and the submission says why",
        Otherwise::Hold => "the submission is held until a person decides",
    };
    let mut sentences = vec![
        format!(
            "A submission belongs to an open lead when {} {} equal.",
            fields(lead_fields, strategy),
            if strategy.fields.len() == 1 {
                "is"
            } else {
                "are all"
            }
        ),
        format!("When several open leads are equal, {several}."),
    ];
    if strategy.fields.len() > 1 {
        let rule = otherwise(strategy.partial);
        sentences.push(format!("When only some of the fields are equal, {rule}."));
    }
    let rule = otherwise(strategy.closed);
    sentences.push(format!(
        "When only closed leads are equal, {rule}. A closed lead is never changed."
    ));
    if !strategy.scope.is_all() {
        sentences.push("It is for the chosen accounts, forms or campaigns only.".to_owned());
    }
    sentences
}

#[cfg(test)]
mod tests {
    use leadline::matching::default_strategy;

    use super::*;

    #[test]
    fn a_strategy_is_told_in_sentences() {
        assert_eq!(
            sentences(&LeadFields::standard(), &default_strategy()),
            [
                "A submission belongs to an open lead when E-mail is equal.",
                "When several open leads are equal, the one that was changed last is taken.",
                "When only closed leads are equal, a new lead is made, and the submission says why. \
                 A closed lead is never changed.",
            ]
        );
        let two = Strategy {
            fields: vec!["lastname".to_owned(), "companyname".to_owned()],
            partial: Otherwise::Hold,
            ..default_strategy()
        };
        let told = sentences(&LeadFields::standard(), &two);
        assert_eq!(
            told[0],
            "A submission belongs to an open lead when Last name and Company are all equal."
        );
        assert_eq!(
            told[2],
            "When only some of the fields are equal, the submission is held until a person decides."
        );
    }
}
