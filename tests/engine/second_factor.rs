//! The second factor: from the first code to a lost phone.

use leadline::secret::Sealer;
use leadline::store::access::Signed;
use leadline::store::own_account::Sure;
use leadline::store::people::{NewPerson, Person};
use leadline::store::second_factor::Used;
use leadline::store::sessions::Kept;
use leadline::totp::Authenticator;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Builder, Secret};

use crate::on_both;
use crate::support::TestStore;

const NOW: i64 = 1_800_000_000_000;
const STEP: i64 = 30_000;
const PASSWORD: &str = "a few words in a row";
const HERE: &str = "this browser";

fn sealer() -> Sealer {
    let key = SecretString::from("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    Sealer::from_base64(&key).expect("a key")
}

/// Somebody who sets up, uses and loses a second factor.
struct Ada<'a> {
    test: &'a TestStore,
    signed: Signed,
    secret: Option<SecretString>,
}

/// Another administrator.
async fn bob(test: &TestStore) -> Person {
    let new = NewPerson {
        email: "bob@example.com",
        name: "Bob",
        password: PASSWORD,
        administrator: true,
        salesperson: false,
    };
    test.store.create_person(new, NOW).await.expect("made")
}

impl Ada<'_> {
    async fn new(test: &TestStore) -> Ada<'_> {
        let new = NewPerson {
            email: "ada@example.com",
            name: "Ada Lovelace",
            password: PASSWORD,
            administrator: true,
            salesperson: false,
        };
        let person = test.store.create_person(new, NOW).await.expect("made");
        Ada {
            test,
            signed: Signed::new(test.store.clone(), person),
            secret: None,
        }
    }

    /// With the second factor on, and her recovery codes.
    async fn with_second_factor(test: &TestStore) -> (Ada<'_>, Vec<String>) {
        let mut ada = Ada::new(test).await;
        ada.begin().await;
        let codes = ada.confirm(&ada.code(NOW), NOW).await;
        (ada, codes.expect("the code counts"))
    }

    fn person(&self) -> &Person {
        self.signed.person()
    }

    async fn sure(&self) -> Sure {
        let sure = self.signed.prove(PASSWORD).await.expect("an answer");
        sure.expect("her password")
    }

    async fn begin(&mut self) {
        let begun = self.sure().await.begin_second_factor(&sealer()).await;
        begun.expect("a new secret");
        let shown = self.signed.new_authenticator(&sealer()).await;
        let shown: Authenticator = shown.expect("an answer").expect("a new one");
        self.secret = Some(shown.secret());
    }

    async fn confirm(&self, code: &str, now: i64) -> Option<Vec<String>> {
        let (signed, sealer) = (&self.signed, sealer());
        let confirmed = signed.confirm_second_factor(&sealer, code, HERE, now);
        confirmed.await.expect("an answer")
    }

    /// What her phone shows.
    fn code(&self, now: i64) -> String {
        let secret = self.secret.as_ref().expect("a secret").expose_secret();
        let secret = Secret::try_from_base32(secret).expect("base32");
        let totp = Builder::new().with_secret(secret).build().expect("a code");
        let seconds = u64::try_from(now / 1000).expect("after the epoch");
        totp.generate(seconds).to_string()
    }

    async fn uses(&self, code: &str, now: i64) -> Option<Used> {
        let (store, sealer) = (&self.test.store, sealer());
        let used = store.use_code(&sealer, self.person().id, code, now);
        used.await.expect("an answer")
    }

    async fn is_on(&self) -> bool {
        let second = self.test.store.second_factor(self.person().id).await;
        second.expect("an answer").on_since.is_some()
    }

    async fn codes_left(&self) -> i64 {
        let second = self.test.store.second_factor(self.person().id).await;
        second.expect("an answer").codes_left
    }
}

/// What the audit log says about the second factor.
async fn log(test: &TestStore) -> Vec<String> {
    let said = "SELECT action || ' of ' || noun_name || ' by ' || actor_name AS t FROM audit_event \
                WHERE action <> 'created'";
    test.texts(said).await
}

