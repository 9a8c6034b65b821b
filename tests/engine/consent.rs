//! From "Authorize with LinkedIn" to a profile, and what can go wrong on the way.

use leadline::error::Kind;
use leadline::oauth::{ConsentError, OAuth, ProfileMember, Settings, TokenState};
use leadline::secret::Sealer;
use leadline::store::now;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::on_both;
use crate::stand::{Stand, oauth};
use crate::support::TestStore;

#[tokio::test]
async fn a_consent_becomes_tokens_with_their_lives() {
    let stand = Stand::new(TestStore::sqlite().await).await;
    let tokens = stand.consent("ada").await;
    assert_eq!(tokens.access_life, Some(5_184_000_000));
    assert!(tokens.refresh.is_none());
    assert_eq!(tokens.scopes.len(), 3);
    let state = stand.oauth.introspect(&tokens.access).await;
    assert_eq!(state, Ok(TokenState::Active));

    stand.control("POST", "tokens/revoke", json!({})).await;
    let state = stand.oauth.introspect(&tokens.access).await;
    assert_eq!(state, Ok(TokenState::Revoked));
    let state = stand.oauth.introspect(&"a token of nobody's".into()).await;
    assert_eq!(state, Ok(TokenState::Inactive));

    let wish = json!({"refresh_tokens": true});
    stand.control("PATCH", "faults", wish).await;
    let tokens = stand.consent("ada").await;
    assert_eq!(tokens.refresh_life, Some(31_536_000_000));
}

#[tokio::test]
async fn whoever_cancels_comes_back_with_the_reason() {
    let stand = Stand::new(TestStore::sqlite().await).await;
    for consent in ["auto_cancel_login", "auto_cancel_authorize"] {
        let wish = json!({"consent": consent});
        stand.control("PATCH", "faults", wish).await;
        let back = stand.go_to_linkedin(&stand.oauth).await;
        assert_eq!(back, Err(ConsentError::Cancelled));
    }
    let wish = json!({"consent": "auto_allow", "scope_error": "redirect"});
    stand.control("PATCH", "faults", wish).await;
    let greedy = oauth(&stand.sandbox, vec!["w_everything".to_owned()]);
    let back = stand.go_to_linkedin(&greedy).await;
    assert_eq!(back, Err(ConsentError::UnapprovedScope));
}

#[tokio::test]
async fn a_code_is_of_use_once_and_for_a_while() {
    let stand = Stand::new(TestStore::sqlite().await).await;
    let wish = json!({"consent": "auto_allow"});
    stand.control("PATCH", "faults", wish).await;
    let code = stand.go_to_linkedin(&stand.oauth).await.expect("a code");
    stand.oauth.exchange(&code).await.expect("tokens");
    assert_eq!(
        exchanged(&stand.oauth, &code).await,
        ConsentError::CodeExpired
    );

    let code = stand.go_to_linkedin(&stand.oauth).await.expect("a code");
    let wish = json!({"advance_seconds": 31 * 60});
    stand.control("POST", "clock", wish).await;
    assert_eq!(
        exchanged(&stand.oauth, &code).await,
        ConsentError::CodeExpired
    );
}

#[tokio::test]
async fn it_is_told_whether_linkedin_is_unwell_or_the_client_is_wrong() {
    let stand = Stand::new(TestStore::sqlite().await).await;
    let wish = json!({"consent": "auto_allow"});
    stand.control("PATCH", "faults", wish).await;
    let code = stand.go_to_linkedin(&stand.oauth).await.expect("a code");
    for kind in [
        "503",
        "html_502",
        "transient_429",
        "connection_reset",
        "malformed_json",
    ] {
        let fault = json!({"endpoint": "/oauth/v2/accessToken", "kind": kind, "times": 1});
        stand
            .control("PATCH", "faults", json!({"errors": [fault]}))
            .await;
        let error = exchanged(&stand.oauth, &code).await;
        assert_eq!(error, ConsentError::LinkedinUnavailable, "{kind}");
    }
    let stranger = OAuth::new(Settings {
        client_id: "sandbox-client".to_owned(),
        client_secret: "wrong".into(),
        auth_url: format!("{}/oauth/v2", stand.sandbox.base_url()),
        redirect_url: "http://localhost/auth/linkedin/callback".to_owned(),
        ..Settings::default()
    });
    let stranger = stranger.expect("a client");
    let code = stand.go_to_linkedin(&stand.oauth).await.expect("a code");
    assert_eq!(exchanged(&stranger, &code).await, ConsentError::BadClient);
}

async fn exchanged(oauth: &OAuth, code: &str) -> ConsentError {
    oauth.exchange(code).await.expect_err("no tokens")
}

#[tokio::test]
async fn tokens_are_never_in_clear_in_the_database_file() {
    let stand = Stand::new(TestStore::sqlite().await).await;
    let wish = json!({"refresh_tokens": true});
    stand.control("PATCH", "faults", wish).await;
    let tokens = stand.consent("ada").await;
    let bob = stand.bob().await;
    let made = bob
        .create_profile(&tokens, None, &stand.sealer, now())
        .await;
    made.expect("a profile");
    let path = stand.test.url.trim_start_matches("sqlite://");
    let mut bytes = std::fs::read(path).expect("the file");
    bytes.extend(std::fs::read(format!("{path}-wal")).unwrap_or_default());
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("r_marketing_leadgen_automation"), "the row is there");
    let refresh = tokens.refresh.expect("a refresh token");
    for token in [&tokens.access, &refresh] {
        assert!(!holds(&token.expose_secret()[..20]));
    }
}

