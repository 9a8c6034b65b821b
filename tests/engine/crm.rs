//! The connection to Dynamics 365 in the database: a draft until a person confirms what was proven,
//! one organization for each address, the secret sealed.

use std::sync::Arc;

use leadline::crm::dynamics::{
    AUTHORITY, Choice, Column, ColumnKind, Credential, Required, TableDescription,
};
use leadline::crm::proof::{Outcome, Proof, Proved, Step};
use leadline::error::Kind;
use leadline::lead::FieldKind;
use leadline::secret::Sealer;
use leadline::store::access::{Administrator, Signed};
use leadline::store::crm::{Connected, Crm, CrmConfig, CrmState, Draft, FoundBy, NewCredential};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::on_both;
use crate::support::TestStore;
use crate::world::KEY;

const NOW: i64 = 1_780_000_000_000;
const DAY: i64 = 24 * 60 * 60 * 1000;
const CONTOSO: Uuid = Uuid::from_u128(1);
const COPY: Uuid = Uuid::from_u128(2);

fn config() -> CrmConfig {
    CrmConfig {
        sealer: Arc::new(Sealer::from_base64(&KEY.into()).expect("a key")),
        authority: AUTHORITY.parse().expect("an address"),
        allowed_hosts: Vec::new(),
        requests: 6_000,
    }
}

async fn administrator(test: &TestStore) -> Administrator {
    let mut person = test.person().await;
    person.administrator = true;
    let signed = Signed::new(test.store.clone(), person);
    signed.administrator().expect("an administrator")
}

fn draft(version: i64, secret: Option<&str>) -> Draft {
    Draft {
        url: "https://contoso.crm.dynamics.com"
            .parse()
            .expect("an address"),
        tenant: String::new(),
        client_id: "1eadf10e-0000-4c11-8e47-000000000001".to_owned(),
        credential: NewCredential {
            credential: secret.map(|secret| Credential::Secret(secret.into())),
            expires_at: None,
        },
        language: Some(1031),
        version,
    }
}

fn table(columns: &[&str]) -> TableDescription {
    let column = |name: &&str| Column {
        logical_name: (*name).to_owned(),
        label: (*name).to_owned(),
        kind: ColumnKind::Choice,
        max_length: None,
        options: vec![Choice {
            value: 8,
            label: "Web".to_owned(),
            labels: vec!["Web".to_owned()],
        }],
        required: Required::No,
        valid_for_create: true,
        valid_for_update: true,
        min: None,
        max: None,
        precision: None,
        targets: Vec::new(),
        custom: false,
    };
    TableDescription {
        table: "lead".to_owned(),
        set: "leads".to_owned(),
        id_column: "leadid".to_owned(),
        optimistic: true,
        version: columns.join(","),
        response_key: None,
        columns: columns.iter().map(column).collect(),
    }
}

/// A proof that found this organization; `failed` is the step that does not work.
fn proof(organization: Uuid, failed: Option<Step>) -> Proof {
    let step = |step: Step| Proved {
        step,
        outcome: match failed == Some(step) {
            true => Outcome::Failed,
            false => Outcome::Passed,
        },
        message: String::new(),
    };
    Proof {
        steps: Step::ALL.map(step).to_vec(),
        tenant: Some("contoso.example".to_owned()),
        organization: Some((organization, "Contoso Sales".to_owned())),
        table: Some(table(&["leadsourcecode"])),
        lasting: failed.is_some(),
        wait: None,
    }
}

/// An administrator who has connected Contoso, and the connection's version.
async fn connected(test: &TestStore) -> (Administrator, i64) {
    let administrator = administrator(test).await;
    let version = prepared(&administrator, 0, CONTOSO).await;
    administrator
        .activate_crm(version, NOW)
        .await
        .expect("confirmed");
    (administrator, version + 1)
}

/// Keeps a draft and a proof of it; tells its version.
async fn prepared(administrator: &Administrator, version: i64, organization: Uuid) -> i64 {
    let draft = draft(version, Some("hush"));
    let version = administrator.save_crm_draft(&draft, &config(), NOW).await;
    let proof = proof(organization, None);
    let version = administrator
        .save_crm_proof(version.expect("kept"), &proof, NOW)
        .await;
    version.expect("proven")
}

async fn in_use(test: &TestStore) -> Option<Box<Connected>> {
    match test.store.crm(&config()).await.expect("an answer") {
        Crm::Builtin => None,
        Crm::Dynamics(connected) => Some(connected),
    }
}

on_both!(a_draft_is_the_crm_only_once_it_is_proven_and_confirmed);
async fn a_draft_is_the_crm_only_once_it_is_proven_and_confirmed(test: TestStore) {
    let administrator = administrator(&test).await;
    assert!(in_use(&test).await.is_none());
    let nothing = administrator
        .save_crm_draft(&draft(0, None), &config(), NOW)
        .await;
    assert_eq!(nothing.expect_err("no secret").kind(), Kind::Invalid);
    let version = administrator
        .save_crm_draft(&draft(0, Some("hush")), &config(), NOW)
        .await
        .expect("kept");
    let early = administrator.activate_crm(version, NOW).await;
    assert_eq!(early.expect_err("unproven").kind(), Kind::Conflict);
    let failed = proof(CONTOSO, Some(Step::Reading));
    let version = administrator.save_crm_proof(version, &failed, NOW).await;
    let version = version.expect("kept");
    let failed = administrator.activate_crm(version, NOW).await;
    assert_eq!(failed.expect_err("failed").kind(), Kind::Conflict);
    assert!(in_use(&test).await.is_none());

    let version = prepared(&administrator, version, CONTOSO).await;
    let late = administrator.activate_crm(version - 1, NOW).await;
    assert!(
        late.expect_err("late")
            .message()
            .contains("changed meanwhile")
    );
    administrator
        .activate_crm(version, NOW)
        .await
        .expect("confirmed");
    let connected = in_use(&test).await.expect("Dynamics");
    assert_eq!(connected.organization_id, CONTOSO);
    assert_eq!(connected.connection.tenant, "contoso.example");
    assert_eq!(
        (connected.languages.as_slice(), connected.confirmed_at),
        (&[1031][..], NOW)
    );
    let Credential::Secret(secret) = &connected.connection.credential else {
        panic!("a secret");
    };
    assert_eq!(secret.expose_secret(), "hush");
    let again = administrator
        .save_crm_draft(&draft(version + 1, None), &config(), NOW)
        .await;
    assert_eq!(again.expect_err("in use").kind(), Kind::Conflict);
}

