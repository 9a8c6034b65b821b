//! Every request, in the order in which they were answered, so that a test can say what a client did.

use std::collections::VecDeque;

use serde::Serialize;

/// How many requests the journal remembers.
const LENGTH: usize = 200_000;

/// One request.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Entry {
    pub(crate) n: u64,
    /// When it came, in the sandbox's milliseconds.
    pub(crate) at: i64,
    /// How long it took, in real milliseconds.
    pub(crate) took_ms: u64,
    /// `entra` or `dataverse`.
    pub(crate) side: &'static str,
    /// Method and resource: `PATCH leads`.
    pub(crate) endpoint: String,
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: String,
    pub(crate) status: u16,
    /// The error's code: hexadecimal of Dataverse, `AADSTS…` of Entra ID.
    pub(crate) code: String,
    /// What really happened, where the answer does not say it.
    pub(crate) reason: String,
    /// The application that called, once its token was read.
    pub(crate) client: Option<String>,
    /// The seconds it was told to wait.
    pub(crate) retry_after: Option<u64>,
    /// It came while an earlier answer still told to wait: milliseconds since that answer.
    pub(crate) inside_retry_after_ms: Option<i64>,
    /// Requests of this application that were being answered when it came, itself included.
    pub(crate) in_flight: usize,
    /// `created`, `updated` or `deleted` and the row, for everything that was committed.
    pub(crate) wrote: Vec<(&'static str, String)>,
    /// `x-ms-client-request-id` of the request.
    pub(crate) client_request_id: Option<String>,
    /// `x-ms-service-request-id` of the answer.
    pub(crate) request_id: String,
}

/// The journal, and until when somebody was told to wait.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    last: u64,
    /// Per application: when it was told, and until when it was told to wait.
    waits: std::collections::HashMap<String, (i64, i64)>,
}

impl Journal {
    /// How long ago an application was told to wait, if it should still be waiting.
    pub(crate) fn waiting(&self, client: &str, now: i64) -> Option<i64> {
        let (told, until) = self.waits.get(client)?;
        (now < *until).then_some(now - told)
    }

    pub(crate) fn note(&mut self, mut entry: Entry, now: i64) {
        if let (Some(seconds), Some(client)) = (entry.retry_after, &entry.client) {
            let until = now + i64::try_from(seconds * 1000).unwrap_or(i64::MAX - now);
            let wait = self.waits.entry(client.clone()).or_insert((now, until));
            if until > wait.1 {
                *wait = (now, until);
            }
        }
        self.last += 1;
        entry.n = self.last;
        if self.entries.len() == LENGTH {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn since(&self, n: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.n > n)
    }

    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Forgets the entries; their numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
