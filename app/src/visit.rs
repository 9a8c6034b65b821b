//! Who asks for a page.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    Extension,
    body::Body,
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leadline::{
    error::{Error, Kind},
    store::{
        access::{Administrator, Reader, Salesperson, Signed},
        people::Person,
    },
};
use leptos::prelude::{ServerFnError, use_context};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower_sessions::Session;

use crate::{
    entrance::{browser, device_token},
    failure::{Answer, Failure},
    pages::single_sign_on,
    services::Services,
    shell::Sheet,
    ui,
};

/// The session's key for the id of the person who signed in.
pub const PERSON_ID: &str = "person_id";
/// The session's key for where signing out goes on: the address at which whoever vouched for the
/// person signs them out, too.
pub const WAY_OUT: &str = "way_out";
/// The session's key for the message that the next page shows once.
pub(crate) const NOTICE: &str = "notice";

/// The name of one request, by which its line is found in the log. The server gives it.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Whoever asks for a page, signed in or not.
#[derive(Clone)]
pub struct Visitor {
    /// What every page may use.
    pub services: Services,
    /// The signed-in state.
    pub session: Session,
    /// Who it is; `None` when nobody is signed in.
    pub person: Option<Person>,
    /// Whether they have to set up a second factor before they go on.
    pub(crate) owes_second_factor: bool,
    /// The path and query of the request.
    pub path: String,
    /// The network address of whoever asks.
    pub address: IpAddr,
    /// Their browser, in plain words.
    pub browser: String,
    /// What their browser says it is known by, if anything.
    pub(crate) device: Option<String>,
    /// The message of the last action, shown once.
    pub(crate) notice: Option<String>,
    /// What the request is called in the log.
    request: Option<RequestId>,
}

impl Visitor {
    async fn read(parts: &mut Parts, services: &Services) -> Result<Visitor, Failure> {
        let session = Session::from_request_parts(parts, services).await;
        let session = session.map_err(|(_, why)| Error::internal(why))?;
        let person = match session.get::<i64>(PERSON_ID).await? {
            Some(id) => services.store.find_active_person(id).await?,
            None => None,
        };
        let owes_second_factor = match &person {
            // Where all come by single sign-on it is the organization that asks for one.
            Some(person) if !single_sign_on::only(services) => {
                services.store.owes_second_factor(person).await?
            }
            _ => false,
        };
        let notice = match parts.method {
            // Only when there is one: whatever is removed makes the session be written again.
            Method::GET if session.get_value(NOTICE).await?.is_some() => {
                session.remove(NOTICE).await?
            }
            _ => None,
        };
        let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        Ok(Visitor {
            services: services.clone(),
            session,
            person,
            owes_second_factor,
            path: path.to_owned(),
            address: client_address(parts),
            browser: browser(&parts.headers),
            device: device_token(&parts.headers, services.settings.is_https()),
            notice,
            request: parts.extensions.get::<RequestId>().cloned(),
        })
    }

    /// Begins a page. What is read for it must have been read before.
    pub fn page(&self, title: impl Into<String>) -> Sheet {
        Sheet::new(self.clone(), title.into())
    }

    /// Sends the person to one of Leadline's own paths, which then says once what was done.
    ///
    /// # Errors
    /// When the signed-in state cannot be written.
    pub async fn done(&self, path: &str, notice: &str) -> Answer {
        self.session.insert(NOTICE, notice).await?;
        Ok(Redirect::to(path).into_response())
    }

    fn failed(&self, error: &Error) -> Response {
        match error.kind() {
            Kind::Internal | Kind::Unavailable => tracing::error!(?error, "no page"),
            _ => tracing::debug!(?error, "no page"),
        }
        let title = ui::failure::title(error.kind());
        let (shown, request) = (error.clone(), self.request.clone());
        self.page(title)
            .status(crate::failure::status(error.kind()))
            .show(move || ui::failure::explain(&shown, request))
    }

    /// Whether they may see this page; whoever owes a second factor only sees their own account.
    fn may_go_on(&self) -> bool {
        let path = self.path_only();
        !self.owes_second_factor || path == "/me" || path.starts_with("/me/")
    }

    /// The path without its query, which may hold a search for a person.
    #[must_use]
    pub fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or("/")
    }
}

/// The network address of whoever asks, as far as the server knows it.
fn client_address(parts: &Parts) -> IpAddr {
    let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    connection.map_or(Ipv4Addr::LOCALHOST.into(), |ConnectInfo(from)| from.ip())
}

impl FromRequestParts<Services> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Visitor, Failure> {
        match parts.extensions.get::<Visitor>() {
            Some(visitor) => Ok(visitor.clone()),
            None => Visitor::read(parts, services).await,
        }
    }
}

/// Somebody signed in who asks for a page. Whoever is not signed in is sent to do so.
#[derive(Clone)]
pub struct Visit {
    visitor: Visitor,
    signed: Signed,
}

