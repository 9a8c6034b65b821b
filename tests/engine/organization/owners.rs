//! Whose leads are, here and there.

use leadline::error::Kind;
use leadline::store::access::{Reader, Signed};
use leadline::store::settings::{Settings, Visibility};
use leadline_sandbox::known;
use serde_json::{Value, json};

use super::state::DONE;
use super::{CREATED, Office};
use crate::desk::{NOW, response};
use crate::on_both;
use crate::support::TestStore;

const KEVIN: &str = "kevin.obrien@brightworks.example";
const MIA: i64 = 3;
const LOU: i64 = 4;
const SAM: i64 = 5;

impl Office {
    /// A salesperson of Leadline, who sees only what is their own.
    pub(super) async fn employ(&self, id: i64, name: &str, email: &str) -> Reader {
        let sql = format!(
            "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
               created_at) VALUES ({id}, '{email}', '{}', '{name}', '', FALSE, TRUE, FALSE, 0)",
            email.to_lowercase()
        );
        self.desk.test.sql(&sql).await;
        let administrator = &self.desk.administrator;
        let own = Settings {
            salesperson_visibility: Visibility::Own,
            ..administrator.settings().await.expect("settings")
        };
        let saved = administrator.save_settings(&own, NOW).await;
        saved.expect("saved");
        let store = &self.desk.test.store;
        let person = store.find_active_person(id).await.expect("an answer");
        let signed = Signed::new(store.clone(), person.expect("the person"));
        signed.reader().expect("a reader")
    }

    /// Whose Kevin's lead is here, and the submission that it belongs to; 0 for nobody.
    async fn owners(&self) -> (i64, i64) {
        let lead = self.lead(known::OTHER_CASE).await;
        let owner = format!("SELECT COALESCE(owner_id, 0) AS n FROM lead WHERE id = {lead}");
        let of_it = format!(
            "SELECT MAX(COALESCE(owner_id, 0)) AS n FROM submission WHERE lead_id = {lead}"
        );
        let test = &self.desk.test;
        (test.count(&owner).await, test.count(&of_it).await)
    }

    /// Whose Kevin's lead is there.
    async fn owner_there(&self) -> Value {
        self.there().await[known::OTHER_CASE]["ownerid"]["id"].clone()
    }

    /// Ann gives Kevin's lead to somebody.
    async fn give(&self, owner: i64) {
        let lead = self.lead(known::OTHER_CASE).await;
        self.desk.edit(lead, |edit| edit.owner = Some(owner)).await;
    }

    /// Somebody there gives Kevin's lead to a user or a team.
    async fn give_there(&self, to: &str) {
        let to = json!({ "ownerid@odata.bind": to });
        self.changes_there(known::OTHER_CASE, to).await;
    }

    /// Kevin answers once more.
    async fn kevin(&self, n: i64) {
        let job = format!("Chef {n}");
        let again = response(&format!("r{n}"), NOW + n, KEVIN).says("JOB_TITLE", &job);
        self.arrive(vec![again]).await;
        assert_eq!(self.there().await[known::OTHER_CASE]["jobtitle"], job);
    }
}

fn user(id: &str) -> String {
    format!("/systemusers({id})")
}

async fn a_lead_is_theirs_here_whose_it_is_there(test: TestStore) {
    let office = Office::new(test).await;
    let mia = office
        .employ(MIA, "Mia", "Mia.Keller@Contoso.example")
        .await;
    let sam = office.employ(SAM, "Sam", "sam@x.example").await;
    office.kevin(1).await;
    let (lead, submission) = (
        office.lead(known::OTHER_CASE).await,
        office.desk.id("r1").await,
    );
    let seen = mia.find_lead(lead).await.expect("her lead");
    assert_eq!(seen.row.owner_name.as_deref(), Some("Mia"));
    mia.find_submission(submission)
        .await
        .expect("and what came for it");
    for refused in [
        sam.find_lead(lead).await.err(),
        sam.find_submission(submission).await.err(),
    ] {
        assert_eq!(refused.expect("not his").kind(), Kind::NotFound);
    }

    // It is given away there: to somebody who is here, to a team, and back.
    office.employ(LOU, "Lou", "lou.adams@contoso.example").await;
    office.give_there(&user(known::LOU)).await;
    office.kevin(2).await;
    assert_eq!(office.owners().await, (LOU, LOU));
    assert!(
        mia.find_lead(lead).await.is_err(),
        "it is not hers any more"
    );
    office.give_there(&format!("/teams({})", known::TEAM)).await;
    office.kevin(3).await;
    assert_eq!(office.owners().await, (0, 0));
    office.give_there(&user(known::MIA)).await;
    office.kevin(4).await;
    office.kevin(5).await;
    assert_eq!(office.owners().await, (MIA, MIA));
    assert_eq!(
        office.owner_there().await,
        known::MIA,
        "nothing was given away by that"
    );
    let asked = office.answered("GET systemusers", DONE).await;
    assert_eq!(
        asked,
        1 + 3,
        "once by the proof, then once for each of them"
    );
}
on_both!(a_lead_is_theirs_here_whose_it_is_there);

