//! `$filter`: reading it, checking its types, and deciding for one row (specification 2.5).

mod tokens;

use std::collections::HashMap;

use serde_json::Value;

use super::address::guid;
use super::dates;
use super::errors::{Failure, Outcome};
use super::text;
use tokens::{Token, malformed, tokens};

/// What a property holds, as far as comparing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Number,
    Flag,
    Guid,
    Date,
    Time,
    Enum,
}

impl Type {
    fn edm(self) -> &'static str {
        match self {
            Type::Text | Type::Enum => "Edm.String",
            Type::Number => "Edm.Int32",
            Type::Flag => "Edm.Boolean",
            Type::Guid => "Edm.Guid",
            Type::Date => "Edm.Date",
            Type::Time => "Edm.DateTimeOffset",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    Contains,
    Begins,
    Ends,
}

/// A condition, checked.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Compare(String, Op, Value),
    Search(String, Search, String),
    In(String, Vec<Value>),
    Between(String, Value, Value),
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    aliases: &'a HashMap<String, String>,
    kind: &'a dyn Fn(&str) -> Outcome<Type>,
}

/// Reads a filter. `kind` says what a property holds, or that there is no such property.
pub(crate) fn parse(
    text: &str,
    aliases: &HashMap<String, String>,
    kind: &dyn Fn(&str) -> Outcome<Type>,
) -> Outcome<Filter> {
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        at: 0,
        aliases,
        kind,
    };
    let filter = parser.or()?;
    match parser.peek() {
        None => Ok(filter),
        Some(_) => Err(parser.unexpected()),
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn unexpected(&self) -> Failure {
        malformed(self.text, self.at)
    }

    fn next(&mut self) -> Outcome<Token> {
        let token = self.peek().cloned().ok_or_else(|| self.unexpected())?;
        self.at += 1;
        Ok(token)
    }

    fn eat(&mut self, wanted: &Token) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn word(&mut self, wanted: &str) -> bool {
        self.eat(&Token::Word(wanted.to_owned()))
    }

    fn expect(&mut self, wanted: &Token) -> Outcome<()> {
        self.eat(wanted)
            .then_some(())
            .ok_or_else(|| self.unexpected())
    }

    fn or(&mut self) -> Outcome<Filter> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Outcome<Filter> {
        let mut left = self.not()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Outcome<Filter> {
        if self.word("not") {
            return Ok(Filter::Not(Box::new(self.not()?)));
        }
        if self.eat(&Token::Open) {
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        let Token::Word(name) = self.next()? else {
            return Err(self.unexpected());
        };
        if self.eat(&Token::Open) {
            let filter = self.call(&name)?;
            self.expect(&Token::Close)?;
            return Ok(filter);
        }
        self.comparison(name)
    }

    fn comparison(&mut self, name: String) -> Outcome<Filter> {
        let kind = (self.kind)(&name)?;
        let op = match self.next()? {
            Token::Word(op) => match op.as_str() {
                "eq" => Op::Eq,
                "ne" => Op::Ne,
                "gt" => Op::Gt,
                "ge" => Op::Ge,
                "lt" => Op::Lt,
                "le" => Op::Le,
                _ => return Err(self.unexpected()),
            },
            _ => return Err(self.unexpected()),
        };
        let token = self.next()?;
        let value = self.value(token, kind)?;
        Ok(Filter::Compare(name, op, value))
    }

    fn call(&mut self, function: &str) -> Outcome<Filter> {
        let search = match function {
            "contains" => Search::Contains,
            "startswith" => Search::Begins,
            "endswith" => Search::Ends,
            "Microsoft.Dynamics.CRM.In" => return self.listed(false),
            "Microsoft.Dynamics.CRM.Between" => return self.listed(true),
            _ => {
                return Err(Failure::syntax(format!(
                    "An unknown function with name '{function}' was found."
                )));
            }
        };
        let Token::Word(name) = self.next()? else {
            return Err(self.unexpected());
        };
        if (self.kind)(&name)? != Type::Text {
            return Err(Failure::syntax(format!(
                "No function signature for the function with name '{function}' matches the specified arguments."
            )));
        }
        self.expect(&Token::Comma)?;
        match self.next()? {
            Token::Text(pattern) => Ok(Filter::Search(name, search, pattern)),
            _ => Err(self.unexpected()),
        }
    }

    /// `PropertyName='x',PropertyValues=["a","b"]`.
    fn listed(&mut self, between: bool) -> Outcome<Filter> {
        self.expect(&Token::Word("PropertyName=".to_owned()))?;
        let Token::Text(name) = self.next()? else {
            return Err(self.unexpected());
        };
        let kind = (self.kind)(&name)?;
        self.expect(&Token::Comma)?;
        self.expect(&Token::Word("PropertyValues=".to_owned()))?;
        let Token::List(list) = self.next()? else {
            return Err(self.unexpected());
        };
        let values = list.iter().map(|value| {
            let written = value.as_str().ok_or_else(|| self.unexpected())?;
            let token = match kind {
                Type::Text => Token::Text(written.to_owned()),
                _ => Token::Word(written.to_owned()),
            };
            self.value(token, kind)
        });
        let values = values.collect::<Outcome<Vec<Value>>>()?;
        match (between, values.as_slice()) {
            (false, _) => Ok(Filter::In(name, values)),
            (true, [low, high]) => Ok(Filter::Between(name, low.clone(), high.clone())),
            _ => Err(self.unexpected()),
        }
    }

    /// A literal that can be compared with this kind of property.
    fn value(&self, token: Token, kind: Type) -> Outcome<Value> {
        let (found, value) = match token {
            Token::Word(word) if word == "null" => return Ok(Value::Null),
            Token::Word(word) if word.starts_with('@') => {
                let value = self.aliases.get(&word).ok_or_else(|| self.unexpected())?;
                let mut tokens = tokens(value)?;
                return match tokens.len() {
                    1 => self.value(tokens.remove(0), kind),
                    _ => Err(malformed(value, 0)),
                };
            }
            Token::Text(text) => (Type::Text, Value::String(text)),
            Token::Enum(text) => (Type::Enum, Value::String(text)),
            Token::Word(word) => literal(&word).ok_or_else(|| self.unexpected())?,
            _ => return Err(self.unexpected()),
        };
        let fits = found == kind || (found == Type::Date && kind == Type::Time);
        fits.then_some(value).ok_or_else(|| {
            Failure::syntax(format!(
                "A binary operator with incompatible types was detected. Found operand types '{}' and '{}' for operator kind 'Equal'.",
                kind.edm(),
                found.edm()
            ))
        })
    }
}

/// A literal without quotes.
fn literal(word: &str) -> Option<(Type, Value)> {
    match word {
        "true" => return Some((Type::Flag, Value::Bool(true))),
        "false" => return Some((Type::Flag, Value::Bool(false))),
        _ => {}
    }
    if let Some(id) = guid(word) {
        return Some((Type::Guid, Value::String(id.to_string())));
    }
    if let Some(day) = dates::day(word) {
        return Some((Type::Date, Value::String(day)));
    }
    if let Some(time) = dates::time(word) {
        return Some((Type::Time, Value::String(time)));
    }
    let number: f64 = word.parse().ok()?;
    Some((Type::Number, serde_json::json!(number)))
}

impl Filter {
    /// Whether a row fits. `get` gives the value of a property.
    pub(crate) fn fits(&self, get: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Filter::And(left, right) => left.fits(get) && right.fits(get),
            Filter::Or(left, right) => left.fits(get) || right.fits(get),
            Filter::Not(inner) => !inner.fits(get),
            Filter::Compare(name, op, value) => compare(&get(name), *op, value),
            Filter::Search(name, search, pattern) => get(name).as_str().is_some_and(|own| {
                text::like(
                    own,
                    pattern,
                    *search != Search::Begins,
                    *search != Search::Ends,
                )
            }),
            Filter::In(name, values) => {
                let own = get(name);
                values.iter().any(|value| compare(&own, Op::Eq, value))
            }
            Filter::Between(name, low, high) => {
                let own = get(name);
                compare(&own, Op::Ge, low) && compare(&own, Op::Le, high)
            }
        }
    }

    /// A property that has to equal a text for the whole to hold: what an index can answer.
    pub(crate) fn pinned(&self) -> Option<(&str, &str)> {
        match self {
            Filter::And(left, right) => left.pinned().or_else(|| right.pinned()),
            Filter::Compare(name, Op::Eq, Value::String(value)) => Some((name, value)),
            _ => None,
        }
    }
}

/// SQL's comparison: null equals null alone and is neither less nor more than anything.
fn compare(own: &Value, op: Op, value: &Value) -> bool {
    if own.is_null() || value.is_null() {
        let same = own.is_null() == value.is_null();
        return match op {
            Op::Eq => same,
            Op::Ne => !same,
            _ => false,
        };
    }
    let order = match (own, value) {
        (Value::String(a), Value::String(b)) => Some(text::fold(a).cmp(&text::fold(b))),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        _ => None,
    };
    order.is_some_and(|order| match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
    })
}

#[cfg(test)]
mod tests;
