//! The provider's signing key, and what it signs: JSON Web Tokens as RFC 7515 to 7519 have them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

/// The key of the start. It guards nothing: everybody can read it here.
const FIRST: &[u8] = include_bytes!("stand-in-key.der");

#[derive(Debug)]
enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// The one key with which the provider signs at the moment. The first is an RSA key, as most
/// providers have; those after it are made on the spot and elliptic.
#[derive(Debug)]
pub(super) struct Key {
    pair: Pair,
    turn: u32,
}

impl Key {
    pub(super) fn first() -> Option<Key> {
        let pair = Pair::Rsa(RsaKeyPair::from_der(FIRST).ok()?);
        Some(Key { pair, turn: 1 })
    }

    /// Another key, under another name.
    pub(super) fn next(&self) -> Option<Key> {
        let (kind, dice) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(kind, &dice).ok()?;
        let pair = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &dice).ok()?;
        Some(Key {
            pair: Pair::Ec(pair),
            turn: self.turn + 1,
        })
    }

    pub(super) fn id(&self) -> String {
        format!("stand-in-{}", self.turn)
    }

    pub(super) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
        }
    }

    /// The public half as a JSON Web Key.
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
                json!({ "kty": "RSA", "n": base64url(&public.n), "e": base64url(&public.e) })
            }
            Pair::Ec(pair) => {
                // An uncompressed point: 4, then both coordinates.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
            }
        };
        jwk["kid"] = json!(self.id());
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.algorithm());
        jwk
    }

    /// A signed token; `None` when there are no random bytes.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> Option<String> {
        let signed = unsigned(header, claims);
        let signature = self.signature(signed.as_bytes())?;
        Some(format!("{signed}.{}", base64url(&signature)))
    }

    fn signature(&self, message: &[u8]) -> Option<Vec<u8>> {
        let dice = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &dice, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Pair::Ec(pair) => Some(pair.sign(&dice, message).ok()?.as_ref().to_vec()),
        }
    }
}

/// Header and claims, ready to be signed.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}
