//! How Leadline gets, keeps and renews LinkedIn's permission to read a member's leads.
//!
//! LinkedIn's own ways: credentials in the body, no PKCE for servers, scopes that come back with
//! commas, a refresh token for few applications only, one error text for three causes.

use std::sync::Arc;

use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointNotSet, EndpointSet, IntrospectionUrl, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardRevocableToken, StandardTokenIntrospectionResponse, TokenIntrospectionResponse,
    TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::error::{Error, Result};
use crate::http::Limits;

mod answer;
mod consent;
mod exchange;
mod keeper;
mod timing;

use answer::{IntrospectionExtra, TokenAnswer};

pub use crate::store::grants::Tokens;
pub use crate::store::profiles::ProfileMember;
pub use consent::{ConsentError, PendingConsent};
pub use exchange::{Exchange, NoAnswer};
pub use keeper::{Grant, Remedy, TokenKeeper};

/// Where LinkedIn asks its members and gives out tokens.
pub const AUTH_URL: &str = "https://www.linkedin.com/oauth/v2";

/// What Leadline asks a member for: leads and their forms, ad accounts and campaigns, page roles.
pub const SCOPES: [&str; 3] = [
    "r_marketing_leadgen_automation",
    "r_ads",
    "r_organization_admin",
];

/// No answer of the token endpoints is larger.
const LARGEST_ANSWER: usize = 256 * 1024;

/// The LinkedIn app, and where LinkedIn is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The app's client id; empty when no app is configured.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretString,
    /// [`AUTH_URL`], or that of a stand-in.
    pub auth_url: String,
    /// Where LinkedIn sends people back to: `<public_url>/auth/linkedin/callback`.
    pub redirect_url: String,
    /// [`SCOPES`], and what else is wanted, such as `openid profile` to know the member's name.
    pub scopes: Vec<String>,
}

impl Default for Settings {
    /// LinkedIn itself and what Leadline needs of it, without an app.
    fn default() -> Settings {
        Settings {
            client_id: String::new(),
            client_secret: SecretString::default(),
            auth_url: AUTH_URL.to_owned(),
            redirect_url: String::new(),
            scopes: SCOPES.map(str::to_owned).to_vec(),
        }
    }
}

type Client = oauth2::Client<
    BasicErrorResponse,
    TokenAnswer,
    StandardTokenIntrospectionResponse<IntrospectionExtra, BasicTokenType>,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
    EndpointSet,
>;

/// LinkedIn's authorization server.
#[derive(Debug, Clone)]
pub struct OAuth(Arc<Server>);

#[derive(Debug)]
struct Server {
    client: Client,
    exchange: Exchange,
    scopes: Vec<String>,
}

/// Why the token endpoints gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Denial {
    /// There was no answer, or none that can be understood; it may work in a moment.
    Unavailable,
    /// The client id or the client secret is wrong.
    Client,
    /// What was handed in is of no use: LinkedIn's word for it.
    Grant(String),
}

/// What LinkedIn says about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It works.
    Active,
    /// Its time is over.
    Expired,
    /// The member took it back.
    Revoked,
    /// It is not active, for a reason that LinkedIn keeps to itself.
    Inactive,
}

/// Why a token could not be refreshed or looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshError {
    /// LinkedIn cannot be reached, is unwell, or does not know Leadline's client id or secret. The
    /// member's grant may be in order.
    Unavailable,
    /// The refresh token is invalid, expired or revoked.
    Over,
}

