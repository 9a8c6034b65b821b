//! Which grant is handed out, how it is renewed, and what a refusal does to it.

use leadline::linkedin::Failure;
use leadline::linkedin::failure::{Endpoint, Kind};
use leadline::oauth::Remedy;
use leadline::store::now;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::on_both;
use crate::stand::{HOUR, Stand};
use crate::support::TestStore;

/// 60 days in hours.
const LIFE: i64 = 60 * 24 * HOUR;

async fn refreshing(test: TestStore) -> Stand {
    let stand = Stand::new(test).await;
    let wish = json!({"refresh_tokens": true});
    stand.control("PATCH", "faults", wish).await;
    stand
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_refresh_once() {
    let stand = refreshing(TestStore::postgres().await).await;
    let start = now();
    let profile = stand.connected(&stand.bob().await, "ada", start).await;
    stand.control("DELETE", "requests", json!(null)).await;
    let (one, two) = (stand.keeper(), stand.keeper_elsewhere().await);
    for late in [start + LIFE - HOUR, start + 2 * LIFE + HOUR] {
        let before = stand.calls("/oauth/v2/accessToken").await;
        let asked: Vec<_> = (0..8)
            .map(|n| {
                let keeper = if n % 2 == 0 { one.clone() } else { two.clone() };
                tokio::spawn(async move { keeper.token_for_profile(profile, late).await })
            })
            .collect();
        for answer in asked {
            let grant = answer.await.expect("no panic").expect("an answer");
            assert!(grant.is_some());
        }
        let calls = stand.calls("/oauth/v2/accessToken").await - before;
        assert_eq!(calls, 1);
    }
    let version = "SELECT grant_version AS n FROM user_profile";
    assert_eq!(stand.test.count(version).await, 3);
}

on_both!(a_refreshed_token_is_kept_before_it_is_used);
async fn a_refreshed_token_is_kept_before_it_is_used(test: TestStore) {
    let stand = refreshing(test).await;
    let start = now();
    let profile = stand.connected(&stand.bob().await, "ada", start).await;
    let keeper = stand.keeper();
    let old = keeper.token_for_profile(profile, start).await;
    let old = old.expect("an answer").expect("a grant");
    let late = start + LIFE - HOUR;
    let new = keeper.token_for_profile(profile, late).await;
    let new = new.expect("an answer").expect("a grant");
    assert_ne!(new.token.expose_secret(), old.token.expose_secret());
    assert!(new.version > old.version);
    // Another server, asked a moment later, hands out the same.
    let same = stand.keeper_elsewhere().await;
    let same = same.token_for_profile(profile, late).await;
    let same = same.expect("an answer").expect("a grant");
    assert_eq!(same.token.expose_secret(), new.token.expose_secret());
    // Whoever still holds the old one is told to fetch the new one.
    let failure = Failure::new(Kind::TokenExpired, Endpoint::LeadForms);
    let remedy = keeper.report(&old, &failure, late).await;
    assert_eq!(remedy.expect("an answer"), Remedy::TryAgain { after_ms: 0 });
    assert_eq!(stand.state(profile).await.0, "authorized");
}

on_both!(a_refused_refresh_ends_the_profile_but_an_outage_does_not);
async fn a_refused_refresh_ends_the_profile_but_an_outage_does_not(test: TestStore) {
    let stand = refreshing(test).await;
    let start = now();
    let profile = stand.connected(&stand.bob().await, "ada", start).await;
    let keeper = stand.keeper();
    let fault = json!({"endpoint": "/oauth/v2/accessToken", "kind": "503", "times": 1});
    stand
        .control("PATCH", "faults", json!({"errors": [fault]}))
        .await;
    let late = start + LIFE - HOUR;
    let grant = keeper.token_for_profile(profile, late).await;
    assert!(
        grant.expect("an answer").is_some(),
        "the old one still works"
    );
    assert_eq!(stand.state(profile).await.0, "authorized");

    stand.control("POST", "tokens/revoke", json!({})).await;
    let grant = keeper.token_for_profile(profile, late + HOUR / 2).await;
    assert!(grant.expect("an answer").is_none());
    let (state, detail) = stand.state(profile).await;
    assert_eq!(state, "expired");
    assert!(detail.contains("Authorize again"), "{detail}");
}

on_both!(without_a_refresh_token_the_end_is_the_end);
async fn without_a_refresh_token_the_end_is_the_end(test: TestStore) {
    let stand = Stand::new(test).await;
    let start = now();
    let profile = stand.connected(&stand.bob().await, "ada", start).await;
    let account = stand.account_id().await;
    let keeper = stand.keeper();
    let grant = keeper
        .token_for_account(account, &[], start + LIFE - HOUR)
        .await;
    assert!(grant.expect("an answer").is_some(), "good until its end");
    let grant = keeper
        .token_for_account(account, &[], start + LIFE + HOUR)
        .await;
    assert!(grant.expect("an answer").is_none());
    let (state, detail) = stand.state(profile).await;
    assert_eq!(state, "expired");
    assert!(detail.contains("60 days") && detail.contains("Authorize again"));
    assert_eq!(
        stand.calls("/oauth/v2/accessToken").await,
        1,
        "the exchange"
    );
}

on_both!(when_one_member_revokes_another_profile_takes_over);
async fn when_one_member_revokes_another_profile_takes_over(test: TestStore) {
    let stand = Stand::new(test).await;
    let start = now();
    let first = stand.connected(&stand.ann().await, "ada", start).await;
    let second = stand
        .connected(&stand.bob().await, "bea", start - HOUR)
        .await;
    let account = stand.account_id().await;
    let keeper = stand.keeper();
    let grant = keeper.token_for_account(account, &[], start).await;
    let grant = grant.expect("an answer").expect("a grant");
    assert_eq!(grant.profile_id, first, "the one that lasts longest");
    stand
        .control("POST", "tokens/revoke", json!({"member": "ada"}))
        .await;
    let refusal = stand.refusal(&grant).await;
    let remedy = keeper.report(&grant, &refusal, start).await;
    assert_eq!(remedy.expect("an answer"), Remedy::OtherProfile);
    assert_eq!(stand.state(first).await.0, "revoked");
    for tried in [&[][..], &[first]] {
        let grant = keeper.token_for_account(account, tried, start).await;
        let grant = grant.expect("an answer").expect("a grant");
        assert_eq!(grant.profile_id, second);
    }
    let none = keeper
        .token_for_account(account, &[first, second], start)
        .await;
    assert!(none.expect("an answer").is_none());
}

#[tokio::test]
async fn a_fresh_token_that_linkedin_does_not_know_yet_is_tried_again() {
    let stand = Stand::new(TestStore::sqlite().await).await;
    let wish = json!({"token_delay_seconds": 600});
    stand.control("PATCH", "faults", wish).await;
    let start = now();
    let profile = stand.connected(&stand.bob().await, "ada", start).await;
    let keeper = stand.keeper();
    let grant = keeper.token_for_profile(profile, start).await;
    let grant = grant.expect("an answer").expect("a grant");
    let refusal = stand.refusal(&grant).await;
    let report = async |now| {
        keeper
            .report(&grant, &refusal, now)
            .await
            .expect("an answer")
    };
    assert_eq!(report(start).await, Remedy::TryAgain { after_ms: 2_000 });
    assert_eq!(
        report(start + 9_000).await,
        Remedy::TryAgain { after_ms: 9_000 }
    );
    assert_eq!(stand.state(profile).await.0, "authorized");
}

on_both!(a_refusal_is_looked_into_before_a_grant_is_declared_dead);
async fn a_refusal_is_looked_into_before_a_grant_is_declared_dead(test: TestStore) {
    let stand = Stand::new(test).await;
    let start = now();
    let profile = stand.connected(&stand.bob().await, "ada", start).await;
    let keeper = stand.keeper();
    let grant = keeper.token_for_profile(profile, start).await;
    let grant = grant.expect("an answer").expect("a grant");
    let later = start + HOUR;
    let report = async |kind| {
        let failure = Failure::new(kind, Endpoint::LeadResponses);
        let remedy = keeper.report(&grant, &failure, later).await;
        remedy.expect("an answer")
    };
    // The token is in order; the member may not, or LinkedIn contradicts itself.
    for kind in [
        Kind::Unauthorized,
        Kind::RoleMissing,
        Kind::ScopeMissing,
        Kind::TokenInvalid,
    ] {
        assert_eq!(report(kind).await, Remedy::OtherProfile, "{kind:?}");
    }
    // These have nothing to do with the grant.
    for kind in [
        Kind::ServerTrouble,
        Kind::Throttled,
        Kind::VersionGone,
        Kind::Gone,
    ] {
        assert_eq!(report(kind).await, Remedy::None, "{kind:?}");
    }
    let fault = json!({"endpoint": "/oauth/v2/introspectToken", "kind": "503", "times": 1});
    stand
        .control("PATCH", "faults", json!({"errors": [fault]}))
        .await;
    assert_eq!(report(Kind::Unauthorized).await, Remedy::None);
    assert_eq!(stand.state(profile).await.0, "authorized");

    stand.control("POST", "tokens/expire", json!({})).await;
    assert_eq!(report(Kind::Unauthorized).await, Remedy::OtherProfile);
    assert_eq!(stand.state(profile).await.0, "expired");
}