on_both!(it_holds_only_after_a_first_code_has_confirmed_it);
async fn it_holds_only_after_a_first_code_has_confirmed_it(test: TestStore) {
    let mut ada = Ada::new(&test).await;
    ada.begin().await;
    assert!(!ada.is_on().await);
    assert_eq!(ada.uses(&ada.code(NOW), NOW).await, None, "not yet");
    assert_eq!(ada.confirm("000000", NOW).await, None);
    assert!(!ada.is_on().await);
    let codes = ada.confirm(&ada.code(NOW), NOW).await.expect("counts");
    assert!(ada.is_on().await);
    assert_eq!((codes.len(), ada.codes_left().await), (10, 10));
    assert_eq!(
        ada.uses(&ada.code(NOW), NOW).await,
        None,
        "was the first code"
    );
    assert_eq!(
        log(&test).await,
        ["second-factor-on of Ada Lovelace by Ada Lovelace"]
    );
    let again = ada.sure().await.begin_second_factor(&sealer()).await;
    assert!(again.is_err(), "nobody replaces what is on");
}

on_both!(a_code_counts_once_and_an_older_one_not_after_it);
async fn a_code_counts_once_and_an_older_one_not_after_it(test: TestStore) {
    let (ada, _) = Ada::with_second_factor(&test).await;
    let (older, newer) = (ada.code(NOW + STEP), ada.code(NOW + 2 * STEP));
    let now = NOW + 2 * STEP;
    assert_eq!(ada.uses(&newer, now).await, Some(Used::App));
    assert_eq!(ada.uses(&newer, now).await, None, "used");
    assert_eq!(ada.uses(&older, now).await, None, "older");
    let next = ada.code(NOW + 3 * STEP);
    assert_eq!(
        ada.uses(&next, now).await,
        Some(Used::App),
        "her clock is ahead"
    );
}

on_both!(of_many_who_give_the_same_code_at_once_one_gets_in);
async fn of_many_who_give_the_same_code_at_once_one_gets_in(test: TestStore) {
    let (ada, recovery) = Ada::with_second_factor(&test).await;
    let now = NOW + 10 * STEP;
    for code in [ada.code(now), recovery[0].clone()] {
        let person = ada.person().id;
        let tries = (0..8).map(|_| {
            let (store, code) = (test.store.clone(), code.clone());
            tokio::spawn(async move { store.use_code(&sealer(), person, &code, now).await })
        });
        let mut let_in = 0;
        for attempt in tries.collect::<Vec<_>>() {
            let used = attempt.await.expect("no panic").expect("an answer");
            let_in += i32::from(used.is_some());
        }
        assert_eq!(let_in, 1, "{code}");
    }
}

on_both!(a_recovery_code_counts_once_and_is_worth_nothing_after_new_ones_were_made);
async fn a_recovery_code_counts_once_and_is_worth_nothing_after_new_ones_were_made(
    test: TestStore,
) {
    let (ada, codes) = Ada::with_second_factor(&test).await;
    let shouted = codes[0].to_uppercase().replace('-', " ");
    assert_eq!(ada.uses(&shouted, NOW).await, Some(Used::RecoveryCode));
    assert_eq!(ada.uses(&codes[0], NOW).await, None, "used");
    assert_eq!(ada.uses("aaaaa-aaaaa", NOW).await, None, "invented");
    assert_eq!(ada.codes_left().await, 9);
    let sure = ada.sure().await;
    let wrong = sure.renew_recovery_codes(&sealer(), "000000", NOW).await;
    assert_eq!(wrong.expect("an answer"), None);
    let renewed = sure.renew_recovery_codes(&sealer(), &codes[1], NOW).await;
    let renewed = renewed.expect("an answer").expect("counts");
    assert_eq!(ada.uses(&codes[2], NOW).await, None, "replaced");
    assert_eq!(ada.uses(&renewed[0], NOW).await, Some(Used::RecoveryCode));
    assert_eq!(ada.codes_left().await, 9);
    let said = log(&test).await;
    let used = "recovery-code-used of Ada Lovelace by Ada Lovelace".to_owned();
    assert_eq!(said.iter().filter(|line| **line == used).count(), 3);
    assert!(said.contains(&"recovery-codes-made of Ada Lovelace by Ada Lovelace".to_owned()));
}

