//! The Rest.li 2.0 way of writing a query string, read from its raw bytes.
//!
//! An ordinary URL library decodes first and looks for structure afterwards; that loses the very
//! difference Rest.li lives on: a literal `(` is structure, a `%28` is text. So the parser works on
//! the raw query, accepts structure only where it is literal, and refuses what LinkedIn refuses: a
//! `:` left bare inside a URN, an encoded record, a stray `+`.

use std::fmt::Write as _;

/// Nesting deeper than this is refused instead of followed.
const MAX_DEPTH: usize = 16;

/// One value of a query parameter, after structure was told from text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text, percent-decoded once.
    Scalar(String),
    /// `List(a,b)`.
    List(Vec<Value>),
    /// `(k:v,k2:v2)`, in the order written.
    Record(Vec<(String, Value)>),
}

impl Value {
    pub(crate) fn scalar(&self) -> Option<&str> {
        match self {
            Value::Scalar(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn record(&self) -> Option<&[(String, Value)]> {
        match self {
            Value::Record(fields) => Some(fields),
            _ => None,
        }
    }

    /// A field of a record.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.record()?
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// A raw query, cut into its parameters. Values stay raw until somebody says what they should be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    params: Vec<(String, String)>,
}

impl Query {
    /// Cuts a raw query string; the error says what is wrong with it.
    pub(crate) fn parse(raw: &str) -> Result<Query, String> {
        let mut params: Vec<(String, String)> = Vec::new();
        for part in raw.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name)?;
            if params.iter().any(|(known, _)| *known == name) {
                return Err(format!("parameter '{name}' is given twice"));
            }
            params.push((name, value.to_owned()));
        }
        Ok(Query { params })
    }

    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().map(|(name, _)| name.as_str())
    }

    /// The parsed value of a parameter; `Err` when it is there and malformed.
    pub(crate) fn value(&self, name: &str) -> Result<Option<Value>, String> {
        self.raw(name).map(parse_value).transpose()
    }

    /// The query once more, with one parameter set to another (already encoded) value.
    pub(crate) fn with(&self, replace: &[(&str, String)]) -> String {
        let mut parts: Vec<String> = self
            .params
            .iter()
            .filter(|(name, _)| !replace.iter().any(|(key, _)| key == name))
            .map(|(name, value)| format!("{}={value}", encode(name)))
            .collect();
        parts.extend(replace.iter().map(|(key, value)| format!("{key}={value}")));
        parts.join("&")
    }
}

/// Reads one value in Rest.li 2.0 encoding.
pub(crate) fn parse_value(raw: &str) -> Result<Value, String> {
    let mut reader = Reader { raw, at: 0 };
    let value = reader.value(0)?;
    match reader.peek() {
        None => Ok(value),
        Some(byte) => Err(format!(
            "unencoded '{}' at offset {} of '{raw}'",
            char::from(byte),
            reader.at
        )),
    }
}

struct Reader<'a> {
    raw: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.raw.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err("nested too deeply".to_owned());
        }
        if self.raw[self.at..].starts_with("List(") {
            self.at += "List(".len();
            return self.list(depth);
        }
        if self.eat(b'(') {
            return self.record(depth);
        }
        self.scalar().map(Value::Scalar)
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        if self.eat(b')') {
            return Ok(Value::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.eat(b')') {
                return Ok(Value::List(items));
            }
            self.expect_comma("list")?;
        }
    }

    fn record(&mut self, depth: usize) -> Result<Value, String> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        if self.eat(b')') {
            return Ok(Value::Record(fields));
        }
        loop {
            let key = self.scalar()?;
            if !self.eat(b':') {
                return Err(format!("record key '{key}' without ':'"));
            }
            if fields.iter().any(|(known, _)| *known == key) {
                return Err(format!("record key '{key}' is given twice"));
            }
            fields.push((key, self.value(depth + 1)?));
            if self.eat(b')') {
                return Ok(Value::Record(fields));
            }
            self.expect_comma("record")?;
        }
    }

    fn expect_comma(&mut self, what: &str) -> Result<(), String> {
        if self.eat(b',') {
            return Ok(());
        }
        match self.peek() {
            None => Err(format!("{what} is not closed")),
            Some(byte) => Err(format!("unencoded '{}' inside a {what}", char::from(byte))),
        }
    }

    fn scalar(&mut self) -> Result<String, String> {
        let rest = &self.raw[self.at..];
        if rest.starts_with("''") {
            self.at += 2;
            return Ok(String::new());
        }
        let end = rest
            .find(['(', ')', ',', ':', '\'', '+'])
            .unwrap_or(rest.len());
        self.at += end;
        if matches!(self.peek(), Some(b'\'' | b'+' | b'(')) {
            return Err(format!(
                "unencoded '{}' in text",
                char::from(self.raw.as_bytes()[self.at])
            ));
        }
        decode(&rest[..end])
    }
}

