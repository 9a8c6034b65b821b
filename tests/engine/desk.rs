//! An administrator, an account, and responses that arrive as LinkedIn sends them.

use leadline::linkedin::Reading;
use leadline::store::access::{Administrator, Reader, Signed};
use leadline::store::submissions::Arrival;
use leadline::store::views::submission::Submission;
use leadline::sync::arrive::arrivals;
use leadline::sync::process::process_due;
use serde_json::{Value, json};

use crate::support::TestStore;

/// When everything happens.
pub const NOW: i64 = 1_780_000_000_000;

/// An administrator with one linked account.
pub struct Desk {
    pub test: TestStore,
    pub administrator: Administrator,
}

impl Desk {
    pub async fn new(test: TestStore) -> Desk {
        let account = "INSERT INTO linked_account (id, urn, kind, name, test, sync_enabled, form_sync_status, \
             campaign_sync_status, sync_state, not_before, failures, lease_until, created_at, modified_at) VALUES \
             (1, 'urn:li:sponsoredAccount:1', 'ad_account', 'Ads', FALSE, TRUE, 'pending', 'pending', 'idle', \
             0, 0, 0, 0, 0)";
        test.sql(account).await;
        let ann = "INSERT INTO person (id, email, email_key, name, password_hash, administrator, salesperson, disabled, \
             created_at) VALUES (2, 'ann@x.example', 'ann@x.example', 'Ann', '', TRUE, FALSE, FALSE, 0)";
        test.sql(ann).await;
        let ann = test.store.find_active_person(2).await.expect("an answer");
        let signed = Signed::new(test.store.clone(), ann.expect("Ann"));
        Desk {
            administrator: signed.administrator().expect("an administrator"),
            test,
        }
    }

    /// Lets responses arrive without deciding them.
    pub async fn keep(&self, responses: Vec<Response>) -> u64 {
        let by = Arrival {
            account_id: 1,
            profile_id: None,
            received_by: "poll",
            now: NOW,
        };
        let readings = responses.iter().map(Response::reading).collect();
        let page = arrivals(readings, NOW);
        let kept = self.test.store.save_arrivals(&page, by).await;
        kept.expect("arrived")
    }

    /// Lets responses arrive and decides all that is due.
    pub async fn arrive(&self, responses: Vec<Response>) {
        self.keep(responses).await;
        self.decide().await;
    }

    /// Decides all that is due.
    pub async fn decide(&self) {
        let decided = async || process_due(&self.test.store).await.expect("decided");
        while decided().await.submissions > 0 {}
    }

    /// Leadline's id of a submission.
    pub async fn id(&self, response: &str) -> i64 {
        let sql = format!("SELECT id AS n FROM submission WHERE linkedin_id = '{response}'");
        self.test.count(&sql).await
    }

    /// The administrator, signed in.
    pub fn signed(&self) -> Signed {
        let person = self.administrator.person().clone();
        Signed::new(self.test.store.clone(), person)
    }

    /// What the administrator sees.
    pub fn reader(&self) -> Reader {
        self.signed().reader().expect("a reader")
    }

    /// A submission as its page shows it, by LinkedIn's id of the response.
    pub async fn submission(&self, response: &str) -> Submission {
        let id = self.id(response).await;
        let found = self.reader().find_submission(id).await;
        found.expect("a submission")
    }

    /// The lead that a submission belongs to.
    pub async fn lead_of(&self, response: &str) -> i64 {
        let sql = format!("SELECT lead_id AS n FROM submission WHERE linkedin_id = '{response}'");
        self.test.count(&sql).await
    }

    /// What became of a submission: the old connector's codes, the reason as a word.
    pub async fn became(&self, response: &str) -> String {
        let sql = format!(
            "SELECT CAST(matching_status - 192350000 AS text) || ' ' || CAST(processing_state - 192350000 AS text) \
               || ' ' || reason_code AS t FROM submission WHERE linkedin_id = '{response}'"
        );
        self.test.texts(&sql).await.remove(0).trim_end().to_owned()
    }

    pub async fn leads(&self) -> i64 {
        self.test.count("SELECT count(*) AS n FROM lead").await
    }
}

/// A response to a form with whatever questions it answers.
#[derive(Debug, Clone)]
pub struct Response {
    id: String,
    at: i64,
    test: bool,
    answers: Vec<(String, Option<String>, String)>,
    hidden: Vec<(String, String)>,
    consents: Vec<(String, bool)>,
}

/// A response with an e-mail address.
pub fn response(id: &str, at: i64, email: &str) -> Response {
    let new = Response {
        id: id.to_owned(),
        at,
        test: false,
        answers: Vec::new(),
        hidden: Vec::new(),
        consents: Vec::new(),
    };
    new.says("EMAIL", email)
}

impl Response {
    /// Answers a predefined question.
    pub fn says(mut self, key: &str, answer: &str) -> Response {
        let asked = (key.to_owned(), Some(key.to_owned()), answer.to_owned());
        self.answers.push(asked);
        self
    }

    /// Answers a custom question.
    pub fn asked(mut self, question: &str, answer: &str) -> Response {
        self.answers
            .push((question.to_owned(), None, answer.to_owned()));
        self
    }

    /// Its form carries a hidden field.
    pub fn hides(mut self, name: &str, value: &str) -> Response {
        self.hidden.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its form asks for a consent.
    pub fn consents(mut self, wording: &str, accepted: bool) -> Response {
        self.consents.push((wording.to_owned(), accepted));
        self
    }

    /// It is LinkedIn's test.
    pub fn test(mut self) -> Response {
        self.test = true;
        self
    }

    /// As LinkedIn sends it.
    pub fn reading(&self) -> Reading {
        let numbered = || self.answers.iter().zip(1i64..);
        let questions = numbered().map(|((text, key, _), id)| {
            let mut question = json!({"questionId": id, "name": format!("q{id}"),
                "question": {"localized": {"en_US": text}}, "responseRequired": true});
            if let Some(key) = key {
                question["predefinedField"] = json!(key);
            }
            question
        });
        let answers = numbered().map(|((.., answer), id)| {
            json!({"questionId": id, "answerDetails": {"textQuestionAnswer": {"answer": answer}}})
        });
        let hidden = self.hidden.iter();
        let hidden = hidden.map(|(name, value)| json!({"name": name, "value": value}));
        let asked = || self.consents.iter().zip(0i64..);
        let wordings = asked().map(|((wording, _), id)| {
            json!({"id": id, "checkRequired": false, "consent": {"localized": {"en_US": wording}}})
        });
        let accepted =
            asked().map(|((_, accepted), id)| json!({"consentId": id, "accepted": accepted}));
        let lead = json!({
            "id": self.id, "leadType": "SPONSORED", "testLead": self.test, "submittedAt": self.at,
            "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:1"},
            "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7,1)",
            "formResponse": {"consentResponses": accepted.collect::<Vec<Value>>(),
                "answers": answers.collect::<Vec<Value>>()},
            "form": {"id": 7, "name": "Demo", "creationLocale": {"country": "US", "language": "en"},
                "hiddenFields": hidden.collect::<Vec<Value>>(),
                "content": {"questions": questions.collect::<Vec<Value>>(),
                    "legalInfo": {"consents": wordings.collect::<Vec<Value>>()}}},
        });
        Reading::of(&lead.to_string())
    }
}
