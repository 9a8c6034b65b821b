//! Lists as files that a spreadsheet opens.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::Stream;
use leadline::error::Error;

/// What begins a formula in a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A line of a file.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

/// A cell that a spreadsheet takes for text, whatever somebody wrote into it: what would be a
/// formula gets an apostrophe in front.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{guard}{}\"", text.replace('"', "\"\""));
    }
    format!("{guard}{text}")
}

/// A file that is sent while it is being read.
pub(crate) fn file(
    name: &str,
    lines: impl Stream<Item = Result<String, Error>> + Send + 'static,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_cell_is_never_a_formula() {
        for text in [
            "=1+1",
            "=cmd()",
            "=cmd|' /C calc'!A0",
            "+1",
            "-1",
            "@sum",
            "\tx",
        ] {
            assert_eq!(line([text]), format!("'{text}\r\n"));
        }
        assert_eq!(line(["\r=1"]), "\"'\r=1\"\r\n");
        assert_eq!(line(["a=1", "1-1"]), "a=1,1-1\r\n");
    }

    #[test]
    fn commas_quotes_and_line_ends_stay_within_their_cell() {
        assert_eq!(
            line(["a,b", "say \"hi\"", "two\nlines", ""]),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n"
        );
    }
}
