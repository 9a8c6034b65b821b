//! A browser without JavaScript: keeps cookies, follows links, fills in forms.

use reqwest::header::{HeaderMap, HeaderName, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use url::Url;

use super::html::{self, Form};

/// Somebody's browser.
pub struct Browser {
    client: Client,
    home: Url,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it was found.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its text.
    pub text: String,
}

impl Browser {
    /// A browser that has not been anywhere.
    #[expect(
        clippy::disallowed_methods,
        reason = "a browser keeps cookies, and the tests follow redirects themselves"
    )]
    pub fn new(home: &str) -> Browser {
        let client = Client::builder()
            .cookie_store(true)
            .no_gzip()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Browser {
            client,
            home: home.parse().unwrap(),
        }
    }

    /// A request to be made further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.home.join(path).unwrap())
    }

    /// Sends it.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        let answer = request.send().await.unwrap();
        Page {
            url: answer.url().clone(),
            status: answer.status(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    /// Asks for a path or an address; a redirect is not followed.
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// Goes there, and on to wherever that leads.
    pub async fn visit(&self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    /// Posts a form; a redirect is not followed.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send(self.request(Method::POST, path).form(fields))
            .await
    }

    /// Fills in the page's form that has a field or button of this name, presses its button, and
    /// goes on to wherever that leads.
    pub async fn submit(&self, page: &Page, field: &str, typed: &[(&str, &str)]) -> Page {
        let mut forms = html::forms(&page.text).into_iter();
        let Some(form) = forms.find(|form| form.names.iter().any(|name| name == field)) else {
            panic!("no form with {field:?} on {}:\n{}", page.url, page.text);
        };
        self.send_form(page, form, typed).await
    }

    /// Presses the button of the page's last form, and goes on to wherever that leads.
    pub async fn submit_last(&self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let form = html::forms(&page.text)
            .pop()
            .unwrap_or_else(|| panic!("no form: {}", page.text));
        self.send_form(page, form, typed).await
    }

    async fn send_form(&self, page: &Page, form: Form, typed: &[(&str, &str)]) -> Page {
        let mut fields = form.fields;
        fields.retain(|(name, _)| typed.iter().all(|(other, _)| other != name));
        fields.extend(
            typed
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        let target = page.url.join(&form.action).unwrap();
        let answer = match form.post {
            true => self.send(self.client.post(target).form(&fields)).await,
            false => self.send(self.client.get(target).query(&fields)).await,
        };
        self.follow(answer).await
    }

    async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(to) = page.leads_to() else {
                return page;
            };
            page = self.send(self.client.get(to)).await;
        }
        panic!("redirects without end at {}", page.url);
    }
}

impl Page {
    /// Where a redirect leads.
    pub fn leads_to(&self) -> Option<Url> {
        let to = self.headers.get(LOCATION)?.to_str().unwrap();
        self.status
            .is_redirection()
            .then(|| self.url.join(to).unwrap())
    }

    /// What the answer lets the browser keep under this name, with what goes with it.
    pub fn sets(&self, name: &str) -> Option<&str> {
        let begin = format!("{name}=");
        let all = self.headers.get_all(SET_COOKIE).iter();
        let mut all = all.map(|set| set.to_str().unwrap());
        all.find(|set| set.starts_with(&begin))
    }

    /// One header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        let name: HeaderName = name.parse().unwrap();
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The page's one main heading.
    pub fn heading(&self) -> String {
        html::heading(&self.text)
    }

    /// The values of all inputs with this name.
    pub fn values(&self, name: &str) -> Vec<String> {
        html::values(&self.text, name)
    }

    /// Where the links lead whose address begins like this.
    pub fn links(&self, begin: &str) -> Vec<String> {
        html::links(&self.text, begin)
    }
}
