//! What is around every page: the document, the navigation, the security headers.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use leptos::{nonce::Nonce, prelude::*, reactive::owner::Owner};

use crate::{
    form::FormState,
    services::Assets,
    ui::{Banner, Icon, Tone, icon::Shape, roles},
    visit::Visitor,
};

/// What every page runs: it brings times into the reader's zone; the exact UTC stays in their titles.
const EVERY_PAGE: &str = include_str!("page.js");
/// Wakes the islands of a page.
const ISLANDS: &str = include_str!("islands/start.js");

/// A page about to be shown.
#[must_use = "a sheet is only shown by `show`"]
pub struct Sheet {
    visitor: Visitor,
    title: String,
    status: StatusCode,
    back: Option<(String, String)>,
    actions: Option<Box<dyn FnOnce() -> AnyView + Send>>,
    form: FormState,
    bare: bool,
    again_in: Option<u16>,
}

impl Sheet {
    pub(crate) fn new(visitor: Visitor, title: String) -> Sheet {
        Sheet {
            visitor,
            title,
            status: StatusCode::OK,
            back: None,
            actions: None,
            form: FormState::default(),
            bare: false,
            again_in: None,
        }
    }

    /// Another status than 200.
    pub fn status(mut self, status: StatusCode) -> Sheet {
        self.status = status;
        self
    }

    /// A link above the title to the list that this page belongs to.
    pub fn back(mut self, path: impl Into<String>, label: impl Into<String>) -> Sheet {
        self.back = Some((path.into(), label.into()));
        self
    }

    /// What can be done with the whole page, beside its title.
    pub fn actions<V: IntoView + 'static>(
        mut self,
        view: impl FnOnce() -> V + Send + 'static,
    ) -> Sheet {
        self.actions = Some(Box::new(move || view().into_any()));
        self
    }

    /// The state of the form on this page; one that is wrong makes the status 422.
    pub fn form(mut self, form: FormState) -> Sheet {
        if form.is_wrong() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self.form = form;
        self
    }

    /// Without navigation: for pages before signing in.
    pub fn bare(mut self) -> Sheet {
        self.bare = true;
        self
    }

    /// Loads the page again by itself after so many seconds, for what is on its way.
    pub fn again_in(mut self, seconds: u16) -> Sheet {
        self.again_in = Some(seconds);
        self
    }

    /// Renders the page.
    pub fn show<V: IntoView + 'static>(self, body: impl FnOnce() -> V) -> Response {
        let context = std::sync::Arc::new(hydration_context::SsrSharedContext::new_islands());
        let owner = Owner::new_root(Some(context));
        let nonce = Nonce::new();
        let status = self.status;
        let again = self.again_in.map(|s| [(header::REFRESH, s.to_string())]);
        let html = owner.with(|| {
            provide_context(nonce.clone());
            provide_context(self.form.clone());
            self.document(body().into_any(), &nonce)
        });
        owner.unset_with_forced_cleanup();
        (status, security(&nonce), again, Html(html)).into_response()
    }

    fn document(self, body: AnyView, nonce: &Nonce) -> String {
        let assets = self.visitor.services.assets.clone();
        let wrong = if self.form.is_wrong() { "Error: " } else { "" };
        let title = format!("{wrong}{} · Leadline", self.title);
        let body = if self.bare {
            self.alone(body)
        } else {
            self.with_navigation(body)
        };
        let head = view! {
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <title>{title}</title>
            <link rel="stylesheet" href=Assets::path(&assets.css) />
            <link rel="icon" href=ICON />
        };
        let head = head.to_html();
        let mut scripts = script("", EVERY_PAGE, nonce);
        if body.contains("<leptos-island") {
            let (js, wasm) = (Assets::path(&assets.js), Assets::path(&assets.wasm));
            let start = format!("const js = {js:?}, wasm = {wasm:?};\n{ISLANDS}");
            scripts.push_str(&script(" type=\"module\"", &start, nonce));
        }
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head>{head}</head><body>{body}{scripts}</body></html>"
        )
    }

    fn alone(self, body: AnyView) -> String {
        view! {
            <main class="alone" id="main">
                <p class="brand"><Icon shape=Shape::Brand />"Leadline"</p>
                <h1>{self.title}</h1>
                {demo_banner(&self.visitor)}
                {self.form.problem().map(|text| view! { <Banner tone=Tone::Bad live=true>{text}</Banner> })}
                {body}
            </main>
        }
        .to_html()
    }

    fn with_navigation(self, body: AnyView) -> String {
        let visitor = self.visitor;
        let notice = visitor.notice.clone();
        let problem = self.form.problem();
        view! {
            <a class="skip" href="#main">"Skip to the content"</a>
            <header class="bar">
                <a class="brand" href="/"><Icon shape=Shape::Brand />"Leadline"</a>
                <button class="button quiet" type="button" popovertarget="navigation">
                    <Icon shape=Shape::Menu />"Menu"
                </button>
            </header>
            {navigation(&visitor)}
            <main id="main">
                {demo_banner(&visitor)}
                <header class="page-head">
                    <div>
                        {self.back.map(|(path, label)| view! {
                            <a class="back" href=path><bdi>{label}</bdi></a>
                        })}
                        <h1><bdi>{self.title}</bdi></h1>
                    </div>
                    {self.actions.map(|actions| view! { <div class="actions">{actions()}</div> })}
                </header>
                <div class="page">
                    {notice.map(|text| view! { <Banner tone=Tone::Good live=true>{text}</Banner> })}
                    {problem.map(|text| view! { <Banner tone=Tone::Bad live=true>{text}</Banner> })}
                    {body}
                </div>
            </main>
        }
        .to_html()
    }
}

