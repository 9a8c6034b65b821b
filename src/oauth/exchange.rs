//! How an authorization server is called.

use std::pin::Pin;

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::Url;

use crate::error::Result;
use crate::http::{self, Client, Limits, Trouble};

/// Calls an authorization server by the client that follows no redirects and reads no endless
/// answer. A server that is unwell counts as one that does not answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    client: Client,
    limits: Limits,
}

impl Exchange {
    /// Calls the server that is at this place, and no other.
    ///
    /// # Errors
    /// When the address is not https, nor http on this very machine.
    pub fn new(place: &Url, limits: Limits) -> Result<Exchange> {
        let client = http::client(place, limits)?;
        Ok(Exchange { client, limits })
    }

    /// The same for an identity provider, which may name other hosts for its tokens and keys.
    #[must_use]
    pub fn beyond(self) -> Exchange {
        Exchange {
            client: self.client.beyond(),
            ..self
        }
    }
}

impl<'c> AsyncHttpClient<'c> for Exchange {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(Trouble::from)?;
            let response = self.client.execute(request).await?;
            let status = response.status();
            let unwell = status.is_server_error() || matches!(status.as_u16(), 404 | 408 | 429);
            if unwell || status.is_redirection() {
                return Err(NoAnswer::Status(status.as_u16()));
            }
            let mut answer = HttpResponse::new(Vec::new());
            *answer.status_mut() = status;
            *answer.headers_mut() = response.headers().clone();
            *answer.body_mut() = http::body(response, self.limits).await?;
            Ok(answer)
        })
    }
}

/// Why there is no answer that counts.
#[derive(Debug)]
pub enum NoAnswer {
    /// None arrived.
    Lost(Trouble),
    /// The server is unwell, or somewhere else.
    Status(u16),
}

impl From<Trouble> for NoAnswer {
    fn from(trouble: Trouble) -> NoAnswer {
        NoAnswer::Lost(trouble)
    }
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoAnswer::Lost(trouble) => write!(f, "no answer: {trouble:?}"),
            NoAnswer::Status(status) => write!(f, "status {status}"),
        }
    }
}

impl std::error::Error for NoAnswer {}
