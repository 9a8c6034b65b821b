//! What a page says when there is none.

use leadline::error::{Error, Kind};
use leptos::prelude::*;

use crate::RequestId;

/// The title of the page.
pub(crate) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "This cannot be used",
        Kind::NotFound => "Not found",
        Kind::Forbidden => "No permission",
        Kind::Conflict => "Not possible now",
        Kind::Unavailable => "Away for a moment",
        Kind::Internal => "Something went wrong",
    }
}

/// What happened and what to do. Where the server is at fault, the request's name leads whoever
/// runs it to the line in the log.
pub(crate) fn explain(error: &Error, request: Option<RequestId>) -> impl IntoView + use<> {
    let at_fault = matches!(error.kind(), Kind::Internal | Kind::Unavailable);
    let request = request.filter(|_| at_fault);
    let next = match error.kind() {
        Kind::Invalid => "Go back, change what the message names, and send it again.",
        Kind::NotFound => "It may have been removed, or the address may be wrong.",
        Kind::Forbidden => "It needs a role that you do not have.",
        Kind::Conflict => "Go back and look again: it may have changed in the meantime.",
        Kind::Unavailable => "Wait a moment and reload this page. Nothing is lost.",
        Kind::Internal => "Try again. If it stays, tell an administrator the number below.",
    };
    view! {
        <div class="empty failure">
            <strong>{error.message().to_owned()}</strong>
            <p>{next}</p>
            {request.map(|RequestId(id)| view! {
                <p class="muted">"For whoever looks into it: request "<code>{id}</code></p>
            })}
            <p><a class="button" href="/">"Go to the overview"</a></p>
        </div>
    }
}
