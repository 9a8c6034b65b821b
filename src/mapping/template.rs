//! Templates: a text with answers put into it.
//!
//! The language is Jinja's, without anything that could grow or run away: no statements (so no
//! loops and no variables), no multiplication, no functions, and only filters that give back about
//! as much as they took. What is left is bounded by the template's own length; fuel and a bounded
//! output stand behind that.

use std::collections::BTreeMap;
use std::io::{self, Write};

use minijinja::{Environment, UndefinedBehavior, context, filters};

use super::step::{LONGEST, MOST_CHARS};

/// How many instructions a template may run.
const FUEL: u64 = 2_000;

/// Answers by LinkedIn's key in small letters, such as `first_name`.
pub type Others = BTreeMap<String, String>;

/// Whether a template can be used.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn check(template: &str) -> Result<(), String> {
    if template.trim().is_empty() {
        return Err(
            "The template is missing. Write a text such as: {{ value }} (LinkedIn)".to_owned(),
        );
    }
    if template.chars().count() > MOST_CHARS {
        return Err(format!(
            "The template has more than {MOST_CHARS} characters."
        ));
    }
    if template.contains("{%") || template.contains('*') {
        return Err(
            "A template may hold {{ value }}, answers such as {{ answers.first_name }} and filters, \
             but neither statements nor multiplication."
                .to_owned(),
        );
    }
    // Whatever is unknown shows at the first use already.
    render(template, "", &Others::new()).map(drop)
}

/// The text with the answers put in.
///
/// # Errors
/// When the template is wrong or gives too much.
pub(super) fn render(template: &str, value: &str, others: &Others) -> Result<String, String> {
    if template.contains("{%") || template.contains('*') {
        return Err("The template of this mapping cannot be used. Correct it.".to_owned());
    }
    let environment = environment();
    let values = context! { value, answers => others };
    let mut bounded = Bounded(Vec::new());
    environment
        .template_from_str(template)
        .and_then(|template| template.render_captured_to(values, &mut bounded).map(drop))
        .map_err(|e| {
            format!(
                "The template of this mapping cannot be used: {}.",
                reason(&e)
            )
        })?;
    String::from_utf8(bounded.0).map_err(|_| "The template gives no text.".to_owned())
}

/// The kind of mistake; the details could hold an answer.
fn reason(error: &minijinja::Error) -> String {
    match error.line() {
        Some(line) => format!("{} in line {line}", error.kind()),
        None => error.kind().to_string(),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(16);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("default", filters::default);
    environment
}

/// Takes no more than [`LONGEST`] bytes.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others() -> Others {
        Others::from([("first_name".to_owned(), "Ada".to_owned())])
    }

    #[test]
    fn answers_are_put_into_the_text() {
        let table = [
            ("{{ value }}", "Manager"),
            (
                "{{ answers.first_name }}: {{ value|upper }}",
                "Ada: MANAGER",
            ),
            ("{{ answers.last_name|default('?') }}", "?"),
            ("{{ answers.last_name }}", ""),
            ("{{ 'yes' if value == 'Manager' else 'no' }}", "yes"),
            ("{{ '<b>' }} & {{ value[0] }}", "<b> & M"),
        ];
        for (template, wanted) in table {
            assert_eq!(check(template), Ok(()), "{template}");
            let text = render(template, "Manager", &others());
            assert_eq!(text.as_deref(), Ok(wanted), "{template}");
        }
    }

    #[test]
    fn what_could_run_away_or_is_unknown_is_refused_when_it_is_saved() {
        for template in [
            "",
            "{{ value",
            "{% for x in value %}{{ x }}{% endfor %}",
            "{% set x = value %}",
            "{{ value * 1000 }}",
            "{{ range(10) }}",
            "{{ value|replace('', value) }}",
            "{{ [value, value]|join(value) }}",
            "{{ value.foo() }}",
            "{{ value|nonsense }}",
            "{% include 'x' %}",
            &"x".repeat(501),
        ] {
            assert!(check(template).is_err(), "{template}");
        }
    }

    #[test]
    fn what_comes_out_is_bounded() {
        let value = "é".repeat(4_000);
        let template = "{{ value ~ value ~ value }}";
        let why = render(template, &value, &others()).unwrap_err();
        assert!(why.contains("cannot be used") && why.len() < 200, "{why}");
    }
}
