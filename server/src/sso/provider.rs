//! The organization's OpenID provider.
//!
//! What it says about itself, and its keys, are kept for an hour; a token signed with a key that is
//! not among them makes both be read again, once. Tokens are looked at and forgotten, but for the ID
//! token, which many providers want to see again before they sign somebody out ([`Vouch::way_out`]).

use std::sync::Arc;
use std::time::{Duration, Instant};

use leadline::error::{Error, Result};
use leadline::http::Limits;
use leadline::oauth::Exchange;
use leadline::single_sign_on::{Identity, SignOnError};
use openidconnect::core::*;
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthType, AuthorizationCode, Client, ClientId,
    ClientSecret, EmptyExtraTokenFields, EndSessionUrl, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdTokenFields, IdTokenVerifier, IssuerUrl, LogoutRequest, OAuth2TokenResponse,
    PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadata, RedirectUrl, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoError,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;
use url::Url;

use super::claims::{Claims, Groups, Said, UserInfo, Vouched};
use super::pending::PendingSignOn;
use super::refusal::{Unverified, of_discovery, of_exchange, refuse, unavailable};
use crate::config::Oidc;

/// A sign-on waits no longer for one call.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(10),
    body: 1024 * 1024,
};
/// No ID token that is longer is sent along to sign out: many servers read no longer address.
const HINT_AT_MOST: usize = 4096;
/// How long what the provider says about itself is kept.
const KEPT: Duration = Duration::from_secs(60 * 60);
/// How tokens may be signed: with a key that only the provider has, never with the client's secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What discovery says besides what the crate reads of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct More {
    /// RP-Initiated Logout 1.0: where people are sent to sign out.
    end_session_endpoint: Option<EndSessionUrl>,
    /// RFC 9207: whether every answer names its issuer.
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Relying = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the provider says about itself, and since when that is known.
type Known = (Arc<Metadata>, Instant);

/// What came of a sign-on.
pub(super) struct Vouch {
    /// Who it is.
    pub(super) identity: Identity,
    /// Where the provider signs them out. The ID token is in it, so it must be kept sealed.
    pub(super) way_out: Option<Url>,
}

/// The provider, as it is configured.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    settings: Oidc,
    redirect: RedirectUrl,
    signed_out: PostLogoutRedirectUrl,
    issuer: IssuerUrl,
    exchange: Exchange,
    known: RwLock<Option<Known>>,
}