async fn whoever_comes_to_leadline_later_gets_their_leads(test: TestStore) {
    let office = Office::new(test).await;
    office.kevin(1).await;
    assert_eq!(office.owners().await, (0, 0), "nobody is here whose it is");
    office
        .employ(MIA, "Mia", "mia.keller@contoso.example")
        .await;
    office.kevin(2).await;
    assert_eq!(office.owners().await, (MIA, MIA));
}
on_both!(whoever_comes_to_leadline_later_gets_their_leads);

async fn a_lead_that_is_given_to_somebody_here_is_given_to_them_there(test: TestStore) {
    let office = Office::new(test).await;
    office
        .employ(MIA, "Mia", "mia.keller@contoso.example")
        .await;
    office.employ(LOU, "Lou", "lou.adams@contoso.example").await;
    office.employ(SAM, "Sam", "sam@x.example").await;
    office.kevin(0).await;
    office.give_there(&user(known::USER)).await;
    office.kevin(1).await;
    assert_eq!(office.owners().await, (0, 0));
    office.give(MIA).await;
    office.work().await;
    assert_eq!(office.owner_there().await, known::MIA);
    assert_eq!(office.owners().await, (MIA, MIA));

    // Sam has no user there: the lead is his here, and stays so when it is seen again.
    let before = office.answered("PATCH leads", DONE).await;
    office.give(SAM).await;
    office.work().await;
    assert_eq!(office.answered("PATCH leads", DONE).await, before);
    office.kevin(2).await;
    assert_eq!(office.owners().await, (SAM, SAM));
    assert_eq!(office.owner_there().await, known::MIA);

    // Somebody there gives it away after it was given to Mia here, but before that has arrived.
    office.give_there(&user(known::USER)).await;
    office.kevin(3).await;
    assert_eq!(office.owners().await, (0, 0));
    office.give(MIA).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    office.give_there(&user(known::LOU)).await;
    office.work().await;
    assert_eq!(office.owner_there().await, known::LOU);
    assert_eq!(office.owners().await, (LOU, LOU));
    // And the other way round.
    office.give_there(&user(known::USER)).await;
    office.give(MIA).await;
    office.work().await;
    assert_eq!(office.owner_there().await, known::MIA);
    assert_eq!(office.owners().await, (MIA, MIA));
}
on_both!(a_lead_that_is_given_to_somebody_here_is_given_to_them_there);

async fn a_new_lead_stays_its_owners_whether_they_have_a_user_there_or_not(test: TestStore) {
    let office = Office::new(test).await;
    office
        .employ(MIA, "Mia", "mia.keller@contoso.example")
        .await;
    office.employ(SAM, "Sam", "sam@x.example").await;
    for (id, owner, there) in [("r1", MIA, known::MIA), ("r2", SAM, known::USER)] {
        let default = format!("UPDATE linked_account SET default_owner_id = {owner}");
        office.desk.test.sql(&default).await;
        let email = format!("{id}@harbor.example");
        office.arrive(vec![response(id, NOW, &email)]).await;
        let again = response(&format!("{id} again"), NOW + 1, &email).says("JOB_TITLE", "Chef");
        office.arrive(vec![again]).await;
        assert_eq!(office.desk.became(id).await, CREATED);
        let lead = office.of(&email).await.remove(0);
        assert_eq!(
            (&lead["ownerid"]["id"], &lead["jobtitle"]),
            (&json!(there), &json!("Chef"))
        );
        let owned = format!("SELECT owner_id AS n FROM lead WHERE email = '{email}'");
        assert_eq!(office.desk.test.count(&owned).await, owner);
    }
}
on_both!(a_new_lead_stays_its_owners_whether_they_have_a_user_there_or_not);
