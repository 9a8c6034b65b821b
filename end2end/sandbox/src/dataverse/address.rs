//! Paths and query options (specification 2.1, 2.4, 2.5): everything is case-sensitive, and what is
//! not known is refused rather than passed over.

use std::collections::HashMap;

use uuid::Uuid;

use super::errors::{Failure, Outcome};
use crate::restli::decode;

/// Longer URLs are refused.
const MAX_URL: usize = 32_768;

/// Characters in the value of an alternate key with which addressing a row by it fails.
const FORBIDDEN: &[char] = &['/', '<', '>', '*', '%', '&', ':', '\\', '?', '+'];

/// What stands in the parentheses of a segment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Id(Uuid),
    /// Names with their values, still as literals.
    Named(Vec<(String, String)>),
}

/// A part of a path: `leads(…)`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) key: Option<Key>,
}

/// The path of a call, without `/api/data/v9.2/`.
pub(crate) fn split(path: &str, query: &str) -> Outcome<(String, Vec<Segment>)> {
    if path.len() + query.len() > MAX_URL {
        return Err(Failure::syntax("The URL is too long."));
    }
    let rest = path
        .strip_prefix("/api/data/")
        .ok_or_else(|| Failure::no_resource(path.trim_matches('/')))?;
    let (version, rest) = rest.split_once('/').unwrap_or((rest, ""));
    if !["v9.0", "v9.1", "v9.2"].contains(&version) {
        return Err(Failure::no_resource(version));
    }
    let parts = rest.trim_end_matches('/').split('/');
    let parts = parts.filter(|part| !part.is_empty()).map(segment);
    Ok((version.to_owned(), parts.collect::<Outcome<_>>()?))
}

fn segment(raw: &str) -> Outcome<Segment> {
    let text = decode(raw).map_err(Failure::syntax)?;
    let Some((name, rest)) = text.split_once('(') else {
        return Ok(Segment {
            name: text,
            key: None,
        });
    };
    let inner = rest.strip_suffix(')').ok_or_else(|| {
        Failure::syntax(format!("Bad Request - Error in query syntax: '{text}'."))
    })?;
    let key = match inner {
        "" => None,
        inner => Some(key(inner)?),
    };
    Ok(Segment {
        name: name.to_owned(),
        key,
    })
}

fn key(inner: &str) -> Outcome<Key> {
    if let Some(id) = guid(inner) {
        return Ok(Key::Id(id));
    }
    let mut pairs = Vec::new();
    for part in outside_quotes(inner, ',') {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| Failure::syntax(format!("Error in query syntax: '({inner})'.")))?;
        pairs.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(Key::Named(pairs))
}

/// A GUID written as Dataverse writes it.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::parse_str(text).ok())?
}

/// The parts of a text between separators that are not inside single quotes or parentheses.
pub(crate) fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut begin, mut quoted, mut depth) = (Vec::new(), 0, false, 0_i32);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c == separator && !quoted && depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// The text of a string literal, its doubled quotes made single.
pub(crate) fn unquoted(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let plain = inner.replace("''", "");
    (!plain.contains('\'')).then(|| inner.replace("''", "'"))
}

/// The text of an alternate key's value. Strings with a forbidden character cannot be addressed.
pub(crate) fn key_value(literal: &str) -> Outcome<String> {
    let value = match unquoted(literal) {
        Some(value) => value,
        None if literal.contains('\'') => {
            return Err(Failure::syntax(format!(
                "There is an unterminated literal at position {} in '{literal}'.",
                literal.len()
            )));
        }
        None => literal.to_owned(),
    };
    if value.contains(FORBIDDEN) {
        return Err(Failure::syntax(
            "A potentially dangerous Request.Path value was detected from the client.",
        )
        .because("the value of the alternate key holds a character that cannot be in one"));
    }
    Ok(value)
}

/// The options of a query.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) select: Option<Vec<String>>,
    pub(crate) filter: Option<String>,
    pub(crate) orderby: Option<String>,
    pub(crate) expand: Option<String>,
    pub(crate) top: Option<usize>,
    pub(crate) count: bool,
    pub(crate) skiptoken: Option<String>,
    /// `@name` with its value.
    pub(crate) aliases: HashMap<String, String>,
}

/// A list of names, as of `$select`.
pub(crate) fn names(text: &str) -> Vec<String> {
    text.split(',').map(|name| name.trim().to_owned()).collect()
}

impl Options {
    pub(crate) fn parse(query: &str) -> Outcome<Options> {
        let mut options = Options::default();
        let mut seen = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
            if seen.contains(&name) {
                return Err(Failure::syntax(format!(
                    "Query option '{name}' was specified more than once, but it must be specified at most once."
                )));
            }
            options.set(&name, value)?;
            seen.push(name);
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Outcome<()> {
        match name {
            "$select" => self.select = Some(names(&value)),
            "$filter" => self.filter = Some(value),
            "$orderby" => self.orderby = Some(value),
            "$expand" => self.expand = Some(value),
            "$skiptoken" => self.skiptoken = Some(value),
            "$top" => {
                let top = value.parse().ok().filter(|top| *top > 0);
                let invalid = || {
                    Failure::syntax(format!(
                        "Invalid value '{value}' for $top query option found. The $top query option requires a positive integer value."
                    ))
                };
                self.top = Some(top.ok_or_else(invalid)?);
            }
            "$count" => {
                self.count = match value.as_str() {
                    "true" => true,
                    "false" => false,
                    _ => {
                        return Err(Failure::syntax(format!(
                            "Invalid value '{value}' for $count query option found."
                        )));
                    }
                }
            }
            // Customers filter on it in plug-ins.
            "tag" => {}
            alias if alias.starts_with('@') => {
                self.aliases.insert(alias.to_owned(), value);
            }
            other => {
                return Err(Failure::syntax(format!(
                    "The query parameter {other} is not supported"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str) -> Segment {
        split(&format!("/api/data/v9.2/{path}"), "")
            .unwrap()
            .1
            .remove(0)
    }

    #[test]
    fn keys_are_ids_or_names_with_literals() {
        let id = "e73ffc82-e292-ed11-aad1-000d3a9933c9";
        assert_eq!(
            one(&format!("leads({id})")).key,
            Some(Key::Id(id.parse().unwrap()))
        );
        let named = one("leads(new_linkedinresponseid=%27r%27%271%27,new_b=2)").key;
        let pairs = [("new_linkedinresponseid", "'r''1'"), ("new_b", "2")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(named, Some(Key::Named(pairs.to_vec())));
        assert_eq!(one("WhoAmI()").key, None);
        assert!(split("/api/data/v9.2/leads(1", "").is_err());
        assert!(split("/api/data/v8.2/leads", "").is_err());
    }

    #[test]
    fn the_values_of_alternate_keys_hold_no_urn() {
        assert_eq!(key_value("'r''1'").unwrap(), "r'1");
        assert!(key_value("'urn:li:response:1'").is_err());
        assert!(key_value("'r'1'").is_err());
    }

    #[test]
    fn options_are_known_and_given_once() {
        let options = Options::parse("$select=leadid,%20subject&$filter=a+eq+%27b%2Bc%27").unwrap();
        assert_eq!(options.select.unwrap(), ["leadid", "subject"]);
        assert_eq!(options.filter.unwrap(), "a eq 'b+c'");
        for refused in [
            "$skip=1",
            "$search=a",
            "$format=json",
            "select=a",
            "$top=0",
            "$top=1&$top=2",
        ] {
            assert!(Options::parse(refused).is_err(), "{refused}");
        }
        assert!(Options::parse("tag=linkedin-sync&@p='x'").is_ok());
    }
}
