//! Pages of lists: one element that cannot be read never fails its page.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::json;
use super::words::Word;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<E> {
    /// What is in it.
    pub elements: Vec<E>,
    /// Where it starts.
    pub start: u64,
    /// How many places of the list it covers; it may have fewer elements.
    pub count: u64,
    /// How long the whole list is, if LinkedIn says so.
    pub total: Option<u64>,
    /// What to ask for the next page with, in lists that are paged by a cursor.
    pub next_token: Option<String>,
}

impl<E> Page<E> {
    /// Where the next page starts; `None` at the end of the list.
    ///
    /// A short page is not the end: only an empty one is, or a short one that reaches the total.
    #[must_use]
    pub fn next_start(&self) -> Option<u64> {
        let (length, next) = (self.elements.len() as u64, self.start + self.count);
        let at_end = length < self.count && self.total.is_some_and(|total| next >= total);
        (length > 0 && !at_end).then_some(next)
    }
}

/// An element of a list: as it came, and what could be read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<T> {
    /// Exactly what LinkedIn sent.
    pub raw: String,
    /// What it says; otherwise why it cannot be read, without any value in it.
    pub value: Result<T, String>,
}

impl<T: Word> Element<T> {
    /// Reads an element; never fails.
    #[must_use]
    pub fn read(raw: &str) -> Element<T> {
        let value = serde_json::from_str::<Value>(raw)
            .map_err(|_| "it is not JSON that can be read".to_owned())
            .and_then(|value| T::read(&value));
        Element {
            raw: raw.to_owned(),
            value,
        }
    }
}

/// The page was not what a page looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAPage;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    elements: Vec<&'a RawValue>,
    #[serde(default)]
    paging: Value,
    #[serde(default)]
    metadata: Value,
}

impl<E> Page<E> {
    /// Reads a page that was asked for with this `start` and `count`.
    ///
    /// # Errors
    /// When it is not JSON or has no elements.
    pub fn read(
        body: &str,
        (start, count): (u64, u64),
        element: impl Fn(&str) -> E,
    ) -> Result<Page<E>, NotAPage> {
        let page: Envelope = serde_json::from_str(body).map_err(|_| NotAPage)?;
        let said = |name: &str| {
            let number = json::number(json::at(&page.paging, &[name])?)?;
            u64::try_from(number).ok()
        };
        Ok(Page {
            elements: page.elements.iter().map(|raw| element(raw.get())).collect(),
            start,
            // LinkedIn may give less at once than it was asked for.
            count: said("count").map_or(count, |said| said.clamp(1, count.max(1))),
            total: said("total"),
            next_token: json::text_at(&page.metadata, &["nextPageToken"]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::AdAccount;
    use super::*;

    fn page(body: &str, span: (u64, u64)) -> Page<Element<AdAccount>> {
        Page::read(body, span, Element::read).unwrap()
    }

    #[test]
    fn a_broken_element_does_not_fail_its_page() {
        let body =
            r#"{"elements":[{"id":1},{"id": {"x" : [] }}, null,{"id":3,"n":"\ud800"},{"id":4}]}"#;
        let page = page(body, (0, 10));
        let ids: Vec<Option<i64>> = page
            .elements
            .iter()
            .map(|element| element.value.as_ref().ok().map(|account| account.id))
            .collect();
        assert_eq!(ids, [Some(1), None, None, None, Some(4)]);
        assert_eq!(page.elements[1].raw, r#"{"id": {"x" : [] }}"#);
    }

    #[test]
    fn only_an_empty_page_or_the_total_ends_a_list() {
        let elements = |n: usize| vec![r#"{"id":1}"#; n].join(",");
        let cases = [
            (10, r#""total":20"#, Some(10)),
            (9, r#""total":20"#, Some(10)),
            (9, r#""total":10"#, None),
            (10, r#""total":10"#, Some(10)),
            (9, r#""links":[]"#, Some(10)),
            (1, r#""total":null"#, Some(10)),
            (0, r#""total":20"#, None),
            (0, r#""links":[]"#, None),
            (5, r#""count":5,"total":20"#, Some(5)),
            (5, r#""count":0"#, Some(1)),
            (5, r#""count":50"#, Some(10)),
            (5, r#""count":"?","total":[]"#, Some(10)),
        ];
        for (length, paging, next) in cases {
            let body = format!(
                r#"{{"elements":[{}],"paging":{{{paging}}}}}"#,
                elements(length)
            );
            assert_eq!(page(&body, (0, 10)).next_start(), next, "{length} {paging}");
        }
    }

    #[test]
    fn cursors_are_found_and_strange_envelopes_tolerated() {
        let body = r#"{"elements":[],"metadata":{"nextPageToken":"abc"},"paging":7,"more":{}}"#;
        assert_eq!(page(body, (0, 10)).next_token.as_deref(), Some("abc"));
        assert_eq!(page(r#"{"elements":[]}"#, (0, 10)).next_token, None);
        for body in [
            "",
            "{}",
            "[]",
            r#"{"elements":null}"#,
            r#"{"elements":[{]}"#,
        ] {
            let read = Page::read(body, (0, 10), Element::<AdAccount>::read);
            assert_eq!(read, Err(NotAPage), "{body}");
        }
    }
}
