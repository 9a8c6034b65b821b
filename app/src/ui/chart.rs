//! Small charts as SVG that the server draws. Every figure is in the page as text too, so that
//! nobody has to measure a bar.

use leptos::prelude::*;

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many.
    pub value: i64,
    /// The list of what is counted, if there is one.
    pub path: Option<String>,
}

/// Bars from left to right, one below the other.
#[component]
pub fn BarChart(
    /// What the chart shows.
    #[prop(into)]
    title: String,
    /// The bars, in order.
    bars: Vec<Bar>,
) -> impl IntoView {
    let most = most(&bars);
    let bars = bars.into_iter().map(|bar| {
        let width = format!("{:.1}%", share(bar.value, most) * 100.0);
        let label = match bar.path {
            Some(path) => view! { <a href=path>{bar.label}</a> }.into_any(),
            None => bar.label.into_any(),
        };
        view! {
            <li>
                <span><bdi>{label}</bdi></span>
                <svg width="100%" height="8" aria-hidden="true" focusable="false"><rect width=width height="8" rx="2" /></svg>
                <span class="number">{thousands(bar.value)}</span>
            </li>
        }
    });
    view! {
        <figure class="chart">
            <figcaption>{title}</figcaption>
            <ul class="bars">{bars.collect_view()}</ul>
        </figure>
    }
}

/// One column for each day, oldest first.
#[component]
pub fn DayChart(
    /// What the chart shows.
    #[prop(into)]
    title: String,
    /// The days, oldest first; the labels are the days.
    days: Vec<Bar>,
) -> impl IntoView {
    let highest = most(&days);
    let count = u32::try_from(days.len()).unwrap_or(1).max(1);
    let step = 100.0 / f64::from(count);
    let total: i64 = days.iter().map(|day| day.value).sum();
    let (from, to) = (label(days.first()), label(days.last()));
    let summary = format!(
        "{title}: {} in all, {} at most on a day.",
        thousands(total),
        thousands(highest)
    );
    let spoken = days.iter().map(|day| {
        view! { <li>{format!("{}: {}", day.label, thousands(day.value))}</li> }
    });
    let spoken = spoken.collect_view();
    let columns = days.iter().zip(0u32..).map(|(day, number)| {
        let height = share(day.value, highest) * 100.0;
        let height = if day.value > 0 { height.max(2.0) } else { 0.0 };
        view! {
            <rect
                x=format!("{:.2}%", f64::from(number) * step + step * 0.1)
                y=format!("{:.1}%", 100.0 - height)
                width=format!("{:.2}%", step * 0.8)
                height=format!("{height:.1}%")
            >
                <title>{format!("{}: {}", day.label, thousands(day.value))}</title>
            </rect>
        }
    });
    view! {
        <figure class="chart">
            <figcaption>{title}<span class="muted">{format!("{} in {count} days", thousands(total))}</span></figcaption>
            <svg class="days" width="100%" role="img" aria-label=summary>{columns.collect_view()}</svg>
            <p class="axis" aria-hidden="true"><span>{from}</span><span>{to}</span></p>
            <ul class="quiet-text">{spoken}</ul>
        </figure>
    }
}

fn label(bar: Option<&Bar>) -> String {
    bar.map(|bar| bar.label.clone()).unwrap_or_default()
}

fn most(bars: &[Bar]) -> i64 {
    bars.iter().map(|bar| bar.value).max().unwrap_or(0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the length of a bar, not a figure"
)]
fn share(value: i64, most: i64) -> f64 {
    if most <= 0 {
        0.0
    } else {
        value as f64 / most as f64
    }
}

/// A figure with its thousands apart: "12,345".
#[must_use]
pub fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 {
        format!("−{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_stand_apart() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
            (-1234, "−1,234"),
        ] {
            assert_eq!(thousands(value), text);
        }
    }
}
