//! The audit log as a file: the list as filtered, sent while it is being read.

use futures_util::{Stream, stream::try_unfold};
use leadline::{
    error::Error,
    store::{
        access::Administrator,
        now,
        views::{
            audit::{AuditEvent, AuditFilter},
            paging::{Paging, Place},
        },
    },
};

use crate::{
    Answer, Visit, csv,
    ui::{Query, iso},
};

/// How many events are read at once.
const BATCH: usize = 500;

const HEAD: [&str; 14] = [
    "id", "at", "who", "who_kind", "who_id", "action", "sentence", "kind", "thing", "thing_id",
    "before", "after", "address", "hash",
];

/// The file. That it was taken is an event itself.
pub async fn download(visit: Visit, query: Query) -> Answer {
    let administrator = visit.administrator()?;
    let filter = AuditFilter::read(&|name: &str| query.get(name))?;
    administrator
        .note_export("audit log", &filter.pairs(), now())
        .await?;
    Ok(csv::file("audit.csv", lines(administrator, filter)))
}

fn lines(
    administrator: Administrator,
    filter: AuditFilter,
) -> impl Stream<Item = Result<String, Error>> {
    let state = (administrator, filter, Some(Place::Start));
    try_unfold(state, async |(administrator, filter, place)| {
        let Some(place) = place else {
            return Ok(None);
        };
        let paging = Paging { place, size: BATCH };
        let page = administrator.list_audit_events(&filter, &paging).await?;
        let mut text = match place {
            Place::Start => csv::line(HEAD),
            _ => String::new(),
        };
        text.extend(page.items.iter().map(line));
        Ok(Some((
            text,
            (administrator, filter, page.after.map(Place::After)),
        )))
    })
}

fn line(event: &AuditEvent) -> String {
    let row = &event.row;
    let number = |number: Option<i64>| number.map_or_else(String::new, |n| n.to_string());
    let fields = [
        row.id.to_string(),
        iso(row.at),
        row.actor_name.clone(),
        row.actor_kind.clone(),
        number(row.actor_id),
        row.action_word().to_owned(),
        event.sentence(),
        row.noun.clone(),
        row.noun_name.clone(),
        number(row.noun_id),
        row.before_json().to_owned(),
        row.after_json().to_owned(),
        row.address.clone().unwrap_or_default(),
        row.hash.clone(),
    ];
    csv::line(fields.iter().map(String::as_str))
}