impl OAuth {
    /// A client with these settings. Without a configured app it exists too, and LinkedIn refuses
    /// whatever it asks.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn new(settings: Settings) -> Result<OAuth> {
        let base = settings.auth_url.trim_end_matches('/').to_owned();
        let wrong = |_| Error::invalid("linkedin.auth_url: is not an address.");
        let url = Url::parse(&base).map_err(wrong)?;
        let at = |path: &str| format!("{base}/{path}");
        let redirect = RedirectUrl::new(settings.redirect_url)
            .map_err(|_| Error::invalid("public_url: is not an address."))?;
        let limits = Limits {
            body: LARGEST_ANSWER,
            ..Limits::default()
        };
        let secret = settings.client_secret.expose_secret().to_owned();
        let client = oauth2::Client::new(ClientId::new(settings.client_id))
            .set_client_secret(ClientSecret::new(secret))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(at("authorization")).map_err(wrong)?)
            .set_token_uri(TokenUrl::new(at("accessToken")).map_err(wrong)?)
            .set_introspection_url(IntrospectionUrl::new(at("introspectToken")).map_err(wrong)?)
            .set_redirect_uri(redirect);
        Ok(OAuth(Arc::new(Server {
            client,
            exchange: Exchange::new(&url, limits)?,
            scopes: settings.scopes,
        })))
    }

    /// Whether a LinkedIn app is configured, without which nobody can authorize.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        !self.0.client.client_id().is_empty()
    }

    /// Where to send a person to consent.
    #[must_use]
    pub fn authorization_url(&self, state: &str) -> String {
        let scopes = self.0.scopes.iter().cloned().map(Scope::new);
        let state = CsrfToken::new(state.to_owned());
        let request = self.0.client.authorize_url(|| state).add_scopes(scopes);
        // The query writes a blank as `+`; LinkedIn documents `%20`. A real plus is `%2B` already.
        String::from(request.url().0).replace('+', "%20")
    }

    /// Turns the code with which LinkedIn sent a person back into tokens.
    ///
    /// # Errors
    /// When LinkedIn gives none.
    pub async fn exchange(&self, code: &str) -> Result<Tokens, ConsentError> {
        let code = AuthorizationCode::new(code.to_owned());
        let answer = self
            .0
            .client
            .exchange_code(code)
            .request_async(&self.0.exchange)
            .await;
        match answer {
            Ok(answer) => Ok(answer.into_tokens()),
            Err(error) => Err(match denial(error) {
                Denial::Unavailable => ConsentError::LinkedinUnavailable,
                Denial::Client => ConsentError::BadClient,
                Denial::Grant(word) if word == "invalid_scope" => ConsentError::UnapprovedScope,
                Denial::Grant(_) => ConsentError::CodeExpired,
            }),
        }
    }

    /// Gets a new access token.
    ///
    /// # Errors
    /// When LinkedIn gives none.
    pub async fn refresh(&self, token: &SecretString) -> Result<Tokens, RefreshError> {
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let request = self.0.client.exchange_refresh_token(&token);
        let answer = request.request_async(&self.0.exchange).await;
        answer
            .map(TokenAnswer::into_tokens)
            .map_err(|error| match denial(error) {
                Denial::Unavailable | Denial::Client => RefreshError::Unavailable,
                Denial::Grant(_) => RefreshError::Over,
            })
    }

    /// Asks LinkedIn what has become of an access token; this spends no quota of its API.
    ///
    /// # Errors
    /// When LinkedIn does not say.
    pub async fn introspect(&self, token: &SecretString) -> Result<TokenState, RefreshError> {
        let token = AccessToken::new(token.expose_secret().to_owned());
        let answer = self
            .0
            .client
            .introspect(&token)
            .request_async(&self.0.exchange)
            .await;
        let answer = match answer.map_err(denial) {
            Ok(answer) => answer,
            // LinkedIn answers 400 about a token that it does not know.
            Err(Denial::Grant(_)) => return Ok(TokenState::Inactive),
            Err(Denial::Unavailable | Denial::Client) => return Err(RefreshError::Unavailable),
        };
        Ok(match answer.extra_fields().status.as_deref() {
            _ if answer.active() => TokenState::Active,
            Some("expired") => TokenState::Expired,
            Some("revoked") => TokenState::Revoked,
            _ => TokenState::Inactive,
        })
    }
}

/// Tells refusals apart and writes to the log what may be written there: LinkedIn's word, never its
/// text or the body.
fn denial(error: RequestTokenError<NoAnswer, BasicErrorResponse>) -> Denial {
    let (denial, why) = match error {
        RequestTokenError::ServerResponse(refusal) => of_word(refusal.error()),
        RequestTokenError::Request(lost) => (Denial::Unavailable, lost.to_string()),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            (Denial::Unavailable, "an answer of another form".to_owned())
        }
    };
    tracing::warn!(why, "LinkedIn's authorization server gave no token");
    denial
}

fn of_word(word: &BasicErrorResponseType) -> (Denial, String) {
    let word: &str = word.as_ref();
    let short: String = word
        .chars()
        .filter(char::is_ascii_graphic)
        .take(60)
        .collect();
    let denial = match word {
        "invalid_client" | "invalid_client_id" | "unauthorized_client" => Denial::Client,
        "server_error" | "temporarily_unavailable" => Denial::Unavailable,
        _ => Denial::Grant(short.clone()),
    };
    (denial, short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oauth(client_id: &str) -> OAuth {
        OAuth::new(Settings {
            client_id: client_id.to_owned(),
            client_secret: SecretString::from("very-secret"),
            auth_url: "https://www.linkedin.com/oauth/v2/".to_owned(),
            redirect_url: "https://leads.example/auth/linkedin/callback".to_owned(),
            ..Settings::default()
        })
        .unwrap()
    }

    #[test]
    fn people_are_sent_to_linkedin_with_what_it_wants_and_no_more() {
        let address = oauth("app-1").authorization_url("st&te");
        assert!(
            address.contains("r_marketing_leadgen_automation%20r_ads"),
            "{address}"
        );
        let url = Url::parse(&address).unwrap();
        assert!(
            url.as_str()
                .starts_with("https://www.linkedin.com/oauth/v2/authorization?")
        );
        let mut query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        query.sort();
        let wanted = [
            ("client_id", "app-1"),
            (
                "redirect_uri",
                "https://leads.example/auth/linkedin/callback",
            ),
            ("response_type", "code"),
            (
                "scope",
                "r_marketing_leadgen_automation r_ads r_organization_admin",
            ),
            ("state", "st&te"),
        ];
        let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(query, wanted);
    }

    #[test]
    fn without_an_app_it_says_so() {
        assert!(oauth("app-1").is_configured());
        assert!(!oauth("").is_configured());
    }

    #[test]
    fn the_log_does_not_get_the_client_secret() {
        assert!(!format!("{:?}", oauth("app-1")).contains("very-secret"));
    }
}
