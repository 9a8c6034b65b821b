//! Reading multipart bodies strictly: every line ends with CR LF.

use super::headers;
use crate::server::Call;

/// A part: its headers and what comes after the empty line.
pub(super) struct Part<'a> {
    headers: Vec<(&'a str, &'a str)>,
    pub(super) body: &'a str,
}

impl Part<'_> {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// The boundary of a `multipart/mixed` content type.
pub(super) fn boundary(kind: &str) -> Option<String> {
    let mut parts = kind.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let boundary = parts.find_map(|part| part.strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"').to_owned())
}

/// The parts between boundaries; `None` if the body is not well formed.
pub(super) fn parts<'a>(body: &'a str, boundary: &str) -> Option<Vec<Part<'a>>> {
    let (opening, closing) = (format!("--{boundary}\r\n"), format!("--{boundary}--\r\n"));
    let body = body.trim_start_matches("\r\n").strip_prefix(&opening)?;
    // What stands behind the last boundary is nobody's.
    let (body, _) = body.rsplit_once(&closing)?;
    body.split(&opening).map(part).collect()
}

fn part(text: &str) -> Option<Part<'_>> {
    let (headers, body) = head(text)?;
    Some(Part { headers, body })
}

type Headers<'a> = Vec<(&'a str, &'a str)>;

/// The headers before the first empty line, and the rest.
fn head(text: &str) -> Option<(Headers<'_>, &str)> {
    let (head, body) = match text.strip_prefix("\r\n") {
        Some(body) => ("", body),
        None => text.split_once("\r\n\r\n")?,
    };
    let lines = head.split("\r\n").filter(|line| !line.is_empty());
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':')?;
        (!line.contains('\n')).then_some((name.trim(), value.trim()))
    });
    Some((headers.collect::<Option<_>>()?, body))
}

/// The request in a part; a relative address lies beside the batch's own.
pub(super) fn request(text: &str, batch: &str) -> Option<Call> {
    let (line, rest) = text.split_once("\r\n")?;
    // Microsoft's client writes blanks inside the address.
    let line = line.strip_suffix(" HTTP/1.1")?;
    let (method, address) = line.split_once(' ')?;
    let (lines, body) = head(rest)?;
    let address = path_of(address);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let path = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{}/{path}", batch.trim_end_matches("/$batch")),
    };
    Some(Call {
        method: method.parse().ok()?,
        path,
        query: query.to_owned(),
        headers: headers(&lines),
        body: body.trim_end_matches("\r\n").to_owned().into(),
        tunneled: false,
    })
}

/// An address without scheme and host.
pub(super) fn path_of(address: &str) -> &str {
    match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => address,
    }
}
