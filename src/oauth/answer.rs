//! The answers of LinkedIn's token endpoints, where they differ from the standard's.

use std::time::Duration;

use oauth2::basic::BasicTokenType;
use oauth2::{AccessToken, ExtraTokenFields, RefreshToken, Scope, TokenResponse};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::Tokens;

/// A pair of tokens. LinkedIn separates scopes with commas and may leave the type out.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TokenAnswer {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    refresh_token_expires_in: Option<u64>,
    scope: Option<String>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl TokenAnswer {
    pub(super) fn into_tokens(self) -> Tokens {
        let millis = |seconds: u64| i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
        let refresh = self.refresh_token.map(RefreshToken::into_secret);
        let scopes = self.scope.unwrap_or_default();
        Tokens {
            access: SecretString::from(self.access_token.into_secret()),
            access_life: self.expires_in.map(millis),
            refresh: refresh.filter(|t| !t.is_empty()).map(SecretString::from),
            refresh_life: self.refresh_token_expires_in.map(millis),
            scopes: scopes
                .split([' ', ','])
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
        }
    }
}

impl TokenResponse for TokenAnswer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// What introspection says besides the standard's fields.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct IntrospectionExtra {
    pub(super) status: Option<String>,
}

impl ExtraTokenFields for IntrospectionExtra {}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn tokens(json: &str) -> Tokens {
        let answer: TokenAnswer = serde_json::from_str(json).unwrap();
        answer.into_tokens()
    }

    #[test]
    fn linkedins_answer_is_read_with_and_without_what_is_optional() {
        let full = tokens(
            r#"{"access_token":"AQX","expires_in":5184000,"refresh_token":"AQW",
                "refresh_token_expires_in":31536000,"scope":"r_ads,r_x r_y","token_type":"Bearer"}"#,
        );
        assert_eq!(full.access.expose_secret(), "AQX");
        assert_eq!(full.access_life, Some(5_184_000_000));
        assert_eq!(full.refresh.unwrap().expose_secret(), "AQW");
        assert_eq!(full.refresh_life, Some(31_536_000_000));
        assert_eq!(full.scopes, ["r_ads", "r_x", "r_y"]);

        let bare = tokens(r#"{"access_token":"AQX","refresh_token":""}"#);
        assert!(bare.refresh.is_none() && bare.access_life.is_none() && bare.scopes.is_empty());
    }

    #[test]
    fn the_log_does_not_get_the_tokens() {
        let json = r#"{"access_token":"AQX","refresh_token":"AQW"}"#;
        let answer: TokenAnswer = serde_json::from_str(json).unwrap();
        let shown = format!("{answer:?} {:?}", tokens(json));
        assert!(!shown.contains("AQX") && !shown.contains("AQW"), "{shown}");
    }
}
