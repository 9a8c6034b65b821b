//! The steps of a mapping as fields of a form: read, changed by its buttons, shown again.

use leadline::mapping::{DateOrder, Entry, MOST_CHARS, MOST_STEPS, Otherwise, Part, Pick, Step};
use leptos::prelude::*;

use crate::Input;

/// The steps that can be added, by the word that stands for them.
const KINDS: [(&str, &str); 13] = [
    ("trim", "Trim blanks"),
    ("name_case", "Write as a name"),
    ("upper", "UPPER CASE"),
    ("lower", "lower case"),
    ("phone", "Phone as E.164"),
    ("part", "Take a part"),
    ("split", "Split"),
    ("replace", "Replace by a table"),
    ("number", "Number out of a text"),
    ("date", "Date"),
    ("join", "Join several answers"),
    ("template", "Template"),
    ("default", "Default when empty"),
];

/// Values of a step and their words: the options of a field.
macro_rules! options {
    ($($value:expr => $word:literal, $label:expr);* $(;)?) => {
        [$(($value, $word, $label)),*]
    };
}

fn parts() -> [(Part, &'static str, &'static str); 4] {
    options! {
        Part::FirstWord => "first_word", Part::FirstWord.label();
        Part::Rest => "rest", Part::Rest.label();
        Part::LastWord => "last_word", Part::LastWord.label();
        Part::Domain => "domain", Part::Domain.label();
    }
}

fn otherwises() -> [(Otherwise, &'static str, &'static str); 3] {
    options! {
        Otherwise::Keep => "keep", Otherwise::Keep.label();
        Otherwise::Blank => "blank", Otherwise::Blank.label();
        Otherwise::Hold => "hold", Otherwise::Hold.label();
    }
}

fn picks() -> [(Pick, &'static str, &'static str); 3] {
    options! {
        Pick::Low => "low", "The lower end";
        Pick::High => "high", "The upper end";
        Pick::Middle => "middle", "The middle";
    }
}

fn orders() -> [(DateOrder, &'static str, &'static str); 3] {
    options! {
        DateOrder::DayMonthYear => "dmy", "Day, month, year";
        DateOrder::MonthDayYear => "mdy", "Month, day, year";
        DateOrder::YearMonthDay => "ymd", "Year, month, day";
    }
}

fn chosen<T: Copy>(options: &[(T, &str, &str)], word: &str, default: T) -> T {
    let found = options.iter().find(|(_, own, _)| *own == word);
    found.map_or(default, |(value, ..)| *value)
}

/// Reads the steps and does what the pressed button says: `add` the kind in `add-step`, `remove-N`,
/// `up-N`, `down-N`.
pub(super) fn read(input: &Input) -> Vec<Step> {
    let mut steps: Vec<Step> = (0..MOST_STEPS).map_while(|n| step(input, n)).collect();
    let pressed = input.text("do");
    if pressed == "add" {
        let added = step_of(input.text("add-step"), &|_| String::new());
        steps.extend(added.filter(|_| steps.len() < MOST_STEPS));
    }
    let numbered = |prefix: &str| -> Option<usize> {
        let place = pressed.strip_prefix(prefix)?.parse().ok()?;
        (place < steps.len()).then_some(place)
    };
    if let Some(place) = numbered("remove-") {
        steps.remove(place);
    } else if let Some(place) = numbered("up-").filter(|place| *place > 0) {
        steps.swap(place, place - 1);
    } else if let Some(place) = numbered("down-").filter(|place| place + 1 < steps.len()) {
        steps.swap(place, place + 1);
    }
    steps
}

fn step(input: &Input, place: usize) -> Option<Step> {
    let kind = input.text(&format!("step-{place}"));
    step_of(kind, &|name| {
        input.raw(&format!("step-{place}-{name}")).to_owned()
    })
}

