//! What a request may hold: ids in paths, filters and places in queries, JSON in bodies. What is not
//! known is refused, so that a misspelt filter never gives more than was asked for.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use leadline::error::{Error, Result as EngineResult};
use leadline::store::views::paging::{Cursor, Paging, Place};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::{IntoParams, openapi};

use super::BODY_AT_MOST;
use super::problem::Problem;

/// How many items a page has when nothing is said.
const LIMIT: usize = 50;
/// How many items a page has at most.
const LIMIT_AT_MOST: usize = 200;
/// How many characters a text to search for has at most.
const TEXT_AT_MOST: usize = 200;

/// The id in a path. What is no id is nothing that exists.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, Problem> {
        query(parts.uri.query().unwrap_or_default(), &[])?;
        let id = Path::<i64>::from_request_parts(parts, state).await;
        match id {
            Ok(Path(id)) => Ok(Id(id)),
            Err(_) => Err(Problem::new(
                StatusCode::NOT_FOUND,
                "An id is a whole number; this one does not exist.",
            )),
        }
    }
}

impl IntoParams for Id {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = ParameterBuilder::new()
            .name("id")
            .parameter_in(ParameterIn::Path)
            .required(openapi::Required::True)
            .description(Some("Leadline's id"))
            .schema(Some(number(1, None)));
        vec![id.build()]
    }
}

/// What a field of a query may hold.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text to search for.
    Text,
    /// Leadline's id of something.
    Id,
    /// A day, such as `2026-11-24`.
    Day,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// A field of a query: its name, what it may hold, and what it is for.
pub type Field = (&'static str, Kind, &'static str);

/// A filter of a list: the same that the list's page has.
pub trait Filter: Sized + Send {
    /// What it may hold.
    const FIELDS: &'static [Field];

    /// Reads it.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message begins with its name.
    fn read(get: &impl Fn(&str) -> Option<String>) -> EngineResult<Self>;
}

/// For lists without one.
#[derive(Debug, Clone, Copy)]
pub struct NoFilter;

impl Filter for NoFilter {
    const FIELDS: &'static [Field] = &[];

    fn read(_: &impl Fn(&str) -> Option<String>) -> EngineResult<NoFilter> {
        Ok(NoFilter)
    }
}

/// Which page of which list is wanted.
#[derive(Debug, Clone)]
pub struct Wanted<F> {
    /// The filter.
    pub filter: F,
    /// The page.
    pub paging: Paging,
}

impl<S: Send + Sync, F: Filter> FromRequestParts<S> for Wanted<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Wanted<F>, Problem> {
        let known = F::FIELDS.iter().map(|(name, ..)| *name);
        let known: Vec<&str> = known.chain(["limit", "cursor"]).collect();
        let query = query(parts.uri.query().unwrap_or_default(), &known)?;
        for (name, ..) in F::FIELDS
            .iter()
            .filter(|(_, kind, _)| matches!(kind, Kind::Id))
        {
            check_id(&query, name)?;
        }
        let get = |name: &str| {
            let field = query.iter().find(|(key, _)| key == name);
            field.map(|(_, value)| value.clone())
        };
        Ok(Wanted {
            paging: Paging {
                place: place(get("cursor"))?,
                size: size(get("limit"))?,
            },
            filter: F::read(&get).map_err(|error| wrong_field(error, &known))?,
        })
    }
}

/// The fields of a query, each of which must be known and come once.
fn query(text: &str, known: &[&str]) -> Result<Vec<(String, String)>, Problem> {
    let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned();
    let mut seen: Vec<(String, String)> = Vec::new();
    for (name, value) in pairs {
        if !known.contains(&name.as_str()) {
            return Err(Problem::parameter(&shown(&name), "is not known here."));
        }
        if seen.iter().any(|(other, _)| *other == name) {
            return Err(Problem::parameter(&name, "may come only once."));
        }
        if value.trim().is_empty() || value.chars().any(char::is_control) {
            return Err(Problem::parameter(&name, "must be a line of text."));
        }
        if value.chars().count() > TEXT_AT_MOST {
            let detail = format!("must have at most {TEXT_AT_MOST} characters.");
            return Err(Problem::parameter(&name, detail));
        }
        seen.push((name, value));
    }
    Ok(seen)
}

