//! Every address of the server, known from the very thing that routes.
//!
//! The router inside cannot be reached, so that nothing is routed that is not listed: what
//! `leadline routes` prints, and what the tests of access go through, is all there is.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body,
    extract::Request,
    handler::Handler,
    response::IntoResponse,
    routing::{MethodFilter, Route, RouterIntoService, on},
};
use serde::Serialize;
use tower::{Layer, Service};
use utoipa::openapi::path::PathItem;
use utoipa_axum::router::OpenApiRouter;

/// A method and a path that are answered. A path holds its parameters in braces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Address {
    /// The path, such as `/leads/{id}`.
    pub path: String,
    /// The method, such as `GET`.
    pub method: String,
}

/// Routes that know their own addresses.
#[must_use]
pub struct Routes<S = ()> {
    router: Router<S>,
    addresses: Vec<Address>,
}

macro_rules! method {
    ($name:ident, $method:ident) => {
        #[doc = concat!("Answers ", stringify!($method), " at a path.")]
        pub fn $name<H, T>(self, path: &str, handler: H) -> Routes<S>
        where
            H: Handler<T, S>,
            T: 'static,
        {
            let listed = [Address::new(stringify!($method), path)];
            let router = self.router.route(path, on(MethodFilter::$method, handler));
            Routes { router, ..self }.listing(listed)
        }
    };
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No route yet.
    pub fn new() -> Routes<S> {
        Routes {
            router: Router::new(),
            addresses: Vec::new(),
        }
    }

    method!(get, GET);
    method!(post, POST);
    method!(put, PUT);
    method!(patch, PATCH);
    method!(delete, DELETE);

    /// Takes over routes that describe themselves for the API's document; that document says where
    /// they are.
    pub fn documented(self, routes: OpenApiRouter<S>) -> Routes<S> {
        let (router, document) = routes.split_for_parts();
        let listed = document.paths.paths.iter();
        let listed = listed.flat_map(|(path, item)| {
            let methods = methods(item).into_iter();
            methods.map(move |method| Address::new(method, path))
        });
        let router = self.router.merge(router);
        Routes { router, ..self }.listing(listed)
    }

    /// Answers the `#[server]` functions, each of which is listed with its own path.
    pub fn functions<H, T>(self, handler: H) -> Routes<S>
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let listed = server_fn::axum::server_fn_paths();
        let listed = listed.map(|(path, method)| Address::new(method.as_str(), path));
        let router = on(MethodFilter::POST, handler);
        let router = self.router.route("/fn/{*name}", router);
        Routes { router, ..self }.listing(listed)
    }

    /// Adds other routes.
    pub fn merge(self, other: Routes<S>) -> Routes<S> {
        let router = self.router.merge(other.router);
        Routes { router, ..self }.listing(other.addresses)
    }

    /// Answers whatever no route answers.
    pub fn fallback<H, T>(self, handler: H) -> Routes<S>
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let router = self.router.fallback(handler);
        Routes { router, ..self }
    }

    /// Puts something around all routes that are here by now.
    pub fn layer<L>(self, layer: L) -> Routes<S>
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let router = self.router.layer(layer);
        Routes { router, ..self }
    }

    /// Gives the handlers what they work with.
    pub fn with_state<S2>(self, state: S) -> Routes<S2> {
        Routes {
            router: self.router.with_state(state),
            addresses: self.addresses,
        }
    }

    /// All addresses, by path and method.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let mut sorted = self.addresses.clone();
        sorted.sort();
        sorted
    }

    fn listing(mut self, more: impl IntoIterator<Item = Address>) -> Routes<S> {
        self.addresses.extend(more);
        self
    }
}

impl Routes {
    /// What can be served. Nothing can be routed past the list any more.
    #[must_use]
    pub fn into_service(self) -> RouterIntoService<Body> {
        self.router.into_service()
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Routes<S> {
        Routes::new()
    }
}

impl Address {
    fn new(method: &str, path: &str) -> Address {
        Address {
            path: path.to_owned(),
            method: method.to_owned(),
        }
    }
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let all = [
        ("GET", &item.get),
        ("PUT", &item.put),
        ("POST", &item.post),
        ("DELETE", &item.delete),
        ("PATCH", &item.patch),
        ("HEAD", &item.head),
        ("OPTIONS", &item.options),
    ];
    let there = all.into_iter().filter(|(_, operation)| operation.is_some());
    there.map(|(method, _)| method).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa_axum::routes;

    #[utoipa::path(get, path = "/leads", responses((status = 200)))]
    async fn list() {}

    #[utoipa::path(post, path = "/leads", responses((status = 200)))]
    async fn add() {}

    #[test]
    fn what_was_routed_is_listed_by_path_and_method() {
        let api = OpenApiRouter::default().routes(routes!(list, add));
        let api = OpenApiRouter::default().nest("/api/v1", api);
        let other = Routes::new()
            .post("/b/{id}", async || ())
            .delete("/a", async || ());
        let all: Routes = Routes::new()
            .get("/b/{id}", async || ())
            .documented(api)
            .merge(other);
        let listed = all.addresses();
        let listed = listed.iter().map(|a| (a.method.as_str(), a.path.as_str()));
        let expected = [
            ("DELETE", "/a"),
            ("GET", "/api/v1/leads"),
            ("POST", "/api/v1/leads"),
            ("GET", "/b/{id}"),
            ("POST", "/b/{id}"),
        ];
        assert_eq!(listed.collect::<Vec<_>>(), expected);
    }
}
