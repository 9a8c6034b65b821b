//! The matching strategies: in which order they are tried, and what each of them does.

use axum::extract::Path;
use leadline::{
    lead::field_label,
    matching::{Otherwise, Several, Strategy},
    store::views::rules::StrategyView,
};
use leptos::prelude::*;

use crate::{
    Answer, Visit,
    ui::{Badge, Banner, Column, Empty, Fact, Facts, Row, Section, Table, Time, Tone},
};

/// The list, in the order in which strategies are tried.
pub async fn list(visit: Visit) -> Answer {
    let strategies = visit.administrator()?.list_strategies().await?;
    let none_active = !strategies.iter().any(|view| view.active);
    Ok(visit.page("Lead matching").show(move || {
        let columns = vec![
            Column::new("Strategy"),
            Column::new("Order").number(),
            Column::new("State"),
            Column::new("Fields that must all be equal"),
            Column::new("When several leads are equal"),
        ];
        let rows: Vec<Row> = strategies.into_iter().map(row).collect();
        let list = if rows.is_empty() {
            view! { <Empty title="No strategies"><p>"Every submission is held until there is one."</p></Empty> }.into_any()
        } else {
            view! { <Table caption="Matching strategies" columns=columns rows=rows /> }.into_any()
        };
        view! {
            <div class="page">
                {none_active.then(|| view! {
                    <Banner tone=Tone::Bad title="No strategy is active.">
                        "Every submission is held for review until one is."
                    </Banner>
                })}
                <p class="muted">
                    "Active strategies are tried from top to bottom until one finds an open lead. If none does, a new lead is made."
                </p>
                {list}
            </div>
        }
    }))
}

/// One strategy, in sentences.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let view = visit.administrator()?.find_strategy(id).await?;
    let sheet = visit
        .page(view.strategy.name.clone())
        .back("/matching", "Lead matching");
    Ok(sheet.show(move || {
        let sentences = sentences(&view.strategy).into_iter();
        let sentences = sentences.map(|sentence| view! { <li>{sentence}</li> });
        view! {
            <div class="page">
                <Facts>
                    <Fact term="State">{state(view.active)}</Fact>
                    <Fact term="Order">{view.position}</Fact>
                    <Fact term="Changed"><Time at=view.modified_at /></Fact>
                </Facts>
                <Section title="What it does"><ul>{sentences.collect_view()}</ul></Section>
                <Section title="How values are compared">
                    <p>
                        "E-mail addresses without regard to case and blanks, telephone numbers by their digits, \
                         texts without regard to case and extra blanks. A blank never equals anything."
                    </p>
                </Section>
            </div>
        }
    }))
}

fn row(view: StrategyView) -> Row {
    let strategy = view.strategy;
    let (fields, several) = match strategy.always_create {
        true => ("None: every submission makes a lead".to_owned(), "–"),
        false => (fields(&strategy), strategy.several.label()),
    };
    Row::new()
        .link(format!("/matching/{}", strategy.id), strategy.name)
        .cell(view.position)
        .cell(state(view.active))
        .cell(fields)
        .cell(several)
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
fn fields(strategy: &Strategy) -> String {
    let labels: Vec<&str> = strategy.fields.iter().map(|f| field_label(f)).collect();
    match labels.as_slice() {
        [] => "No fields".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A strategy in sentences.
fn sentences(strategy: &Strategy) -> Vec<String> {
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
            fields(strategy),
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
    sentences
}

#[cfg(test)]
mod tests {
    use leadline::matching::default_strategy;

    use super::*;

    #[test]
    fn a_strategy_is_told_in_sentences() {
        assert_eq!(
            sentences(&default_strategy()),
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
        let told = sentences(&two);
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