fn step_of(kind: &str, get: &dyn Fn(&str) -> String) -> Option<Step> {
    Some(match kind {
        "trim" => Step::Trim,
        "name_case" => Step::NameCase,
        "upper" => Step::Upper,
        "lower" => Step::Lower,
        "phone" => Step::Phone {
            country: get("country").trim().to_uppercase(),
            otherwise: chosen(&otherwises(), &get("otherwise"), Otherwise::Keep),
        },
        "part" => Step::Part {
            part: chosen(&parts(), &get("part"), Part::FirstWord),
        },
        "split" => Step::Split {
            separator: get("separator"),
            place: get("place").trim().parse().unwrap_or(1),
        },
        "replace" => Step::Replace {
            entries: get("table").lines().filter_map(entry).collect(),
            otherwise: chosen(&otherwises(), &get("otherwise"), Otherwise::Keep),
        },
        "number" => Step::Number {
            pick: chosen(&picks(), &get("pick"), Pick::Low),
            open_ended: get("open") == "yes",
        },
        "date" => Step::Date {
            order: chosen(&orders(), &get("order"), DateOrder::DayMonthYear),
        },
        "join" => Step::Join {
            separator: get("separator"),
        },
        "template" => Step::Template {
            template: get("template").trim().to_owned(),
        },
        "default" => Step::Default {
            text: get("text").trim().to_owned(),
        },
        _ => return None,
    })
}

/// A line of a table: `old = new`; without a new text nothing is written.
fn entry(line: &str) -> Option<Entry> {
    let (from, to) = line.split_once(" = ").or_else(|| line.split_once('='))?;
    Some(Entry {
        from: from.trim().to_owned(),
        to: to.trim().to_owned(),
    })
}

/// The steps as fields, with the buttons that change them.
#[component]
pub(super) fn Steps(
    /// The steps.
    steps: Vec<Step>,
    /// What is wrong with one of them.
    wrong: Option<String>,
) -> impl IntoView {
    let count = steps.len();
    let steps = steps.into_iter().enumerate();
    let rows = steps
        .map(|(place, step)| row(place, count, step))
        .collect_view();
    let options = KINDS.map(|(kind, label)| view! { <option value=kind>{label}</option> });
    view! {
        <fieldset class="steps-form">
            <legend>"Steps"</legend>
            <p class="hint">"What is done to the answer on its way, from top to bottom. Without steps it is taken as it is."</p>
            {wrong.map(|text| view! { <p class="wrong" id="steps-error">{text}</p> })}
            {(count > 0).then_some(view! { <ol>{rows}</ol> })}
            <div class="row">
                <label class="quiet-text" for="add-step">"Step to add"</label>
                <select id="add-step" name="add-step">{options.collect_view()}</select>
                <button class="button" type="submit" name="do" value="add" formnovalidate>"Add step"</button>
            </div>
        </fieldset>
    }
}

fn row(place: usize, count: usize, step: Step) -> impl IntoView {
    let (kind, fields) = fields(place, step);
    let label = KINDS.iter().find(|(own, _)| *own == kind);
    let label = label.map_or("", |(_, label)| *label);
    let number = place + 1;
    let button = move |word: &str, text: &'static str, off: bool| {
        let (value, named) = (format!("{word}-{place}"), format!("{text} step {number}"));
        view! {
            <button class="button small" type="submit" name="do" value=value aria-label=named disabled=off formnovalidate>{text}</button>
        }
    };
    view! {
        <li>
            <input type="hidden" name=format!("step-{place}") value=kind />
            <strong>{label}</strong>
            <div class="row">{fields}</div>
            <div class="row">
                {button("up", "Up", place == 0)}
                {button("down", "Down", number == count)}
                {button("remove", "Remove", false)}
            </div>
        </li>
    }
}

