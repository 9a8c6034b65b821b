//! One page of a list, as it is sent.

use leadline::store::views::paging::{Page, Paging, Place};
use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// What to send as `cursor` to get the next page; null on the last one.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// A page as it is sent.
    ///
    /// # Errors
    /// When one of its rows cannot be sent.
    pub fn of<R, E>(page: Page<R>, item: impl Fn(R) -> Result<T, E>) -> Result<Listed<T>, E> {
        Ok(Listed {
            items: page.items.into_iter().map(item).collect::<Result<_, E>>()?,
            next_cursor: page.after.map(|cursor| cursor.to_string()),
        })
    }

    /// A list that is short enough for one page, cut as if it were long. The cursor is the number of
    /// the items before.
    pub fn cut(all: Vec<T>, paging: &Paging) -> Listed<T> {
        let before = match paging.place {
            Place::After(cursor) => cursor.id().try_into().unwrap_or(usize::MAX),
            Place::Start | Place::Before(_) => 0,
        };
        let after = before.saturating_add(paging.size);
        let more = all.len() > after;
        Listed {
            items: all.into_iter().skip(before).take(paging.size).collect(),
            next_cursor: more.then(|| after.to_string()),
        }
    }
}
