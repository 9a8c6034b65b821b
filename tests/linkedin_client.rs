//! The client against the sandbox, over real HTTP: what it reads, and what it makes of every way in
//! which LinkedIn can fail.

#![cfg(not(target_family = "wasm"))]
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;
use std::time::Duration;

use http::Method;
use leadline::http::{Client, Limits};
use leadline::linkedin::failure::{Kind, Whose};
use leadline::linkedin::{Action, Failure, LinkedIn, Member, Owner, ResponsesQuery, Settings};
use leadline::submission::LeadType;
use leadline_sandbox::{Config, Sandbox, Seed};
use serde_json::{Value, json};

const ACCOUNT: i64 = 501_234_567;
const NOW: i64 = 1_764_000_000_000;
const RETRY: Action = Action::Retry { not_before: None };

struct Bench {
    sandbox: Sandbox,
    http: Client,
    linkedin: LinkedIn,
    member: Member,
}

impl Bench {
    async fn start(seed: Seed) -> Bench {
        let config = Config {
            seed,
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        let limits = Limits {
            total: Duration::from_millis(1500),
            ..Limits::default()
        };
        let settings = Settings {
            api_url: sandbox.base_url(),
            limits,
            ..Settings::default()
        };
        let base = sandbox.base_url().parse().unwrap();
        let linkedin = LinkedIn::new(settings).unwrap();
        let mut bench = Bench {
            http: leadline::http::client(&base, Limits::default()).unwrap(),
            member: linkedin.member(&"no token yet".into()),
            linkedin,
            sandbox,
        };
        bench.member = bench.member_with(json!({})).await;
        bench
    }

    async fn member_with(&self, wish: Value) -> Member {
        let token = self.control("tokens", wish).await;
        let token = token["access_token"].as_str().unwrap().into();
        self.linkedin.member(&token)
    }

    async fn control(&self, what: &str, wish: Value) -> Value {
        let url = format!("{}/control/{what}", self.sandbox.base_url());
        let method = if what == "faults" { "PUT" } else { "POST" };
        let request = self
            .http
            .request(method.parse().unwrap(), url.parse().unwrap());
        let response = request.unwrap().json(&wish).send().await.unwrap();
        assert!(response.status().is_success(), "{what} {wish}");
        response.json().await.unwrap()
    }

    async fn fail_with(&self, kind: &str) {
        self.control(
            "faults",
            json!({"errors": [{"endpoint": "*", "kind": kind}]}),
        )
        .await;
    }

    async fn leads(&self, start: u64, count: u64) -> Result<Vec<String>, Failure> {
        let page = self.member.lead_responses(&query(start, count)).await?;
        Ok(page
            .elements
            .into_iter()
            .map(|lead| lead.linkedin_id)
            .collect())
    }

    async fn done(self) {
        self.sandbox.stop().await;
    }
}

fn query(start: u64, count: u64) -> ResponsesQuery {
    ResponsesQuery {
        owner: Owner::AdAccount(ACCOUNT),
        lead_type: LeadType::Sponsored,
        from: 0,
        to: 4_000_000_000_000,
        start,
        count,
    }
}

#[tokio::test]
async fn every_way_to_fail_has_its_action() {
    let bench = Bench::start(Seed::Empty).await;
    let park = |scope| Action::ParkUntil {
        until: 1_764_028_800_000,
        scope,
    };
    let cases = [
        ("500", RETRY),
        ("501", Action::Bug),
        ("503", RETRY),
        ("504", RETRY),
        ("408", RETRY),
        ("411", Action::Bug),
        ("414", Action::Bug),
        ("html_502", RETRY),
        ("connection_reset", RETRY),
        ("hang", RETRY),
        ("404", Action::Bug),
        ("405", Action::Bug),
        ("426", Action::OperatorAlert),
        ("400_version_missing", Action::Bug),
        ("empty_401", Action::Bug),
        ("invalid_401", Action::Refresh),
        ("revoked_401", Action::Reconnect),
        ("expired_401", Action::Refresh),
        ("401_scheme", Action::Introspect),
        ("401_role", Action::Introspect),
        ("app_day_429", park(Whose::App)),
        ("member_day_429", park(Whose::Member)),
        ("transient_429", RETRY),
        ("429_quota_exceeded", RETRY),
        ("403_scope", Action::ScopeMissing),
        ("403_gateway", Action::ScopeMissing),
        ("403_role", Action::RoleMissing),
        ("403_field", Action::RoleMissing),
        ("403_update", Action::RoleMissing),
        ("404_entity", Action::Gone),
        ("409", RETRY),
        ("412", Action::Bug),
        ("400_param", Action::SmallerPages),
        ("400_query", Action::SmallerPages),
        ("400_illegal_argument", Action::SmallerPages),
        ("400_missing_field", Action::Bug),
        ("422", Action::Bug),
        ("malformed_json", RETRY),
        ("truncated", RETRY),
        ("empty_body", RETRY),
        ("wrong_content_type", RETRY),
    ];
    for (kind, action) in cases {
        bench.fail_with(kind).await;
        let failure = bench.leads(0, 100).await.unwrap_err();
        assert_eq!(failure.action(NOW), action, "{kind}: {failure}");
        let unanswered = ["connection_reset", "hang"].contains(&kind);
        assert_eq!(failure.li_uuid.is_none(), unanswered, "{kind}: {failure}");
    }
    bench.fail_with("400_param").await;
    let failure = bench.leads(0, 10).await.unwrap_err();
    assert_eq!(failure.action(NOW), Action::Bug);
    bench.done().await;
}

#[tokio::test]
async fn broken_answers_are_told_apart() {
    let bench = Bench::start(Seed::Empty).await;
    let cases = [
        ("connection_reset", Kind::CutOff),
        ("truncated", Kind::CutOff),
        ("hang", Kind::TimedOut),
        ("malformed_json", Kind::NotUnderstood),
        ("empty_body", Kind::Empty),
        ("wrong_content_type", Kind::WrongContentType),
        ("html_502", Kind::ServerTrouble),
    ];
    for (kind, wanted) in cases {
        bench.fail_with(kind).await;
        let failure = bench.leads(0, 100).await.unwrap_err();
        assert_eq!(failure.kind, wanted, "{kind}");
    }
    bench.done().await;
}

#[tokio::test]
async fn a_wish_to_wait_is_passed_on() {
    let bench = Bench::start(Seed::Empty).await;
    let errors = json!([{"endpoint": "*", "kind": "transient_429"}]);
    bench
        .control("faults", json!({"errors": errors, "retry_after": 90}))
        .await;
    let action = bench.leads(0, 100).await.unwrap_err().action(NOW);
    let not_before = Some(NOW + 90_000);
    assert_eq!(action, Action::Retry { not_before });
    bench.done().await;
}

#[tokio::test]
async fn a_member_s_accounts_and_pages_are_read() {
    let bench = Bench::start(Seed::Demo).await;
    let accounts = bench.member.ad_accounts().await.unwrap();
    let accounts: Vec<_> = accounts.into_iter().map(|a| a.value.unwrap()).collect();
    let users = bench.member.ad_account_users().await.unwrap();
    let users: Vec<_> = users.into_iter().map(|u| u.value.unwrap()).collect();
    let ids = |ids: Vec<i64>| ids.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(
        ids(accounts.iter().map(|a| a.id).collect()),
        ids(users.iter().map(|u| u.account_id).collect())
    );
    let account = accounts.iter().find(|a| a.id == ACCOUNT).unwrap();
    assert!(account.name.is_some() && account.organization_name.is_some());
    assert!(accounts.iter().any(|a| a.organization_id.is_none()));
    let pages = bench.member.organization_acls().await.unwrap();
    let pages: Vec<_> = pages.into_iter().map(|p| p.value.unwrap()).collect();
    assert!(
        pages
            .iter()
            .any(|p| Some(p.organization_id) == account.organization_id)
    );
    assert!(pages.iter().all(|p| p.state.as_deref() == Some("APPROVED")));
    bench.done().await;
}

#[tokio::test]
async fn who_the_member_is_may_stay_unknown() {
    let bench = Bench::start(Seed::Demo).await;
    assert_eq!(bench.member.user_info().await, Ok(None));
    let member = bench
        .member_with(json!({"scopes": ["openid", "profile"]}))
        .await;
    let info = member.user_info().await.unwrap().unwrap();
    assert!(info.name.is_some());
    bench.done().await;
}

#[tokio::test]
async fn every_lead_is_found_on_short_pages() {
    let bench = Bench::start(Seed::Demo).await;
    let url = format!(
        "{}/control/leads?account={ACCOUNT}",
        bench.sandbox.base_url()
    );
    let truth: Value = bench
        .http
        .request(Method::GET, url.parse().unwrap())
        .unwrap()
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let truth = truth["leads"].as_array().unwrap().iter();
    let truth: BTreeSet<_> = truth
        .filter(|lead| lead["submittedAt"].as_i64() > Some(day_before_limit()))
        .map(|lead| lead["id"].as_str().unwrap().to_owned())
        .collect();
    let faults = json!({"short_pages": 0.5, "omit_total": true, "omit_next": true});
    bench.control("faults", faults).await;
    let (mut found, mut start) = (BTreeSet::new(), Some(0));
    while let Some(at) = start {
        let page = bench.member.lead_responses(&query(at, 10)).await.unwrap();
        start = page.next_start();
        found.extend(page.elements.into_iter().map(|lead| lead.linkedin_id));
    }
    assert!(truth.len() > 20 && truth.is_subset(&found));
    bench.done().await;
}

/// LinkedIn shows leads of the last 90 days; the last of them is left out of the comparison.
fn day_before_limit() -> i64 {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap() - 89 * 24 * 60 * 60 * 1000
}

#[tokio::test]
async fn the_demo_s_leads_forms_and_campaigns_can_be_read() {
    let bench = Bench::start(Seed::Demo).await;
    for account in bench.member.ad_accounts().await.unwrap() {
        let account = account.value.unwrap();
        let owner = Owner::AdAccount(account.id);
        let campaigns = bench.member.campaigns(account.id, None).await.unwrap();
        assert!(
            campaigns
                .elements
                .iter()
                .all(|campaign| campaign.value.is_ok())
        );
        let forms = bench.member.lead_forms(owner, 0, 100).await.unwrap();
        assert!(forms.elements.iter().all(|form| form.value.is_ok()));
        let wanted = ResponsesQuery {
            owner,
            ..query(0, 1000)
        };
        match bench.member.lead_responses(&wanted).await {
            Err(failure) => assert_eq!(failure.action(NOW), Action::RoleMissing),
            Ok(page) => {
                for lead in page.elements {
                    let form = lead.form_version.unwrap();
                    assert!(!form.content.questions.is_empty(), "{}", lead.raw);
                }
            }
        }
    }
    bench.done().await;
}

#[tokio::test]
async fn one_lead_is_read_by_its_id_however_strange_it_is() {
    let bench = Bench::start(Seed::Empty).await;
    let lead = json!({"answers": {"EMAIL": "ada@example.com"}, "raw": {"testLead": {"odd": true}}});
    let made = bench.control("leads", lead).await;
    let id = made["id"].as_str().unwrap();
    let lead = bench.member.lead_response(id).await.unwrap();
    assert_eq!(lead.linkedin_id, id);
    assert_eq!(
        lead.answers.predefined(&["EMAIL"]).as_deref(),
        Some("ada@example.com")
    );
    assert_eq!(
        lead.malformed.as_deref(),
        Some("It does not say whether it is a test lead.")
    );
    let failure = bench.member.lead_response("a/b?c").await.unwrap_err();
    assert_eq!(failure.action(NOW), Action::Gone);
    bench.done().await;
}

#[tokio::test]
async fn calls_are_counted() {
    let bench = Bench::start(Seed::Empty).await;
    assert_eq!(bench.linkedin.calls(), 0);
    bench.leads(0, 10).await.unwrap();
    bench.fail_with("500").await;
    bench.leads(0, 10).await.unwrap_err();
    assert_eq!(bench.linkedin.calls(), 2);
    bench.done().await;
}