/// The word for the step, and a field for each of its parts.
fn fields(place: usize, step: Step) -> (&'static str, AnyView) {
    let nothing = || ().into_any();
    match step {
        Step::Trim => ("trim", nothing()),
        Step::NameCase => ("name_case", nothing()),
        Step::Upper => ("upper", nothing()),
        Step::Lower => ("lower", nothing()),
        Step::Phone { country, otherwise } => {
            let country = line(
                place,
                "country",
                "Country when the number has none",
                country,
            );
            let otherwise = select(
                place,
                "otherwise",
                "If it is no number",
                &otherwises(),
                otherwise,
            );
            ("phone", (country, otherwise).into_any())
        }
        Step::Part { part } => ("part", select(place, "part", "Which", &parts(), part)),
        Step::Split {
            separator,
            place: at,
        } => {
            let separator = line(place, "separator", "Between", separator);
            let at = line(place, "place", "Place", at.to_string());
            ("split", (separator, at).into_any())
        }
        Step::Replace { entries, otherwise } => {
            let table = table(place, &entries);
            let otherwise = select(
                place,
                "otherwise",
                "If it is not in the table",
                &otherwises(),
                otherwise,
            );
            ("replace", (table, otherwise).into_any())
        }
        Step::Number { pick, open_ended } => {
            let pick = select(place, "pick", "Of a range", &picks(), pick);
            let open = [
                (false, "no", "Hold for review"),
                (true, "yes", "Take the lower end"),
            ];
            let open = select(
                place,
                "open",
                "If it has no upper end (10,001+)",
                &open,
                open_ended,
            );
            ("number", (pick, open).into_any())
        }
        Step::Date { order } => (
            "date",
            select(place, "order", "Written as", &orders(), order),
        ),
        Step::Join { separator } => ("join", line(place, "separator", "Between them", separator)),
        Step::Template { template } => (
            "template",
            line(
                place,
                "template",
                "Text, with {{ value }} or {{ answers.first_name }}",
                template,
            ),
        ),
        Step::Default { text } => ("default", line(place, "text", "Text", text)),
    }
}

fn line(place: usize, name: &str, label: &'static str, value: String) -> AnyView {
    let id = format!("step-{place}-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id.clone() name=id value=value maxlength=MOST_CHARS.to_string() autocomplete="off" />
        </div>
    }
    .into_any()
}

fn select<T: Copy + PartialEq>(
    place: usize,
    name: &str,
    label: &'static str,
    options: &[(T, &'static str, &'static str)],
    value: T,
) -> AnyView {
    let id = format!("step-{place}-{name}");
    let options = options.iter().map(|(own, word, label)| {
        view! { <option value=*word selected=*own == value>{*label}</option> }
    });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id.clone() name=id>{options.collect_view()}</select>
        </div>
    }
    .into_any()
}

fn table(place: usize, entries: &[Entry]) -> AnyView {
    let id = format!("step-{place}-table");
    let lines = entries
        .iter()
        .map(|entry| format!("{} = {}", entry.from, entry.to));
    let lines = lines.collect::<Vec<_>>().join("\n");
    view! {
        <div class="field">
            <label for=id.clone()>"Table, one line each: answer = text for the lead"</label>
            <textarea id=id.clone() name=id rows="5">{lines}</textarea>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(fields: &[(&str, &str)]) -> Input {
        Input::from_iter(
            fields
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn every_kind_of_step_can_be_added_and_comes_back_as_it_was() {
        for (kind, _) in KINDS {
            let added = read(&input(&[("do", "add"), ("add-step", kind)]));
            assert_eq!(added.len(), 1, "{kind}");
            assert_eq!(fields(0, added[0].clone()).0, kind);
            let again = read(&input(&[("step-0", kind)]));
            assert_eq!(again, added, "{kind}");
        }
    }

    #[test]
    fn buttons_move_and_remove_steps() {
        let three = [("step-0", "trim"), ("step-1", "upper"), ("step-2", "lower")];
        let after = |pressed: &'static str| {
            let fields: Vec<_> = three.iter().copied().chain([("do", pressed)]).collect();
            read(&input(&fields))
        };
        assert_eq!(after("save"), [Step::Trim, Step::Upper, Step::Lower]);
        assert_eq!(after("up-1"), [Step::Upper, Step::Trim, Step::Lower]);
        assert_eq!(after("down-1"), [Step::Trim, Step::Lower, Step::Upper]);
        assert_eq!(after("remove-0"), [Step::Upper, Step::Lower]);
        for nothing in ["up-0", "down-2", "remove-3", "up-x", ""] {
            assert_eq!(after(nothing).len(), 3, "{nothing}");
        }
    }

    #[test]
    fn a_table_is_written_in_lines() {
        let table = "1-10 = small\nA=B=C\n\nno arrow\n11-50 = ";
        let read = read(&input(&[("step-0", "replace"), ("step-0-table", table)]));
        let Some(Step::Replace { entries, .. }) = read.first() else {
            panic!("{read:?}")
        };
        let pairs: Vec<_> = entries
            .iter()
            .map(|e| (e.from.as_str(), e.to.as_str()))
            .collect();
        assert_eq!(pairs, [("1-10", "small"), ("A", "B=C"), ("11-50", "")]);
    }
}