on_both!(swapped_tokens_open_nothing);
async fn swapped_tokens_open_nothing(test: TestStore) {
    let stand = Stand::new(test).await;
    let (bob, ann) = (stand.bob().await, stand.ann().await);
    let (mine, theirs) = (
        stand.connected(&bob, "ada", now()).await,
        stand.connected(&ann, "bea", now()).await,
    );
    let swap = format!(
        "UPDATE user_profile SET access_token = (SELECT access_token FROM user_profile WHERE id = {theirs}) WHERE id = {mine}"
    );
    stand.test.sql(&swap).await;
    let grant = stand.keeper().token_for_profile(mine, now()).await;
    assert!(grant.expect("an answer").is_none());
    let (state, detail) = stand.state(mine).await;
    assert_eq!(state, "not_authorized");
    assert!(detail.contains("secret_key"), "{detail}");
}

on_both!(another_key_is_refused_at_the_start);
async fn another_key_is_refused_at_the_start(test: TestStore) {
    let stand = Stand::new(test).await;
    let store = &stand.test.store;
    for _ in 0..2 {
        store.check_key(&stand.sealer).await.expect("the same key");
    }
    let other = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
    let other = Sealer::from_base64(&other.into()).expect("a key");
    let error = store.check_key(&other).await.expect_err("another key");
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(error.message().contains("Put the earlier key back"));
}

on_both!(authorizing_again_keeps_what_was_chosen);
async fn authorizing_again_keeps_what_was_chosen(test: TestStore) {
    let stand = Stand::new(test).await;
    let (bob, ann) = (stand.bob().await, stand.ann().await);
    let profile = stand.connected(&bob, "ada", 1_000).await;
    let account = stand.account_id().await;
    bob.disconnect_profile(profile, 2_000).await.expect("done");
    assert_eq!(stand.state(profile).await.0, "not_authorized");
    let tokens = "SELECT COUNT(*) AS n FROM user_profile WHERE access_token IS NOT NULL OR refresh_token IS NOT NULL";
    assert_eq!(stand.test.count(tokens).await, 0);

    bob.begin_reauthorization(profile, 3_000)
        .await
        .expect("his");
    assert_eq!(stand.state(profile).await.0, "reauthorizing");
    let tokens = stand.consent("ada").await;
    let member = ProfileMember {
        id: "ada-1".to_owned(),
        name: Some("Ada".to_owned()),
    };
    let foreign = ann
        .reauthorize_profile(profile, &tokens, Some(&member), &stand.sealer, 4_000)
        .await;
    assert_eq!(foreign.expect_err("not hers").kind(), Kind::NotFound);
    bob.reauthorize_profile(profile, &tokens, Some(&member), &stand.sealer, 4_000)
        .await
        .expect("his");
    assert_eq!(
        stand.state(profile).await,
        ("authorized".to_owned(), String::new())
    );
    let own = bob.own_profile(profile).await.expect("his");
    assert_eq!(own.member_id.as_deref(), Some("ada-1"));
    assert_eq!(own.confirmed_at, Some(1_000));
    let grant = stand.keeper().token_for_account(account, &[], 4_000).await;
    assert_eq!(
        grant.expect("an answer").expect("a grant").profile_id,
        profile
    );
    let asked = "SELECT sync_requested_at AS n FROM linked_account";
    assert_eq!(stand.test.count(asked).await, 4_000);
}

on_both!(nobody_touches_foreign_profiles_but_administrators_disconnect);
async fn nobody_touches_foreign_profiles_but_administrators_disconnect(test: TestStore) {
    let stand = Stand::new(test).await;
    let (bob, ann) = (stand.bob().await, stand.ann().await);
    let profile = stand.connected(&bob, "ada", 1_000).await;
    let account = stand.account_id().await;
    let refused = [
        ann.own_profile(profile).await.map(|_| ()),
        ann.begin_reauthorization(profile, 2_000).await,
        ann.confirm_profile(profile, "builtin", 2_000).await,
        ann.choose_accounts(profile, &[account], 2_000).await,
        ann.disconnect_profile(profile, 2_000).await,
        bob.choose_accounts(profile, &[account, account + 1], 2_000)
            .await,
    ];
    for refusal in refused {
        assert_eq!(refusal.expect_err("refused").kind(), Kind::NotFound);
    }
    let chosen = "SELECT COUNT(*) AS n FROM profile_account WHERE chosen";
    assert_eq!(stand.test.count(chosen).await, 1);
    let administrator = stand.administrator().await;
    let done = administrator.disconnect_profile(profile, 3_000).await;
    done.expect("an administrator may");
    assert_eq!(stand.state(profile).await.0, "not_authorized");
    let log = stand.control("GET", "requests", Value::Null).await;
    assert!(!log.to_string().contains("the-state"));
}