on_both!(switching_on_ends_the_other_sessions);
async fn switching_on_ends_the_other_sessions(test: TestStore) {
    let mut ada = Ada::new(&test).await;
    for id in [HERE, "a stolen one"] {
        let kept = Kept {
            person: Some(ada.person().id),
            data: "{}",
            ..Kept::default()
        };
        let begun = test.store.create_session(id, kept, NOW).await;
        begun.expect("kept");
    }
    ada.begin().await;
    ada.confirm(&ada.code(NOW), NOW).await.expect("counts");
    let left = |id| test.store.find_session(id, NOW);
    assert!(left(HERE).await.expect("an answer").is_some());
    assert!(left("a stolen one").await.expect("an answer").is_none());
}

on_both!(it_is_switched_off_with_a_code_or_by_an_administrator);
async fn it_is_switched_off_with_a_code_or_by_an_administrator(test: TestStore) {
    let (mut ada, _) = Ada::with_second_factor(&test).await;
    let now = NOW + STEP;
    let (sure, sealer) = (ada.sure().await, sealer());
    let off = sure.switch_off_second_factor(&sealer, "000000", now);
    assert!(!off.await.expect("an answer") && ada.is_on().await);
    let code = ada.code(now);
    let off = sure.switch_off_second_factor(&sealer, &code, now);
    assert!(off.await.expect("an answer") && !ada.is_on().await);
    assert_eq!(ada.codes_left().await, 0);

    ada.begin().await;
    ada.confirm(&ada.code(NOW), NOW).await.expect("counts");
    let bob = bob(&test).await;
    let administrator = Signed::new(test.store.clone(), bob).administrator();
    let administrator = administrator.expect("he is one");
    for _ in 0..2 {
        let off = administrator.switch_off_second_factor(ada.person().id, now);
        off.await.expect("off");
    }
    assert!(!ada.is_on().await);
    let unknown = administrator.switch_off_second_factor(999, now).await;
    assert!(unknown.is_err());
    let said = log(&test).await;
    let off = said
        .iter()
        .filter(|line| line.starts_with("second-factor-off"));
    let by = [
        "second-factor-off of Ada Lovelace by Ada Lovelace",
        "second-factor-off of Ada Lovelace by Bob",
    ];
    assert_eq!(off.collect::<Vec<_>>(), by);
}

on_both!(neither_the_secret_nor_a_recovery_code_can_be_read_in_the_database);
async fn neither_the_secret_nor_a_recovery_code_can_be_read_in_the_database(test: TestStore) {
    let (ada, codes) = Ada::with_second_factor(&test).await;
    let secret = ada.secret.as_ref().expect("a secret").expose_secret();
    let bytes = Secret::try_from_base32(secret).expect("base32");
    let kept = test.blob("SELECT totp_secret AS b FROM person").await;
    for readable in [secret.as_bytes(), bytes.as_bytes()] {
        let found = kept.windows(readable.len()).any(|part| part == readable);
        assert!(!found, "sealed");
    }
    for hash in test.texts("SELECT hash AS t FROM recovery_code").await {
        assert!(hash.starts_with("$argon2id$"), "{hash}");
    }
    assert_eq!(codes.len(), 10);
    // In another person's row it does not open.
    let bob = bob(&test).await;
    test.sql("UPDATE person SET totp_confirmed_at = 1, totp_secret = (SELECT totp_secret FROM person WHERE name = 'Ada Lovelace') WHERE name = 'Bob'").await;
    let now = NOW + STEP;
    let moved = test
        .store
        .use_code(&sealer(), bob.id, &ada.code(now), now)
        .await;
    assert!(moved.is_err());
}
