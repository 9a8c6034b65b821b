//! The headers that change how a call is answered (specification 2.1, 2.4).

use axum::http::HeaderMap;

use super::errors::{Failure, Outcome};

/// What a call wishes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Wishes {
    /// `return=representation`.
    pub(crate) representation: bool,
    /// Which annotations to include; `*` stands for anything.
    annotations: Vec<String>,
    pub(crate) page_size: Option<usize>,
    pub(crate) continue_on_error: bool,
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) detect_duplicates: bool,
    /// Somebody else to act as.
    pub(crate) acting: bool,
}

impl Wishes {
    pub(crate) fn read(headers: &HeaderMap) -> Outcome<Wishes> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        for name in ["odata-version", "odata-maxversion"] {
            if text(name).is_some_and(|version| version != "4.0") {
                return Err(Failure::syntax(format!("The {name} header has to be 4.0.")));
            }
        }
        // `If-None-Match: null` is the documented way to say nothing.
        let condition = |name: &str| {
            let value = text(name).filter(|value| *value != "null");
            value.map(str::to_owned)
        };
        let mut wishes = Wishes {
            if_match: condition("if-match"),
            if_none_match: condition("if-none-match"),
            detect_duplicates: text("mscrm.suppressduplicatedetection") == Some("false"),
            acting: text("callerobjectid").is_some() || text("mscrmcallerid").is_some(),
            ..Wishes::default()
        };
        for value in headers.get_all("prefer") {
            wishes.prefer(value.to_str().unwrap_or_default());
        }
        Ok(wishes)
    }

    /// Preferences that nobody knows are passed over, as RFC 7240 wants.
    fn prefer(&mut self, header: &str) {
        let mut quoted = false;
        let separator = |c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        };
        for preference in header.split(separator) {
            let (name, value) = preference
                .trim()
                .split_once('=')
                .unwrap_or((preference.trim(), ""));
            let value = value.trim_matches('"');
            match name {
                "return" => self.representation = value == "representation",
                "odata.include-annotations" => {
                    self.annotations = value.split(',').map(str::to_owned).collect();
                }
                "odata.maxpagesize" => self.page_size = value.parse().ok(),
                "odata.continue-on-error" => self.continue_on_error = value != "false",
                _ => {}
            }
        }
    }

    /// Whether an annotation was asked for.
    pub(crate) fn annotated(&self, name: &str) -> bool {
        self.annotations.iter().any(|wanted| {
            wanted == name
                || wanted
                    .strip_suffix('*')
                    .is_some_and(|beginning| name.starts_with(beginning))
        })
    }

    pub(crate) fn any_annotations(&self) -> bool {
        !self.annotations.is_empty()
    }
}
