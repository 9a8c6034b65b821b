//! A list as a table, which becomes cards on a narrow screen.

use leptos::prelude::*;

/// In which order a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A column's head.
#[derive(Debug, Clone)]
pub struct Column {
    label: &'static str,
    number: bool,
    sort: Option<(String, Option<Order>)>,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(label: &'static str) -> Column {
        Column {
            label,
            number: false,
            sort: None,
        }
    }

    /// The column holds numbers.
    #[must_use]
    pub fn number(mut self) -> Column {
        self.number = true;
        self
    }

    /// The list can be sorted by the column: the address that does so, and how it is sorted now.
    #[must_use]
    pub fn sort(mut self, path: String, now: Option<Order>) -> Column {
        self.sort = Some((path, now));
        self
    }
}

/// A row: a cell for each column, the first being what the row is called.
#[derive(Default)]
pub struct Row(Vec<AnyView>);

impl Row {
    /// An empty row.
    #[must_use]
    pub fn new() -> Row {
        Row::default()
    }

    /// The next cell.
    #[must_use]
    pub fn cell<V: IntoView + 'static>(mut self, view: V) -> Row {
        self.0.push(view.into_any());
        self
    }

    /// The next cell, a link.
    #[must_use]
    pub fn link(self, path: String, text: impl Into<String>) -> Row {
        let text = text.into();
        self.cell(view! { <a href=path><bdi>{text}</bdi></a> })
    }
}

/// A list as a table.
#[component]
pub fn Table(
    /// What the rows are; spoken, not shown.
    #[prop(into)]
    caption: String,
    /// The columns.
    columns: Vec<Column>,
    /// The rows, with a cell for each column.
    rows: Vec<Row>,
) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| cells(&columns, row))
        .collect_view();
    let label = caption.clone();
    // It may be wider than the screen: with the focus on it, the arrow keys move it.
    view! {
        <div class="table" role="group" aria-label=label tabindex="0">
            <table>
                <caption class="quiet-text">{caption}</caption>
                <thead><tr>{columns.into_iter().map(head).collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn head(column: Column) -> impl IntoView {
    let class = column.number.then_some("number");
    let sorted = column
        .sort
        .as_ref()
        .and_then(|(_, now)| *now)
        .map(|order| match order {
            Order::Ascending => "ascending",
            Order::Descending => "descending",
        });
    let label = match column.sort {
        Some((path, _)) => view! { <a href=path>{column.label}</a> }.into_any(),
        None => column.label.into_any(),
    };
    view! { <th scope="col" class=class aria-sort=sorted>{label}</th> }
}

fn cells(columns: &[Column], row: Row) -> impl IntoView + use<> {
    let mut cells = row.0.into_iter().zip(columns);
    let first = cells
        .next()
        .map(|(view, _)| view! { <th scope="row">{view}</th> });
    let others = cells.map(|(view, column)| {
        let class = column.number.then_some("number");
        view! { <td data-label=column.label class=class>{view}</td> }
    });
    let others = others.collect_view();
    view! { <tr>{first}{others}</tr> }
}
