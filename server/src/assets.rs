//! The files that the browser gets: inside the program in a release, read from `target/site` while
//! developing. Their names hold a hash of their content, so a browser may keep them for ever.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leadline_app::{Routes, Services};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

/// Plain names and the hashed names under which the files are served.
type Names = BTreeMap<String, String>;

/// The hashed names for the pages. Without built files the pages are plain, but there.
#[must_use]
pub fn names() -> leadline_app::Assets {
    let names = manifest();
    let name = |plain: &str| names.get(plain).cloned().unwrap_or_default();
    leadline_app::Assets {
        css: name("leadline.css"),
        js: name("leadline.js"),
        wasm: name("leadline_bg.wasm"),
    }
}

/// Serves `/pkg/<hashed name>`.
pub fn routes() -> Routes<Services> {
    Routes::new().get("/pkg/{name}", send)
}

fn manifest() -> Names {
    let Some(file) = Site::get("manifest.json") else {
        tracing::warn!(
            "the files for the browser are not built; pages come without style and islands"
        );
        return Names::new();
    };
    serde_json::from_slice(&file.data).unwrap_or_default()
}

async fn send(Path(name): Path<String>, asked: HeaderMap) -> Response {
    if name.contains(['/', '\\']) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let accepts = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok());
    let best = preferred(accepts.unwrap_or_default());
    let packed = best.and_then(|(encoding, ending)| {
        Site::get(&format!("pkg/{name}.{ending}")).map(|file| (file, Some(encoding)))
    });
    let Some((file, encoding)) =
        packed.or_else(|| Site::get(&format!("pkg/{name}")).map(|f| (f, None)))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(&name).first_or_octet_stream();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    response
}

/// The best encoding that the browser accepts, and the ending of the files packed with it.
fn preferred(accepts: &str) -> Option<(&'static str, &'static str)> {
    let accepted = |wanted: &str| {
        accepts.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            words.next() == Some(wanted) && !words.any(|w| matches!(w, "q=0" | "q=0.0"))
        })
    };
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .find(|(encoding, _)| accepted(encoding))
}

#[cfg(test)]
mod tests {
    use super::preferred;

    #[test]
    fn the_smallest_encoding_that_is_accepted_is_sent() {
        let name = |accepts| preferred(accepts).map(|(encoding, _)| encoding);
        assert_eq!(name("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(name("gzip;q=0.5"), Some("gzip"));
        assert_eq!(name("br;q=0, gzip"), Some("gzip"));
        assert_eq!(name("identity"), None);
        assert_eq!(name(""), None);
    }
}
