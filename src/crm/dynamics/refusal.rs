//! An answer that is none: what its headers and its body say about it.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;

use super::catalogue::{self, Effect};
use super::failure::Failure;
use super::limiter::Facet;

/// The longest wait that is believed.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) call: &'static str,
    pub(super) effect: Effect,
}

/// The failure that a refusal comes to.
pub(super) fn failure(asked: Asked, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
    let (code, worded) = code(body);
    let number = catalogue::number(&code);
    let by_code = number.and_then(catalogue::by_code);
    // Whatever a gateway says, these two mean what they mean.
    let verdict = match status {
        401 => None,
        429 => by_code.filter(|(class, _)| *class == super::Class::Wait),
        _ => by_code,
    };
    let (class, said) =
        verdict.unwrap_or_else(|| catalogue::by_status(status, asked.effect, worded));
    Failure {
        status: Some(status),
        code: number
            .map(|number| format!("0x{number:08X}"))
            .unwrap_or_default(),
        retry_after: retry_after(headers),
        request_id: request_id(headers),
        ..Failure::new(class, asked.call, said)
    }
}

/// The limit that a refusal names; one that names none is taken for the window's.
pub(super) fn facet(failure: &Failure) -> Facet {
    let named = catalogue::number(&failure.code).and_then(catalogue::facet);
    named.unwrap_or(Facet::Window)
}

/// The code in a body, and whether the body is Dataverse's at all: `{"error":{"code","message"}}`,
/// or `{"Message","ErrorCode"}` of the framework below it.
fn code(body: &[u8]) -> (String, bool) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return (String::new(), false);
    };
    let error = &body["error"];
    let code = if error.is_object() {
        &error["code"]
    } else {
        &body["ErrorCode"]
    };
    let code = match code {
        Value::String(code) => code.clone(),
        Value::Number(code) => code.to_string(),
        _ => String::new(),
    };
    (code, error.is_object() || body["Message"].is_string())
}

/// Whether a refusal whose body has to say what is refused came without all of it: it calls itself
/// JSON and is none. A page in HTML is somebody else's answer, and whole.
pub(super) fn is_cut(status: u16, headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let told_by_body = matches!(status, 400 | 403 | 404 | 405 | 412 | 413);
    told_by_body
        && kind.starts_with("application/json")
        && serde_json::from_slice::<Value>(body).is_err()
}

/// `Retry-After` in seconds.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u64 = text.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