/// Percent-decodes once; a lone `%` or bytes that are not UTF-8 are errors.
pub(crate) fn decode(raw: &str) -> Result<String, String> {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let hex = raw
                .get(at + 1..at + 3)
                .ok_or_else(|| format!("broken escape in '{raw}'"))?;
            let byte = hex
                .bytes()
                .all(|digit| digit.is_ascii_hexdigit())
                .then(|| u8::from_str_radix(hex, 16).ok());
            out.push(
                byte.flatten()
                    .ok_or_else(|| format!("broken escape '%{hex}'"))?,
            );
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).map_err(|_| "escapes are not UTF-8".to_owned())
}

/// Encodes text the way Rest.li wants scalars: everything but letters, digits and `-_.~`.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    out
}

/// The "reduced" encoding of headers and bodies: only `( ) , : '` are escaped.
pub(crate) fn reduced_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '(' | ')' | ',' | ':' | '\'' => {
                write!(out, "%{:02X}", u32::from(character))
                    .expect("writing to a String cannot fail");
            }
            other => out.push(other),
        }
    }
    out
}

/// Writes a value in Rest.li 2.0 encoding; the inverse of [`parse_value`].
#[cfg(test)]
pub(crate) fn encode_value(value: &Value) -> String {
    match value {
        Value::Scalar(text) => encode(text),
        Value::List(items) => {
            format!(
                "List({})",
                items.iter().map(encode_value).collect::<Vec<_>>().join(",")
            )
        }
        Value::Record(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}:{}", encode(key), encode_value(value)))
                .collect();
            format!("({})", fields.join(","))
        }
    }
}

/// What `fields=` asks for: names, each with an optional projection of what lies below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Projection {
    fields: Vec<(String, Option<Projection>)>,
}

impl Projection {
    /// Reads `id,name,form:(name,id)`. Unlike other parameters it is never percent-encoded.
    pub(crate) fn parse(raw: &str) -> Result<Projection, String> {
        let mut at = 0;
        let projection = Projection::level(raw.as_bytes(), &mut at, 0)?;
        if at != raw.len() {
            return Err(format!("unbalanced ')' in fields at offset {at}"));
        }
        Ok(projection)
    }

    fn level(raw: &[u8], at: &mut usize, depth: usize) -> Result<Projection, String> {
        if depth > MAX_DEPTH {
            return Err("fields nested too deeply".to_owned());
        }
        let mut fields = Vec::new();
        loop {
            let begin = *at;
            while raw
                .get(*at)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_$*-.".contains(byte))
            {
                *at += 1;
            }
            if begin == *at {
                return Err(format!("field name expected at offset {begin}"));
            }
            let name = String::from_utf8_lossy(&raw[begin..*at]).into_owned();
            let below = if raw.get(*at) == Some(&b':') {
                *at += 1;
                if raw.get(*at) != Some(&b'(') {
                    return Err(format!("'(' expected after '{name}:'"));
                }
                *at += 1;
                let below = Projection::level(raw, at, depth + 1)?;
                if raw.get(*at) != Some(&b')') {
                    return Err(format!("fields of '{name}' are not closed"));
                }
                *at += 1;
                Some(below)
            } else {
                None
            };
            fields.push((name, below));
            if raw.get(*at) == Some(&b',') {
                *at += 1;
            } else {
                return Ok(Projection { fields });
            }
        }
    }

    /// `Some` if the field is wanted, with the projection of what lies below it.
    pub(crate) fn wants(&self, name: &str) -> Option<Option<&Projection>> {
        self.fields
            .iter()
            .find(|(field, _)| field == name || field == "$*")
            .map(|(_, below)| below.as_ref())
    }