on_both!(the_lead_fields_are_those_of_the_crm_in_use);
async fn the_lead_fields_are_those_of_the_crm_in_use(test: TestStore) {
    let (administrator, version) = connected(&test).await;
    let fields = test.store.lead_fields().await.expect("fields");
    let source = fields.get("leadsourcecode").expect("a column");
    assert_eq!(
        (source.kind, &*source.choices),
        (FieldKind::Choice, &["Web".to_owned()][..])
    );
    assert!(fields.get("jobtitle").is_none());
    let more = table(&["leadsourcecode", "new_budget"]);
    assert!(
        test.store
            .save_crm_fields(&more, NOW + 1)
            .await
            .expect("kept")
    );
    assert!(
        !test
            .store
            .save_crm_fields(&more, NOW + 2)
            .await
            .expect("kept")
    );
    let listed = administrator.list_lead_fields().await.expect("fields");
    assert_eq!(listed.len(), 2);

    administrator.leave_crm(version, NOW).await.expect("left");
    assert!(in_use(&test).await.is_none());
    let fields = test.store.lead_fields().await.expect("fields");
    assert!(fields.get("jobtitle").is_some() && fields.get("new_budget").is_none());
}

on_both!(an_address_belongs_to_one_organization_until_it_is_forgotten);
async fn an_address_belongs_to_one_organization_until_it_is_forgotten(test: TestStore) {
    let (administrator, version) = connected(&test).await;
    administrator.leave_crm(version, NOW).await.expect("left");
    let version = prepared(&administrator, version + 1, COPY).await;
    let refused = administrator.activate_crm(version, NOW).await;
    let told = refused.expect_err("another").message().to_owned();
    assert!(told.contains("Another organization answers"), "{told}");
    let claim = administrator
        .crm_claim(version, &config())
        .await
        .expect("a claim");
    assert_eq!(claim.known, Some(CONTOSO));

    administrator
        .forget_crm(version, NOW)
        .await
        .expect("forgotten");
    assert!(administrator.crm().await.expect("an answer").is_none());
    let version = prepared(&administrator, 0, COPY).await;
    administrator
        .activate_crm(version, NOW)
        .await
        .expect("confirmed");
    let connected = in_use(&test).await.expect("Dynamics");
    assert_eq!(connected.organization_id, COPY);
}

on_both!(a_connection_that_breaks_is_marked_once_and_looked_at_more_often);
async fn a_connection_that_breaks_is_marked_once_and_looked_at_more_often(test: TestStore) {
    let (administrator, version) = connected(&test).await;
    let claim = async |at: i64| {
        test.store
            .claim_crm_check(NOW + at)
            .await
            .expect("an answer")
    };
    assert!(!claim(DAY - 1).await && claim(DAY).await && !claim(DAY).await);
    let broken = async |version: i64| {
        let by = FoundBy::Look;
        let marked = test.store.mark_crm_broken(version, "Expired.", by, NOW);
        marked.await.expect("an answer")
    };
    assert!(!broken(version - 1).await, "it was changed since");
    assert!(broken(version).await && !broken(version).await);
    let connected = in_use(&test).await.expect("still Dynamics");
    assert_eq!(connected.broken.as_deref(), Some("Expired."));
    let ten_minutes = 10 * 60 * 1000;
    assert!(claim(DAY + ten_minutes).await);

    // A proof that is whole mends it; one that is not leaves what is in use as it is.
    let failed = proof(COPY, Some(Step::Organization));
    let version = administrator
        .save_crm_proof(version, &failed, NOW)
        .await
        .expect("kept");
    let connected = in_use(&test).await.expect("still Dynamics");
    assert_eq!(
        (connected.organization_id, connected.broken.is_some()),
        (CONTOSO, true)
    );
    administrator
        .save_crm_proof(version, &proof(CONTOSO, None), NOW)
        .await
        .expect("kept");
    assert!(in_use(&test).await.expect("Dynamics").broken.is_none());
    let view = administrator
        .crm()
        .await
        .expect("an answer")
        .expect("a connection");
    assert_eq!(view.state, CrmState::Active);
}

on_both!(a_secret_opens_for_its_own_column_only);
async fn a_secret_opens_for_its_own_column_only(test: TestStore) {
    let (_, _) = connected(&test).await;
    test.sql("UPDATE crm_connection SET private_key = client_secret, certificate = 'x'")
        .await;
    let opened = test.store.crm(&config()).await;
    assert_eq!(
        opened.expect_err("sealed for another column").kind(),
        Kind::Internal
    );
}