/// Ids begin at 1.
fn check_id(query: &[(String, String)], name: &str) -> Result<(), Problem> {
    let given = query.iter().find(|(key, _)| key == name);
    match given.map(|(_, value)| value.parse::<i64>()) {
        None | Some(Ok(1..)) => Ok(()),
        Some(_) => Err(Problem::parameter(
            name,
            "must be an id: a whole number from 1.",
        )),
    }
}

/// A name that somebody made up, in a length that can be shown.
fn shown(name: &str) -> String {
    name.chars().take(100).collect()
}

/// Which field an error of the engine's is about stands before its first colon.
fn wrong_field(error: Error, known: &[&str]) -> Problem {
    match error.message().split_once(": ") {
        Some((name, detail)) if known.contains(&name) => Problem::parameter(name, detail),
        _ => error.into(),
    }
}

fn place(cursor: Option<String>) -> Result<Place, Problem> {
    let Some(text) = cursor else {
        return Ok(Place::Start);
    };
    let wrong = || Problem::parameter("cursor", "must be a `next_cursor` of this list.");
    Cursor::parse(&text).map(Place::After).ok_or_else(wrong)
}

fn size(limit: Option<String>) -> Result<usize, Problem> {
    let Some(text) = limit else {
        return Ok(LIMIT);
    };
    let size = text.parse().ok();
    size.filter(|size| (1..=LIMIT_AT_MOST).contains(size))
        .ok_or_else(|| {
            let detail = format!("must be a number from 1 to {LIMIT_AT_MOST}.");
            Problem::parameter("limit", detail)
        })
}

impl<F: Filter> IntoParams for Wanted<F> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let places = [
            parameter("limit", "How many items at most; 50 when it is missing")
                .schema(Some(number(1, Some(LIMIT_AT_MOST)))),
            parameter("cursor", "The `next_cursor` of the page before").schema(Some(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .max_length(Some(TEXT_AT_MOST)),
            )),
        ];
        let fields = F::FIELDS.iter().map(|(name, kind, about)| {
            let schema = ObjectBuilder::new().schema_type(Type::String);
            parameter(name, about).schema(Some(match kind {
                Kind::Text => schema.min_length(Some(1)).max_length(Some(TEXT_AT_MOST)),
                Kind::Id => number(1, None),
                Kind::Day => schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))),
                Kind::Word(words) => schema.enum_values(Some(words.iter().copied())),
            }))
        });
        fields.chain(places).map(ParameterBuilder::build).collect()
    }
}

fn parameter(name: &str, about: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(openapi::Required::False)
        .description(Some(about))
}

fn number(least: usize, most: Option<usize>) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(most)
}

/// A body of JSON.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        query(request.uri().query().unwrap_or_default(), &[])?;
        expect_json(request.headers())?;
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(unreadable)?;
        if bytes.len() > BODY_AT_MOST {
            return Err(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Ok(Body(parse(&bytes)?))
    }
}

/// What is given, null included, for fields in which null says something.
///
/// # Errors
/// When it is no number.
pub fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::<i64>::deserialize(value).map(Some)
}

fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body must be JSON, with Content-Type: application/json.",
    ))
}

fn unreadable(rejection: BytesRejection) -> Problem {
    Problem::of_status(rejection.into_response().status())
}

/// Reads an object: 400 when it is no JSON, 422 when it says something else than it may.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = serde_json::from_slice::<Value>(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let detail = format!("The body is no JSON that can be read: look at {place}.");
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })?;
    if !value.is_object() {
        return Err(Problem::pointer("", "must be an object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = shown(&pointer(error.path()));
        Problem::pointer(pointer, reason(error.inner()))
    })
}

/// What is wrong, without what was sent: serde quotes values, which may be a person's.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("unknown field") {
        return "is not known here.".to_owned();
    }
    if text.starts_with("invalid") || text.starts_with("unknown") {
        let expected = text.rsplit_once(", expected ").map(|(_, what)| what);
        return expected.map_or_else(
            || "has a value that is not allowed.".to_owned(),
            |what| format!("must be {what}."),
        );
    }
    format!("{text}.")
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let parts = path.iter().filter_map(|part| match part {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Enum { variant } => Some(format!("/{variant}")),
        Segment::Unknown => None,
    });
    parts.collect()
}