impl Visit {
    /// The visit of somebody who is signed in; the visitor back when they are not.
    fn of(visitor: Visitor) -> Result<Visit, Box<Visitor>> {
        let Some(person) = visitor.person.clone() else {
            return Err(Box::new(visitor));
        };
        let signed = Signed::new(visitor.services.store.clone(), person);
        Ok(Visit { visitor, signed })
    }

    /// Who it is.
    #[must_use]
    pub fn person(&self) -> &Person {
        self.signed.person()
    }

    /// What the person may do with their own account.
    #[must_use]
    pub fn signed(&self) -> &Signed {
        &self.signed
    }

    /// What the person may read.
    ///
    /// # Errors
    /// When they have no role.
    pub fn reader(&self) -> Result<Reader, Error> {
        self.signed.reader()
    }

    /// What the person may do with own profiles.
    ///
    /// # Errors
    /// When they have no role.
    pub fn salesperson(&self) -> Result<Salesperson, Error> {
        self.signed.salesperson()
    }

    /// What administrators may do.
    ///
    /// # Errors
    /// When the person is none.
    pub fn administrator(&self) -> Result<Administrator, Error> {
        self.signed.administrator()
    }
}

impl std::ops::Deref for Visit {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl FromRequestParts<Services> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Visit, Failure> {
        let visitor = Visitor::from_request_parts(parts, services).await?;
        match Visit::of(visitor) {
            Ok(visit) if !visit.may_go_on() => {
                Err(Failure::Elsewhere("/me/second-factor".to_owned()))
            }
            Ok(visit) => Ok(visit),
            Err(visitor) => Err(Failure::Elsewhere(way_in(&visitor).await?)),
        }
    }
}

/// Who calls a `#[server]` function.
///
/// # Errors
/// When nobody is signed in.
pub fn caller() -> Result<Visit, ServerFnError> {
    let visitor = use_context::<Visitor>().ok_or_else(|| ServerFnError::new("no visitor"))?;
    let visit = Visit::of(visitor).ok().filter(|visit| visit.may_go_on());
    visit.ok_or_else(|| ServerFnError::new("You are not signed in. Reload the page."))
}

/// Where somebody who is not signed in has to go first.
async fn way_in(visitor: &Visitor) -> Result<String, Failure> {
    if !single_sign_on::only(&visitor.services) && !visitor.services.store.has_people().await? {
        return Ok("/first-start".to_owned());
    }
    if visitor.path == "/" {
        return Ok("/sign-in".to_owned());
    }
    let next = utf8_percent_encode(&visitor.path, NON_ALPHANUMERIC);
    Ok(format!("/sign-in?next={next}"))
}

/// A path of Leadline's own out of what a request says, else the overview: nobody is sent elsewhere.
#[must_use]
pub fn own_path(wish: &str) -> &str {
    let own = wish.starts_with('/')
        && !wish.starts_with("//")
        && !wish.contains('\\')
        && !wish.chars().any(char::is_control);
    if own { wish } else { "/" }
}

/// What lies around every page: finds out once who asks, shows the message of the last action, and
/// makes a page of whatever failed.
pub async fn around(
    Extension(services): Extension<Services>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = match Visitor::read(&mut parts, &services).await {
        Ok(visitor) => visitor,
        Err(failure) => return failure.into_response(),
    };
    parts.extensions.insert(visitor.clone());
    // Programs get no pages; the server words what it refuses them.
    let for_programs = parts.uri.path().starts_with("/api/v1/");
    let response = next.run(Request::from_parts(parts, body)).await;
    if let Some(error) = response.extensions().get::<Error>() {
        return visitor.failed(error);
    }
    match refusal(&response) {
        Some(error) if !for_programs => visitor.failed(&error),
        _ => response,
    }
}

/// The words for what the framework refused: a path that is not there, a form that is no form.
fn refusal(response: &Response<Body>) -> Option<Error> {
    let html = |v: &header::HeaderValue| v.as_bytes().starts_with(b"text/html");
    if response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(html)
    {
        return None;
    }
    let status = response.status();
    let (kind, message) = match status {
        StatusCode::NOT_FOUND => (Kind::NotFound, "There is no page at this address."),
        StatusCode::METHOD_NOT_ALLOWED => {
            (Kind::NotFound, "This address cannot be used like that.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => (
            Kind::Invalid,
            "That is more than a form may hold. Shorten it and send it again.",
        ),
        StatusCode::BAD_REQUEST => (Kind::NotFound, "There is no page at this address."),
        _ if status.is_client_error() => (
            Kind::Invalid,
            "This form cannot be read. Go back and send it again.",
        ),
        _ => return None,
    };
    Some(Error::new(kind, message))
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn after_signing_in_nobody_is_sent_elsewhere() {
        for own in ["/", "/leads?q=a", "/leads/5#top"] {
            assert_eq!(own_path(own), own);
        }
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:x",
            "/a\r\nb",
            "leads",
        ] {
            assert_eq!(own_path(foreign), "/", "{foreign:?}");
        }
    }
}