fn script(kind: &str, text: &str, nonce: &Nonce) -> String {
    format!("<script{kind} nonce=\"{nonce}\">{text}</script>")
}

/// The mark as an icon of the tab; small enough to live in the page.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%234a4fd8'/%3E%3Cpath d='M4 4v8h8M7 9l2.5-2.5L12 9' fill='none' stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E";

/// The policy that goes with a page: nothing foreign, no inline style, only this page's scripts.
fn security(nonce: &Nonce) -> [(HeaderName, HeaderValue); 2] {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy);
    [
        (
            header::CONTENT_SECURITY_POLICY,
            policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]
}

fn demo_banner(visitor: &Visitor) -> Option<impl IntoView + use<>> {
    visitor.services.settings.demo.then(|| {
        view! {
            <p class="demo" role="note">
                <strong>"Demo."</strong>
                " LinkedIn and Dynamics 365 are stand-ins that run on this machine; nobody in here is real."
            </p>
        }
    })
}

/// A group of the navigation: its name and its pages.
type Group = (&'static str, &'static [(&'static str, &'static str, Shape)]);

/// What only administrators may use among what everybody may.
const REVIEW: &str = "/review";

/// What everybody may use.
const GROUPS: [Group; 2] = [
    (
        "Leads",
        &[
            ("/", "Overview", Shape::Overview),
            ("/submissions", "Submissions", Shape::Submissions),
            (REVIEW, "Review queue", Shape::Review),
            ("/leads", "Leads", Shape::Leads),
        ],
    ),
    (
        "LinkedIn",
        &[
            ("/profiles", "User profiles", Shape::Profile),
            ("/accounts", "Accounts", Shape::Account),
            ("/forms", "Forms", Shape::Form),
            ("/campaigns", "Campaigns", Shape::Campaign),
            ("/sync", "Sync status", Shape::Sync),
        ],
    ),
];

/// What administrators may use as well.
const CONFIGURATION: Group = (
    "Configuration",
    &[
        ("/matching", "Lead matching", Shape::Matching),
        ("/mappings", "Field mappings", Shape::Mapping),
        ("/fields", "Lead fields", Shape::Fields),
        ("/crm", "CRM", Shape::Crm),
        ("/users", "Users", Shape::Users),
        ("/settings", "Settings", Shape::Settings),
        ("/audit", "Audit log", Shape::Audit),
        ("/tokens", "API tokens", Shape::Token),
    ],
);

fn navigation(visitor: &Visitor) -> impl IntoView + use<> {
    let person = visitor.person.clone();
    let administrator = person.as_ref().is_some_and(|p| p.administrator);
    let configuration = administrator.then_some(CONFIGURATION);
    let here = visitor.path_only().to_owned();
    let me = here
        .starts_with("/me")
        .then_some(if here == "/me" { "page" } else { "true" });
    let groups = GROUPS.into_iter().chain(configuration);
    view! {
        <nav class="side" id="navigation" popover="auto" aria-label="Main">
            <a class="brand" href="/"><Icon shape=Shape::Brand />"Leadline"</a>
            <div class="pages">
                {person.is_some().then(|| groups.map(|group| links(group, &here, administrator)).collect_view())}
            </div>
            {person.map(|person| (roles(&person), person)).map(|(what, person)| view! {
                <div class="person">
                    <p><a href="/me" aria-current=me>{person.name}</a><span>{what}</span></p>
                    <form method="post" action="/sign-out">
                        <button class="button quiet" type="submit">"Sign out"</button>
                    </form>
                </div>
            })}
        </nav>
    }
}

fn links((name, pages): Group, here: &str, administrator: bool) -> impl IntoView + use<> {
    let open = |(path, ..): &&(&str, &str, Shape)| administrator || *path != REVIEW;
    let links = pages.iter().filter(open).map(|(path, label, shape)| {
        let below = *path != "/" && here.starts_with(&format!("{path}/"));
        let current = (here == *path)
            .then_some("page")
            .or(below.then_some("true"));
        view! {
            <li><a href=*path aria-current=current><Icon shape=*shape />{*label}</a></li>
        }
    });
    view! {
        <p class="group">{name}</p>
        <ul>{links.collect_view()}</ul>
    }
}