impl Provider {
    /// A provider with these settings; it is not asked anything yet.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn new(settings: &Oidc, public_url: &str) -> Result<Provider> {
        let wrong = |_| Error::invalid("oidc.issuer: is not an address.");
        let url = Url::parse(&settings.issuer).map_err(wrong)?;
        let own = |_| Error::invalid("public_url: is not an address.");
        let redirect = RedirectUrl::new(format!("{public_url}/sign-in/sso/callback"));
        let signed_out = PostLogoutRedirectUrl::new(format!("{public_url}/sign-in"));
        Ok(Provider(Arc::new(Inner {
            settings: settings.clone(),
            redirect: redirect.map_err(own)?,
            signed_out: signed_out.map_err(own)?,
            issuer: IssuerUrl::new(settings.issuer.clone()).map_err(wrong)?,
            exchange: Exchange::new(&url, LIMITS)?.beyond(),
            known: RwLock::new(None),
        })))
    }

    /// The settings.
    pub(super) fn settings(&self) -> &Oidc {
        &self.0.settings
    }

    /// Where to send somebody to sign in.
    pub(super) async fn address(&self, pending: &PendingSignOn) -> Result<Url, SignOnError> {
        let metadata = self.metadata().await?;
        let (state, nonce) = (pending.state(), pending.nonce());
        let client = self.client(&metadata);
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || state,
            move || nonce,
        );
        let wished = self.settings().scopes.iter().cloned();
        let scopes = ["profile", "email"].map(str::to_owned);
        let (address, ..) = request
            .add_scopes(scopes.into_iter().chain(wished).map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(
                &pending.verifier(),
            ))
            .url();
        Ok(address)
    }

    /// Whether an answer comes from this provider, as far as it says: somebody who uses two may be
    /// sent to the one with what was meant for the other.
    pub(super) async fn check_issuer(&self, named: Option<&str>) -> Result<(), SignOnError> {
        let metadata = self.metadata().await?;
        let more = metadata.additional_metadata();
        let promised = more.authorization_response_iss_parameter_supported == Some(true);
        match named {
            Some(named) if named == self.0.issuer.as_str() => Ok(()),
            None if !promised => Ok(()),
            _ => Err(refuse(
                SignOnError::BadToken,
                "the answer names another issuer",
            )),
        }
    }

    /// Who the code stands for.
    pub(super) async fn identify(
        &self,
        pending: &PendingSignOn,
        code: &str,
    ) -> Result<Vouch, SignOnError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata);
        let code = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let code = code.map_err(|_| refuse(SignOnError::WrongProvider, "no token endpoint"))?;
        let tokens = code
            .set_pkce_verifier(pending.verifier())
            .request_async(&self.0.exchange)
            .await
            .map_err(of_exchange)?;
        let vouched = match self.verify(&metadata, &tokens, pending) {
            Err(Unverified::UnknownKey) => {
                let metadata = self.read().await?;
                self.verify(&metadata, &tokens, pending)
            }
            verified => verified,
        };
        Ok(Vouch {
            identity: self.identity(&client, &tokens, vouched?).await?,
            way_out: self.way_out(&metadata, &tokens),
        })
    }

    /// Where the provider signs somebody out and sends them back, as RP-Initiated Logout 1.0 has it.
    fn way_out(&self, metadata: &Metadata, tokens: &Tokens) -> Option<Url> {
        let endpoint = metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()?;
        if endpoint.url().scheme() != self.0.issuer.url().scheme() {
            return None;
        }
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.settings().client_id.clone()))
            .set_post_logout_redirect_uri(self.0.signed_out.clone());
        let hint = tokens.id_token();
        let hint = hint.filter(|token| token.to_string().len() <= HINT_AT_MOST);
        let request = match hint {
            Some(token) => request.set_id_token_hint(token),
            None => request,
        };
        Some(request.http_get_url())
    }

    /// Checks the ID token as OpenID Connect Core, section 3.1.3.7, wants it.
    fn verify(
        &self,
        metadata: &Metadata,
        tokens: &Tokens,
        pending: &PendingSignOn,
    ) -> Result<Vouched, Unverified> {
        let token = tokens.id_token().ok_or(Unverified::Wrong("no ID token"))?;
        let id = ClientId::new(self.settings().client_id.clone());
        let offered = metadata.id_token_signing_alg_values_supported().iter();
        let agreed = offered.filter(|offered| ALGORITHMS.contains(offered));
        let verifier = IdTokenVerifier::new_public_client(
            id.clone(),
            self.0.issuer.clone(),
            metadata.jwks().clone(),
        )
        .set_allowed_algs(agreed.cloned());
        let claims = token.claims(&verifier, &pending.nonce())?;
        if claims.authorized_party().is_some_and(|party| *party != id) {
            return Err(Unverified::Wrong("it was given to another application"));
        }
        if let Some(vouched) = claims.access_token_hash() {
            let key = token.signing_key(&verifier)?;
            let hash =
                AccessTokenHash::from_token(tokens.access_token(), token.signing_alg()?, key);
            if hash.ok().as_ref() != Some(vouched) {
                return Err(Unverified::Wrong("it vouches for another access token"));
            }
        }
        Ok(claims.clone())
    }

    /// Puts together what the ID token says with what it leaves to the userinfo endpoint.
    async fn identity(
        &self,
        client: &Relying,
        tokens: &Tokens,
        vouched: Vouched,
    ) -> Result<Identity, SignOnError> {
        let settings = self.settings();
        let mut said = Said::by_token(&vouched, &settings.groups_claim);
        let untold = settings.groups.any() && said.groups == Groups::Untold;
        if (said.email.is_none() || untold)
            && let Some(info) = self.userinfo(client, tokens, &vouched).await?
        {
            said = said.or(Said::by_userinfo(&info, &settings.groups_claim));
        }
        let groups = match said.groups {
            Groups::All(groups) => groups,
            Groups::TooMany if settings.groups.any() => return Err(SignOnError::TooManyGroups),
            Groups::Untold | Groups::TooMany => Vec::new(),
        };
        let (email, email_verified) = said.email.unzip();
        Ok(Identity {
            issuer: settings.issuer.clone(),
            subject: vouched.subject().to_string(),
            email,
            email_verified: email_verified.unwrap_or_default(),
            name: said.name,
            groups,
        })
    }

    /// What the userinfo endpoint says, if there is one; it must speak of the same person.
    async fn userinfo(
        &self,
        client: &Relying,
        tokens: &Tokens,
        vouched: &Vouched,
    ) -> Result<Option<UserInfo>, SignOnError> {
        let token = tokens.access_token().clone();
        let Ok(request) = client.user_info(token, Some(vouched.subject().clone())) else {
            return Ok(None);
        };
        let answer = request.request_async(&self.0.exchange).await;
        answer.map(Some).map_err(|error| match error {
            UserInfoError::Request(lost) => unavailable(&lost),
            _ => refuse(SignOnError::BadToken, "userinfo does not hold"),
        })
    }

    fn client(&self, metadata: &Metadata) -> Relying {
        let settings = self.settings();
        let secret = ClientSecret::new(settings.client_secret.expose_secret().to_owned());
        let id = ClientId::new(settings.client_id.clone());
        let client = Client::from_provider_metadata(metadata.clone(), id, Some(secret));
        let client = client.set_redirect_uri(self.0.redirect.clone());
        match metadata.token_endpoint_auth_methods_supported() {
            Some(methods) if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) => {
                client.set_auth_type(AuthType::RequestBody)
            }
            _ => client,
        }
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, SignOnError> {
        match self.0.known.read().await.as_ref() {
            Some((metadata, since)) if since.elapsed() < KEPT => return Ok(Arc::clone(metadata)),
            _ => {}
        }
        self.read().await
    }

    /// Asks the provider about itself and for its keys.
    async fn read(&self) -> Result<Arc<Metadata>, SignOnError> {
        let read = Metadata::discover_async(self.0.issuer.clone(), &self.0.exchange).await;
        let metadata = Arc::new(read.map_err(of_discovery)?);
        if metadata.authorization_endpoint().url().scheme() != self.0.issuer.url().scheme() {
            let why = "its authorization endpoint is not protected as its issuer is";
            return Err(refuse(SignOnError::WrongProvider, why));
        }
        *self.0.known.write().await = Some((Arc::clone(&metadata), Instant::now()));
        Ok(metadata)
    }
}