    /// Keeps what is asked for; lists and maps are passed through element by element.
    pub(crate) fn apply(&self, value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(map) => serde_json::Value::Object(
                map.into_iter()
                    .filter_map(|(key, value)| match self.wants(&key)? {
                        Some(below) => Some((key, below.apply(value))),
                        None => Some((key, value)),
                    })
                    .collect(),
            ),
            serde_json::Value::Array(items) => {
                let element = self.fields.iter().find(|(name, _)| name == "$*");
                match element {
                    Some((_, None)) => serde_json::Value::Array(items),
                    Some((_, Some(below))) => {
                        items.into_iter().map(|item| below.apply(item)).collect()
                    }
                    None => items.into_iter().map(|item| self.apply(item)).collect(),
                }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &str) -> Value {
        Value::Scalar(value.to_owned())
    }

    fn record(fields: &[(&str, Value)]) -> Value {
        Value::Record(
            fields
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn the_vectors_of_the_specification_read_and_write() {
        let cases = [
            (
                "List(1,2,foobar)",
                Value::List(vec![text("1"), text("2"), text("foobar")]),
            ),
            (
                "(k1:v1,k2:urn%3Ali%3Aapp%3A123,k3:List(1,2),k4:(k41:foobar))",
                record(&[
                    ("k1", text("v1")),
                    ("k2", text("urn:li:app:123")),
                    ("k3", Value::List(vec![text("1"), text("2")])),
                    ("k4", record(&[("k41", text("foobar"))])),
                ]),
            ),
            (
                "List((k1:v1),List(v2,%20t%3F%27%3A%2C%2A%21))",
                Value::List(vec![
                    record(&[("k1", text("v1"))]),
                    Value::List(vec![text("v2"), text(" t?':,*!")]),
                ]),
            ),
            ("true", text("true")),
            ("123.5", text("123.5")),
            ("", text("")),
            (
                "urn%3Ali%3AversionedLeadGenForm%3A%28urn%3Ali%3AleadGenForm%3A3162%2C1%29",
                text("urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)"),
            ),
        ];
        for (raw, value) in cases {
            assert_eq!(parse_value(raw).as_ref(), Ok(&value), "{raw}");
            assert_eq!(encode_value(&value), raw);
        }
        let query = Query::parse("pr%20op%3A1=%20t%3F%27%3A%2C%2A%21%26%2B").unwrap();
        assert_eq!(query.value("pr op:1").unwrap(), Some(text(" t?':,*!&+")));
    }

    #[test]
    fn what_linkedin_refuses_is_refused() {
        for raw in [
            "urn:li:sponsoredAccount:1",
            "(sponsoredAccount:urn:li:sponsoredAccount:1)",
            "(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A1",
            "List(1,2",
            "List(1,2))",
            "(a)",
            "(a:1,a:2)",
            "a b'c",
            "two+words",
            "%zz",
            "%f",
            "%ff",
            "%+1",
            "urn%3Ali%3AversionedLeadGenForm%3A(urn%3Ali%3AleadGenForm%3A3162,1)",
        ] {
            assert!(parse_value(raw).is_err(), "{raw}");
        }
        assert!(parse_value(&"(a:".repeat(100)).is_err());
        assert!(Query::parse("q=owner&q=owner").is_err());
    }

    #[test]
    fn an_encoded_record_is_only_text() {
        let raw = "%28sponsoredAccount%3Aurn%253Ali%29";
        assert_eq!(parse_value(raw), Ok(text("(sponsoredAccount:urn%3Ali)")));
        assert_eq!(parse_value("''"), Ok(text("")));
        assert_eq!(parse_value("List()"), Ok(Value::List(Vec::new())));
    }

    #[test]
    fn url_leaves_a_hand_made_query_alone() {
        let raw = "owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A1)&ids=List(a,b)";
        let mut url = url::Url::parse("http://localhost/rest/leadForms").unwrap();
        url.set_query(Some(raw));
        assert_eq!(url.query(), Some(raw));
    }

    #[test]
    fn reduced_encoding_escapes_only_structure() {
        assert_eq!(
            reduced_encode("urn:li:x:(1,2)'é/"),
            "urn%3Ali%3Ax%3A%281%2C2%29%27é/"
        );
    }

    #[test]
    fn projections_keep_what_is_asked_for() {
        let projection =
            Projection::parse("id,form:(name,content:(questions:(questionId)))").unwrap();
        let value = json!({"id": 1, "owner": 2, "form": {"id": 3, "name": "n", "content": {
            "headline": "h", "questions": [{"questionId": 7, "name": "x"}, {"questionId": 8}]}}});
        assert_eq!(
            projection.apply(value),
            json!({"id": 1, "form": {"name": "n", "content": {"questions": [{"questionId": 7}, {"questionId": 8}]}}})
        );
        assert_eq!(projection.wants("owner"), None);
        let star = Projection::parse("content:($*:(a))").unwrap();
        assert_eq!(
            star.apply(json!({"content": [{"a": 1, "b": 2}]})),
            json!({"content": [{"a": 1}]})
        );
        for bad in [
            "",
            "a,",
            "a:(b",
            "a:(b))",
            "a:b",
            "a%2Cb",
            "form%3A(id)",
            "a b",
        ] {
            assert!(Projection::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_query_is_written_again_with_another_start() {
        let query = Query::parse("q=owner&owner=(a:b%3Ac)&start=0&count=10").unwrap();
        assert_eq!(
            query.with(&[("start", "10".to_owned())]),
            "q=owner&owner=(a:b%3Ac)&count=10&start=10"
        );
    }
}
