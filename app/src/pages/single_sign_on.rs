//! Single sign-on on the pages: the button, what went wrong, and the doors that it closes.

use axum::{
    Extension,
    extract::Request,
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leadline::{
    error::{Error, Kind},
    single_sign_on::SignOnError,
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    Failure, Visitor,
    services::Services,
    ui::{Banner, Tone},
};

/// What went wrong, out of the code in the address.
pub(super) fn problem(code: Option<&str>) -> Option<impl IntoView + use<>> {
    let error = SignOnError::parse(code?);
    Some(view! { <Banner tone=Tone::Bad title=error.title() live=true>{error.remedy()}</Banner> })
}

/// The way to the organization's sign-in, when there is one, and back to `next`. It is a link and no
/// form, because a page's policy lets forms lead to Leadline alone.
pub(super) fn button(visitor: &Visitor, next: &str) -> Option<impl IntoView + use<>> {
    let offered = visitor.services.settings.single_sign_on.as_ref()?;
    let next = match next {
        "" => String::new(),
        next => format!("?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC)),
    };
    let class = if offered.only {
        "button primary"
    } else {
        "button"
    };
    let href = format!("/sign-in/sso{next}");
    Some(view! {
        <a class=class href=href>{offered.name.clone()}</a>
        {(!offered.only).then(|| view! { <p class="between">"or with a password"</p> })}
    })
}

/// Whether single sign-on is the only way in.
pub(crate) fn only(services: &Services) -> bool {
    let offered = services.settings.single_sign_on.as_ref();
    offered.is_some_and(|offered| offered.only)
}

/// Where single sign-on is the only way in, nothing answers that would open or prepare another one:
/// neither what is there today nor what will be added below these paths.
pub(crate) async fn close_other_ways(
    Extension(services): Extension<Services>,
    request: Request,
    next: Next,
) -> Response {
    if !only(&services) {
        return next.run(request).await;
    }
    match other_way(request.method(), request.uri().path()) {
        None => next.run(request).await,
        Some(Way::In) => {
            let code = SignOnError::Only.code();
            Redirect::to(&format!("/sign-in?error={code}")).into_response()
        }
        Some(Way::ToAPassword) => {
            let words =
                "You sign in at your organization, so there is no password here to protect.";
            Failure::from(Error::new(Kind::Forbidden, words)).into_response()
        }
    }
}

/// Another way than single sign-on.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// By which one would be signed in.
    In,
    /// To a password or a second factor, by which one could sign in later.
    ToAPassword,
}

fn other_way(method: &Method, path: &str) -> Option<Way> {
    let below = path.strip_prefix("/sign-in");
    match below {
        Some("") if method != Method::POST => None,
        Some("/sso" | "/sso/callback") => None,
        Some(_) => Some(Way::In),
        None if path == "/first-start" => Some(Way::In),
        None if path.starts_with("/me/password") || path.starts_with("/me/second-factor") => {
            Some(Way::ToAPassword)
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_sign_on_alone_leaves_no_other_way_in() {
        let get = |path| other_way(&Method::GET, path);
        let post = |path| other_way(&Method::POST, path);
        assert_eq!(get("/sign-in"), None);
        assert_eq!(get("/sign-in/sso"), None);
        assert_eq!(get("/sign-in/sso/callback"), None);
        assert_eq!(get("/leads"), None);
        assert_eq!(post("/sign-out"), None);
        for closed in [
            "/sign-in",
            "/sign-in/code",
            "/sign-in/link/x",
            "/first-start",
        ] {
            assert_eq!(post(closed), Some(Way::In), "{closed}");
        }
        assert_eq!(get("/sign-in/whatever-comes"), Some(Way::In));
        assert_eq!(get("/first-start"), Some(Way::In));
        assert_eq!(post("/me/password"), Some(Way::ToAPassword));
        assert_eq!(get("/me"), None);
    }
}