/// The service's name for a request.
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    let names = ["x-ms-service-request-id", "req_id", "x-ms-request-id"];
    let mut ids = names
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok());
    let id = |id: &&str| {
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=64).contains(&id.len()) && id.chars().all(fine)
    };
    ids.find(id).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::Class;
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn refused(status: u16, body: &str) -> Failure {
        let asked = Asked {
            call: "PATCH leads",
            effect: Effect::Change,
        };
        failure(asked, status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn a_refusal_without_all_of_its_words_says_nothing() {
        let json = HeaderValue::from_static("application/json; odata.metadata=minimal");
        let html = HeaderValue::from_static("text/html");
        let whole = r#"{"error":{"code":"0x80040217","message":"M"}}"#;
        let table = [
            (404, &json, whole, false),
            (404, &json, &whole[..20], true),
            (403, &json, "", true),
            (404, &html, "<html>Not found</html>", false),
            (401, &json, "", false),
            (503, &json, "", false),
        ];
        for (status, kind, body, cut) in table {
            let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind.clone())]);
            let is = is_cut(status, &headers, body.as_bytes());
            assert_eq!(is, cut, "{status} {kind:?} {body}");
        }
    }

    #[test]
    fn the_code_decides_whatever_the_status_and_the_text() {
        let text = "Die Zeichenkette 'max@example.com' ist zu lang.";
        let table = [
            (
                400,
                r#"{"error":{"code":"0x80044331","message":"M"}}"#,
                Class::Data,
            ),
            (
                500,
                r#"{"error":{"code":"0x80040333","message":"M"}}"#,
                Class::Policy,
            ),
            (
                412,
                r#"{"error":{"code":"0x80040333","message":"M"}}"#,
                Class::Policy,
            ),
            (
                412,
                r#"{"error":{"code":"0X80060882","message":"M"}}"#,
                Class::Stale,
            ),
            (
                500,
                r#"{"error":{"code":"0x80044150","message":"M"}}"#,
                Class::Retry,
            ),
            (
                500,
                r#"{"error":{"code":-2147204784,"message":"M"}}"#,
                Class::Retry,
            ),
            (
                500,
                r#"{"Message":"M","ErrorCode":"0x80040216"}"#,
                Class::Ambiguous,
            ),
            (
                400,
                r#"{"error":{"code":"0x0","message":"M"}}"#,
                Class::Mapping,
            ),
            (404, r#"{"error":{"code":"","message":"M"}}"#, Class::Gone),
            (404, "<html>Not found: M</html>", Class::Setup),
            (
                429,
                r#"{"error":{"code":"0x80072326","message":"M"}}"#,
                Class::Wait,
            ),
            (
                429,
                r#"{"error":{"code":"0x80044331","message":"M"}}"#,
                Class::Wait,
            ),
            (
                503,
                r#"{"error":{"code":"0x80072321","message":"M"}}"#,
                Class::Wait,
            ),
            (
                401,
                r#"{"error":{"code":"0x80044331","message":"M"}}"#,
                Class::SignIn,
            ),
            (502, "", Class::Ambiguous),
        ];
        for (status, body, class) in table {
            let failure = refused(status, &body.replace('M', text));
            assert_eq!(failure.class, class, "{status} {body}");
            let told = format!("{failure} {failure:?} {}", failure.message());
            assert!(!told.contains("max@example.com"), "{told}");
        }
    }

    #[test]
    fn a_refusal_for_a_limit_says_which() {
        for (code, wanted) in [
            ("0x80072322", Facet::Window),
            ("0x80072321", Facet::Window),
            ("0x80072326", Facet::Concurrency),
            ("", Facet::Window),
        ] {
            let body = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
            assert_eq!(facet(&refused(429, &body)), wanted, "{code}");
        }
    }

    #[test]
    fn headers_tell_how_long_to_wait_and_whom_to_ask() {
        let mut headers = HeaderMap::new();
        assert_eq!((retry_after(&headers), request_id(&headers)), (None, None));
        for (text, seconds) in [
            ("7", Some(7)),
            (" 12 ", Some(12)),
            ("soon", None),
            ("99999999", Some(86_400)),
        ] {
            headers.insert("retry-after", HeaderValue::from_static(text));
            assert_eq!(
                retry_after(&headers),
                seconds.map(Duration::from_secs),
                "{text}"
            );
        }
        headers.insert("req_id", HeaderValue::from_static("5ecd1cb3-1730"));
        assert_eq!(request_id(&headers).as_deref(), Some("5ecd1cb3-1730"));
        headers.insert("x-ms-service-request-id", HeaderValue::from_static("a <b>"));
        assert_eq!(request_id(&headers).as_deref(), Some("5ecd1cb3-1730"));
    }

    proptest! {
        #[test]
        fn nothing_of_an_answer_is_repeated(status in 300_u16..600, text in "[a-z]{12}") {
            for body in [
                format!(r#"{{"error":{{"code":"{text}","message":"{text}"}}}}"#),
                format!(r#"{{"error":"{text}"}}"#),
                format!(r#"{{"Message":"{text}","ErrorCode":"{text}"}}"#),
                format!("<p>{text}</p>"),
            ] {
                let failure = refused(status, &body);
                let told = format!("{failure} {failure:?} {}", failure.message());
                prop_assert!(!told.contains(&text), "{}", told);
            }
        }
    }
}
