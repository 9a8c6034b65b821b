//! What rows are asked for: `$filter`, quoted and percent-encoded exactly (specification 2.5).
//!
//! There is `eq` and nothing else. `contains` and its kin take `%` and `_` as wildcards, so that
//! what a stranger typed would match strangers.

use std::fmt::Write as _;

use uuid::Uuid;

/// A condition on rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Already encoded for an address.
    text: String,
    /// How many comparisons it consists of.
    comparisons: usize,
}

impl Filter {
    /// Rows that have this text in a column, compared without case. A blank text would match
    /// strangers: ask for none.
    #[must_use]
    pub fn eq(column: &str, text: &str) -> Filter {
        let literal = format!("'{}'", text.replace('\'', "''"));
        Filter::of(column, &literal)
    }

    /// Rows that have this number in a column; choices are numbers.
    #[must_use]
    pub fn eq_number(column: &str, number: i64) -> Filter {
        Filter::of(column, &number.to_string())
    }

    /// Rows that have this id in a column, the primary key among them.
    #[must_use]
    pub fn eq_id(column: &str, id: Uuid) -> Filter {
        Filter::of(column, &id.to_string())
    }

    /// Rows for which a column says yes or no.
    #[must_use]
    pub fn is(column: &str, yes: bool) -> Filter {
        Filter::of(column, &yes.to_string())
    }

    /// Rows that are open: not qualified, disqualified or switched off.
    #[must_use]
    pub fn is_open() -> Filter {
        Filter::eq_number("statecode", 0)
    }

    /// Rows that fulfil both.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        self.with("and", &other)
    }

    /// Rows that fulfil one of both.
    #[must_use]
    pub fn or(self, other: Filter) -> Filter {
        self.with("or", &other)
    }

    fn with(self, joined: &str, other: &Filter) -> Filter {
        Filter {
            text: format!("({})%20{joined}%20({})", self.text, other.text),
            comparisons: self.comparisons + other.comparisons,
        }
    }

    /// As few filters as have room in an address each, which together find the rows that fulfil
    /// any of these.
    #[must_use]
    pub fn any(alternatives: impl IntoIterator<Item = Filter>) -> Vec<Filter> {
        let mut all: Vec<Filter> = Vec::new();
        for next in alternatives {
            match all.last_mut() {
                Some(last)
                    if last.comparisons + next.comparisons <= MOST_COMPARISONS
                        && last.text.len() + next.text.len() < LONGEST =>
                {
                    // Without further brackets: a condition of a hundred alternatives stays flat.
                    let _ = write!(last.text, "%20or%20({})", next.text);
                    last.comparisons += next.comparisons;
                }
                _ => all.push(Filter {
                    text: format!("({})", next.text),
                    comparisons: next.comparisons,
                }),
            }
        }
        all
    }

    /// The text for an address.
    #[must_use]
    pub fn encoded(&self) -> &str {
        &self.text
    }

    /// Nothing but a name is left of a name, whatever it is.
    fn of(column: &str, literal: &str) -> Filter {
        let name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let column: String = column.chars().filter(name).collect();
        Filter {
            text: format!("{column}%20eq%20{}", encode(literal)),
            comparisons: 1,
        }
    }
}

/// An address may be 32,768 characters long; there is more in it than the filter.
const LONGEST: usize = 16_000;
/// The server refuses conditions with several hundred comparisons.
const MOST_COMPARISONS: usize = 200;

/// Everything but letters, digits and `-._~` as `%XX`: a plus sign would be read as a blank.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_then_encoded() {
        let table = [
            ("O'Brien", "lastname%20eq%20%27O%27%27Brien%27"),
            (
                "a+b@example.com",
                "lastname%20eq%20%27a%2Bb%40example.com%27",
            ),
            ("R&D #1 100%", "lastname%20eq%20%27R%26D%20%231%20100%25%27"),
            ("Weiß", "lastname%20eq%20%27Wei%C3%9F%27"),
            (
                "' or 1 eq 1 or '",
                "lastname%20eq%20%27%27%27%20or%201%20eq%201%20or%20%27%27%27",
            ),
            ("", "lastname%20eq%20%27%27"),
        ];
        for (text, encoded) in table {
            assert_eq!(Filter::eq("lastname", text).encoded(), encoded, "{text}");
        }
    }

    #[test]
    fn other_literals_stand_without_quotes() {
        let id = Uuid::nil();
        let table = [
            (Filter::is_open(), "statecode%20eq%200"),
            (Filter::is("isdisabled", false), "isdisabled%20eq%20false"),
            (
                Filter::eq_id("leadid", id),
                "leadid%20eq%2000000000-0000-0000-0000-000000000000",
            ),
        ];
        for (filter, encoded) in table {
            assert_eq!(filter.encoded(), encoded);
        }
    }

    #[test]
    fn a_name_cannot_bring_conditions_along() {
        let filter = Filter::eq("x eq 1 or y", "1");
        assert_eq!(filter.encoded(), "xeq1ory%20eq%20%271%27");
    }

    #[test]
    fn conditions_are_joined_in_brackets() {
        let filter = Filter::eq("a", "1")
            .or(Filter::eq("b", "2"))
            .and(Filter::is_open());
        assert_eq!(
            filter.encoded(),
            "((a%20eq%20%271%27)%20or%20(b%20eq%20%272%27))%20and%20(statecode%20eq%200)"
        );
    }

    #[test]
    fn alternatives_are_spread_over_as_many_filters_as_they_need() {
        assert!(Filter::any([]).is_empty());
        let few = Filter::any((0..3).map(|n| Filter::eq_number("a", n)));
        assert_eq!(
            few[0].encoded(),
            "(a%20eq%200)%20or%20(a%20eq%201)%20or%20(a%20eq%202)"
        );
        let many = |n| Filter::any((0..n).map(|n| Filter::eq_number("a", n)));
        assert_eq!([200, 201, 450].map(|n| many(n).len()), [1, 2, 3]);
        let both = |n| Filter::eq_number("a", n).and(Filter::is_open());
        assert_eq!(Filter::any((0..200).map(both)).len(), 2);
        let long = Filter::any((0..9).map(|_| Filter::eq("a", &"x".repeat(5000))));
        assert_eq!(long.len(), 3);
        assert!(long.iter().all(|filter| filter.encoded().len() < 16_100));
    }
}
