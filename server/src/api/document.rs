//! The API's description: OpenAPI 3.1, made of the very routes that answer. What holds for all of
//! them (the token, the limits, what can be refused) is added here once.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use leadline_app::{Services, Visitor};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::authenticate::{find, refused};
use super::problem::{MEDIA_TYPE, Problem};

/// The nouns, in the order in which they are explained.
const TAGS: [(&str, &str); 17] = [
    (
        "submissions",
        "Form responses as LinkedIn gave them, and the door by which programs bring them in",
    ),
    (
        "replays",
        "Running many submissions again by the rules in force",
    ),
    ("leads", "The records in the CRM"),
    ("user-profiles", "Authorizations of LinkedIn members"),
    (
        "linked-accounts",
        "Ad accounts and company pages at LinkedIn",
    ),
    ("forms", "Lead gen forms, version by version"),
    (
        "form-changes",
        "What changed at forms, for somebody to look at",
    ),
    ("campaigns", "Campaigns at LinkedIn"),
    (
        "sync-status",
        "What the sync is doing, and asking it to begin now",
    ),
    (
        "matching-strategies",
        "Which fields must be equal for a submission to belong to a lead",
    ),
    (
        "field-mappings",
        "Which LinkedIn field fills which lead field",
    ),
    ("lead-fields", "Which fields leads have"),
    ("crm", "Where leads live"),
    ("users", "The people who sign in"),
    ("tokens", "What programs show instead of a password"),
    ("audit-events", "Who did what, and when"),
    ("openapi", "This description"),
];

const ABOUT: &str = "Reads what Leadline knows, and brings submissions in.\n\n\
    Every request shows an API token: `Authorization: Bearer leadline_…`. Administrators make tokens at `/tokens`; a \
    token has a role, and can do what the role may. Times are RFC 3339 in UTC.\n\n\
    Lists come in pages: `limit` says how many items at most, and `next_cursor` of one page is the `cursor` of the \
    next. Filters are those of the list's page. Parameters and fields that are not known are refused.\n\n\
    Whatever is refused is `application/problem+json` (RFC 9457). A POST with an `Idempotency-Key` can be sent again: \
    for 24 hours the same key and request give the same answer, with `Idempotency-Replayed: true`, and nothing is done \
    twice. Each token may ask so often a minute as `RateLimit-Policy` says; `RateLimit` says what is left.";

#[derive(OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Base;

/// The route of the description itself; whoever is signed in may read it, too.
pub fn routes() -> OpenApiRouter<Services> {
    OpenApiRouter::default().routes(routes!(get_description))
}

/// Get this description
#[utoipa::path(get, path = "/openapi.json", tag = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = Value)))]
async fn get_description(
    State(services): State<Services>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let known = match &visitor.person {
        Some(_) => Ok(true),
        None => find(&services.store, &headers).await.map(|c| c.is_some()),
    };
    match known {
        Ok(true) => Json(services.api.as_ref()).into_response(),
        Ok(false) => refused().into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The whole description.
#[must_use]
pub fn document(routes: OpenApiRouter<Services>) -> Value {
    let mut api = Base::openapi();
    api.merge(routes.into_openapi());
    let mut document = serde_json::to_value(api).unwrap_or_default();
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Leadline",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/" }]);
    let tag = |(name, about): (&str, &str)| json!({ "name": name, "description": about });
    document["tags"] = TAGS.map(tag).into();
    document["security"] = json!([{ "token": [] }]);
    document["components"]["securitySchemes"] = json!({ "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "leadline_ and 43 characters",
        "description": "An API token. Administrators make them at /tokens.",
    } });
    document["components"]["responses"] = refusals();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(path, method, operation);
        }
    }
    document
}

/// What can be refused: the status, the name in the document, when.
const REFUSALS: [(&str, &str, &str); 13] = [
    (
        "400",
        "BadRequest",
        "A parameter, a header or the syntax of the body is wrong",
    ),
    ("401", "Unauthorized", "No valid token was shown"),
    ("403", "Forbidden", "The token's role may not do this"),
    (
        "404",
        "NotFound",
        "It does not exist, or is not for this token",
    ),
    (
        "409",
        "Conflict",
        "It cannot be done now, was changed meanwhile, or the same `Idempotency-Key` has not been answered yet",
    ),
    ("413", "TooLarge", "The body is larger than 64 kilobytes"),
    ("415", "NoJson", "The body is not JSON"),
    (
        "422",
        "Unprocessable",
        "The body says something that it may not, or its `Idempotency-Key` was another request's",
    ),
    (
        "429",
        "TooManyRequests",
        "Too many requests; `Retry-After` says when to go on",
    ),
    ("500", "InternalError", "A mistake of Leadline's"),
    ("503", "Unavailable", "The database is busy or away"),
    ("504", "TooSlow", "It took too long"),
    (
        "405",
        "MethodNotAllowed",
        "The path has other methods; `Allow` names them",
    ),
];

fn refusals() -> Value {
    let response = |(status, name, about): (&str, &str, &str)| {
        let seconds =
            json!({ "description": "After how many seconds", "schema": { "type": "integer" } });
        let text = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
        let headers = match status {
            "401" => json!({ "WWW-Authenticate": text("Always `Bearer`") }),
            "405" => json!({ "Allow": text("The methods of the path") }),
            "429" | "503" => json!({ "Retry-After": seconds }),
            _ => json!({}),
        };
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        let response = json!({
            "description": about,
            "headers": headers,
            "content": { MEDIA_TYPE: { "schema": schema } },
        });
        (name.to_owned(), response)
    };
    Value::Object(REFUSALS.into_iter().map(response).collect())
}

/// Adds to an operation what follows from its path, its method and its body.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let (body, post) = (operation.get("requestBody").is_some(), method == "post");
    let described = path.ends_with("/openapi.json");
    if post {
        let key = json!({
            "name": "Idempotency-Key",
            "in": "header",
            "required": false,
            "description": "Makes it safe to send the request again: 1 to 255 visible ASCII characters",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(key),
            None => operation["parameters"] = json!([key]),
        }
    }
    let can = |status: &str| match status {
        "404" => path.contains('{'),
        "409" => method != "get",
        "413" | "415" => body,
        "422" => body || method == "post",
        "405" => false,
        "400" | "403" | "429" => !described,
        _ => true,
    };
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (_, response) in responses
        .iter_mut()
        .filter(|(status, _)| !described && status.starts_with('2'))
    {
        add_limits(response);
    }
    for (status, name, _) in REFUSALS.into_iter().filter(|(status, ..)| can(status)) {
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.entry(status).or_insert(reference);
    }
}

fn add_limits(response: &mut Value) {
    let text = |about: &str| json!({ "description": about, "schema": { "type": "string" } });
    if !response["headers"].is_object() {
        response["headers"] = Value::Object(Map::new());
    }
    response["headers"]["RateLimit-Policy"] =
        text("How often the token may ask, such as `\"token\";q=600;w=60`");
    response["headers"]["RateLimit"] = text("What is left of it, such as `\"token\";r=599`");
}
