//! Queries in Rest.li 2.0 encoding.
//!
//! Structure (`List(a,b)`, `(k:v)`) stays literal, everything inside it is percent-encoded. The
//! usual helpers for queries encode the structure too, which LinkedIn refuses; so a query is built
//! here and set with `Url::set_query`, which leaves it as it is.

use std::fmt::Write as _;

/// A value of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, a number, `true` or `false`.
    Scalar(String),
    /// `List(a,b)`.
    List(Vec<Value>),
    /// `(k:v,k2:v2)`.
    Record(Vec<(String, Value)>),
}

impl Value {
    /// A record out of its fields.
    #[must_use]
    pub fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
        Value::Record(
            fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    fn write(&self, out: &mut String) {
        match self {
            Value::Scalar(text) => encode(text, out),
            Value::List(items) => {
                out.push_str("List(");
                separated(items, out, |item, out| item.write(out));
                out.push(')');
            }
            Value::Record(fields) => {
                out.push('(');
                separated(fields, out, |(key, value), out| {
                    encode(key, out);
                    out.push(':');
                    value.write(out);
                });
                out.push(')');
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Scalar(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Scalar(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Scalar(number.to_string())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Scalar(number.to_string())
    }
}

fn separated<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
}

/// Encodes everything but letters, digits and `-_.~`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A key of a path, such as the id of a lead response.
#[must_use]
pub fn path_key(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    encode(key, &mut out);
    out
}

/// A query string, ready for `Url::set_query`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// The query of a finder.
    #[must_use]
    pub fn finder(name: &str) -> Query {
        Query::default().with("q", name)
    }

    /// The same query with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Query {
        self.begin(name);
        value.into().write(&mut self.0);
        self
    }

    /// The same query with a projection, the one thing that is never encoded.
    #[must_use]
    pub fn fields(mut self, projection: &str) -> Query {
        self.begin("fields");
        self.0.push_str(projection);
        self
    }

    /// The query as it goes into the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the query is too long for a URL and has to travel in a body.
    #[must_use]
    pub fn must_tunnel(&self) -> bool {
        self.0.len() > 4000
    }

    fn begin(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        encode(name, &mut self.0);
        self.0.push('=');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: &Value) -> String {
        let mut out = String::new();
        value.write(&mut out);
        out
    }

    #[test]
    fn values_are_encoded_as_linkedin_s_own_clients_do() {
        let list = Value::List(vec![1_i64.into(), 2_i64.into(), "foobar".into()]);
        let record = Value::record([
            ("k1", "v1".into()),
            ("k2", "urn:li:app:123".into()),
            ("k3", Value::List(vec![1_i64.into(), 2_i64.into()])),
            ("k4", Value::record([("k41", "foobar".into())])),
        ]);
        let mixed = Value::List(vec![
            Value::record([("k1", "v1".into())]),
            Value::List(vec!["v2".into(), " t?':,*!".into()]),
        ]);
        let cases = [
            (list, "List(1,2,foobar)"),
            (
                record,
                "(k1:v1,k2:urn%3Ali%3Aapp%3A123,k3:List(1,2),k4:(k41:foobar))",
            ),
            (mixed, "List((k1:v1),List(v2,%20t%3F%27%3A%2C%2A%21))"),
            ("true".into(), "true"),
            ("123.5".into(), "123.5"),
            ("".into(), ""),
            (
                "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)".into(),
                "urn%3Ali%3AversionedLeadGenForm%3A%28urn%3Ali%3AleadGenForm%3A3162%2C1%29",
            ),
            ("é-_.~".into(), "%C3%A9-_.~"),
        ];
        for (value, wanted) in cases {
            assert_eq!(encoded(&value), wanted);
        }
    }

    #[test]
    fn names_are_encoded_too_but_projections_never() {
        let query = Query::default().with("pr op:1", " t?':,*!&+");
        assert_eq!(query.as_str(), "pr%20op%3A1=%20t%3F%27%3A%2C%2A%21%26%2B");
        let query = Query::finder("owner")
            .fields("id,form:(name,id)")
            .with("start", 0_u64);
        assert_eq!(query.as_str(), "q=owner&fields=id,form:(name,id)&start=0");
        assert_eq!(
            path_key("urn:li:sponsoredCreative:123"),
            "urn%3Ali%3AsponsoredCreative%3A123"
        );
    }

    #[test]
    fn only_long_queries_are_tunnelled() {
        let of_length = |length: usize| Query::default().with("a", "x".repeat(length - 2));
        assert!(!of_length(4000).must_tunnel());
        assert!(of_length(4001).must_tunnel());
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn a_url_leaves_the_query_as_it_is() {
        let query = Query::finder("owner")
            .with(
                "owner",
                Value::record([("sponsoredAccount", "urn:li:sponsoredAccount:1".into())]),
            )
            .with("ids", Value::List(vec!["a".into(), "b'c".into()]));
        let mut url = url::Url::parse("https://api.linkedin.com/rest/leadForms").unwrap();
        url.set_query(Some(query.as_str()));
        let raw =
            "q=owner&owner=(sponsoredAccount:urn%3Ali%3AsponsoredAccount%3A1)&ids=List(a,b%27c)";
        assert_eq!(url.query(), Some(raw));
        assert!(url.as_str().ends_with(raw));
    }
}
