//! The words of a `$filter`.

use serde_json::Value;

use super::super::address::unquoted;
use super::super::errors::{Failure, Outcome};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    /// A name, an operator, a number, a GUID, a date: whatever stands without quotes.
    Word(String),
    Text(String),
    /// `Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'`.
    Enum(String),
    /// `["a","b"]`.
    List(Vec<Value>),
}

pub(super) fn tokens(text: &str) -> Outcome<Vec<Token>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        match c {
            ' ' => at += 1,
            '(' | ')' | ',' => {
                found.push(match c {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Comma,
                });
                at += 1;
            }
            '\'' => {
                let end = literal_end(text, at)?;
                let value = unquoted(&text[at..end]).unwrap_or_default();
                match found.last() {
                    Some(Token::Word(name))
                        if name.contains("Microsoft.") && text[..at].ends_with(name.as_str()) =>
                    {
                        found.pop();
                        found.push(Token::Enum(value));
                    }
                    _ => found.push(Token::Text(value)),
                }
                at = end;
            }
            '[' => {
                let end = text[at..].find(']').map(|found| at + found + 1);
                let list = end.and_then(|end| serde_json::from_str(&text[at..end]).ok());
                let (Some(end), Some(list)) = (end, list) else {
                    return Err(malformed(text, at));
                };
                found.push(Token::List(list));
                at = end;
            }
            _ => {
                let stop = |c: char| matches!(c, ' ' | '(' | ')' | ',' | '\'' | '[');
                let end = text[at..].find(stop).map_or(text.len(), |found| at + found);
                // `PropertyName='x'` names an argument.
                let word = text[at..end].trim_end_matches('=');
                if text[at..end].ends_with('=') {
                    found.push(Token::Word(format!("{word}=")));
                } else {
                    found.push(Token::Word(word.to_owned()));
                }
                at = end;
            }
        }
    }
    Ok(found)
}

/// The end of a string literal that begins at a quote.
fn literal_end(text: &str, begin: usize) -> Outcome<usize> {
    let bytes = text.as_bytes();
    let mut at = begin + 1;
    while at < bytes.len() {
        if bytes[at] != b'\'' {
            at += 1;
        } else if bytes.get(at + 1) == Some(&b'\'') {
            at += 2;
        } else {
            return Ok(at + 1);
        }
    }
    Err(Failure::syntax(format!(
        "There is an unterminated literal at position {} in '{text}'.",
        text.len()
    )))
}

pub(super) fn malformed(text: &str, at: usize) -> Failure {
    Failure::syntax(format!("Syntax error at position {at} in '{text}'."))
}
