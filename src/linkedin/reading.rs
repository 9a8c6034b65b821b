//! One lead response of LinkedIn's, read as far as it can be.
//!
//! Whatever comes, something is read: what is understood becomes part of the [`Reading`], what is
//! not is kept verbatim, and `malformed` says in plain words what is wrong, without any value.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::form::FormVersion;
use super::json::{at, list, number, text_at, truth};
use super::urn::FormRef;
use crate::submission::{Answer, AnswerValue, Answers, Choice, ConsentAnswer, LeadType, Question};

/// A lead response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// LinkedIn's id; made from the text when there is none that can be used.
    pub linkedin_id: String,
    /// The URN of the ad account or organization that it belongs to.
    pub owner: Option<String>,
    /// What kind of lead it is, if this version knows the kind.
    pub lead_type: Option<LeadType>,
    /// LinkedIn's word for the kind; empty if it says nothing.
    pub lead_type_word: String,
    /// Whether it is a test lead.
    pub test: bool,
    /// When it was sent, in milliseconds.
    pub submitted_at: Option<i64>,
    /// The form version that it answers.
    pub form: Option<FormRef>,
    /// That form version, if LinkedIn sent it along.
    pub form_version: Option<FormVersion>,
    /// The campaign that it came from.
    pub campaign: Option<CampaignRef>,
    /// The URN of the creative that it came from.
    pub creative_urn: Option<String>,
    /// The URN of the event that it registers for.
    pub event_urn: Option<String>,
    /// What was answered, joined with the form.
    pub answers: Answers,
    /// What is wrong with it; `None` if all is well.
    pub malformed: Option<String>,
    /// Exactly what LinkedIn sent.
    pub raw: String,
}

/// The campaign as a lead names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRef {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// Its type, such as `SPONSORED_UPDATES`.
    pub kind: Option<String>,
}

/// The last millisecond of the year 9999, beyond which nothing is a time.
const LATEST: i64 = 253_402_300_799_999;

impl Reading {
    /// Reads a lead response; never fails.
    #[must_use]
    pub fn of(raw: &str) -> Reading {
        let mut problems = Problems::default();
        let lead = parse(raw, &mut problems);
        let form = form_ref(&lead, &mut problems);
        let form_version = form_version(&lead, form, &mut problems);
        let answers = answers(&lead, form_version.as_ref(), &mut problems);
        let lead_type_word = text_at(&lead, &["leadType"]).unwrap_or_default();
        let lead_type = LeadType::parse(&lead_type_word);
        problems.unless(lead_type.is_some(), "its lead type is missing or not known");
        Reading {
            linkedin_id: linkedin_id(&lead, raw, &mut problems),
            owner: owner(&lead),
            lead_type,
            lead_type_word,
            test: test(&lead, &mut problems),
            submitted_at: submitted_at(&lead, &mut problems),
            form,
            form_version,
            campaign: campaign(&lead),
            creative_urn: creative(&lead),
            event_urn: entity(&lead, "event"),
            answers,
            malformed: problems.told(),
            raw: raw.to_owned(),
        }
    }
}

/// What is wrong, each thing said once.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn note(&mut self, problem: impl Into<String>) {
        let problem = problem.into();
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    fn unless(&mut self, well: bool, problem: &str) {
        if !well {
            self.note(problem);
        }
    }

    fn told(self) -> Option<String> {
        let mut text = self.0.join("; ");
        let first = text.get(..1)?.to_uppercase();
        text.replace_range(..1, &first);
        text.push('.');
        Some(text)
    }
}

/// The response as JSON. If it cannot be read as a whole, because of one broken escape or a number
/// that is too large, those of its fields that can be read are still used.
fn parse(raw: &str, problems: &mut Problems) -> Value {
    let whole = serde_json::from_str(raw);
    let lead = whole.unwrap_or_else(|_| {
        problems.note("it is not JSON that can be read throughout");
        Value::Object(readable_fields(raw))
    });
    problems.unless(lead.is_object(), "it is not an object");
    lead
}

fn readable_fields(raw: &str) -> Map<String, Value> {
    let fields: std::collections::BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(raw).unwrap_or_default();
    let readable =
        |(name, raw): (String, Box<RawValue>)| Some((name, serde_json::from_str(raw.get()).ok()?));
    fields.into_iter().filter_map(readable).collect()
}

fn linkedin_id(lead: &Value, raw: &str, problems: &mut Problems) -> String {
    let given = match at(lead, &["id"]) {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(id)) => {
            let id = id.trim();
            Some(
                id.strip_prefix("urn:li:leadGenFormResponse:")
                    .unwrap_or(id)
                    .to_owned(),
            )
        }
        _ => None,
    };
    let usable =
        |id: &String| !id.is_empty() && id.len() <= 200 && !id.chars().any(char::is_control);
    given.filter(usable).unwrap_or_else(|| {
        problems.note("it has no usable id");
        let digest = Sha256::digest(raw.as_bytes());
        let hex: String = digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("without-id-{hex}")
    })
}

fn owner(lead: &Value) -> Option<String> {
    text_at(lead, &["owner", "sponsoredAccount"])
        .or_else(|| text_at(lead, &["owner", "organization"]))
        .or_else(|| text_at(lead, &["owner"]))
}

fn test(lead: &Value, problems: &mut Problems) -> bool {
    let Some(value) = at(lead, &["testLead"]) else {
        return false;
    };
    truth(value).unwrap_or_else(|| {
        problems.note("it does not say whether it is a test lead");
        false
    })
}

fn submitted_at(lead: &Value, problems: &mut Problems) -> Option<i64> {
    let time = at(lead, &["submittedAt"])
        .and_then(number)
        .filter(|time| (0..=LATEST).contains(time));
    problems.unless(
        time.is_some(),
        "the time when it was sent is missing or not a time",
    );
    time
}

fn form_ref(lead: &Value, problems: &mut Problems) -> Option<FormRef> {
    let form = text_at(lead, &["versionedLeadGenFormUrn"]).and_then(|urn| FormRef::parse(&urn));
    problems.unless(form.is_some(), "it does not say which form it answers");
    form
}

/// The form that came along, if it is the one that was answered.
fn form_version(
    lead: &Value,
    form: Option<FormRef>,
    problems: &mut Problems,
) -> Option<FormVersion> {
    let form = form?;
    let sent = at(lead, &["form"]).filter(|sent| sent.is_object());
    let Some(sent) = sent else {
        problems.note("its form did not come along, so its answers cannot be told apart");
        return None;
    };
    let other = at(sent, &["id"])
        .and_then(|id| super::json::id(id, "leadGenForm"))
        .is_some_and(|id| id != form.id);
    problems.unless(
        !other,
        "another form came along than the one that it answers",
    );
    (!other).then(|| FormVersion::of(form, sent))
}

fn campaign(lead: &Value) -> Option<CampaignRef> {
    let info = at(
        lead,
        &["leadMetadataInfo", "sponsoredLeadMetadataInfo", "campaign"],
    );
    let bare = || at(lead, &["leadMetadata", "sponsoredLeadMetadata", "campaign"]);
    let id = |value: &Value| super::json::id(value, "sponsoredCampaign");
    Some(CampaignRef {
        id: info
            .and_then(|info| id(at(info, &["id"])?))
            .or_else(|| id(bare()?))?,
        name: info.and_then(|info| text_at(info, &["name"])),
        kind: info.and_then(|info| text_at(info, &["type"])),
    })
}

fn creative(lead: &Value) -> Option<String> {
    let names = [
        "associatedCreative",
        "associatedCreativeInfo",
        "sponsoredCreative",
    ];
    names.into_iter().find_map(|name| entity(lead, name))
}

/// The URN of what the lead came from, decorated or bare.
fn entity(lead: &Value, name: &str) -> Option<String> {
    text_at(lead, &["associatedEntityInfo", name, "id"])
        .or_else(|| text_at(lead, &["associatedEntityInfo", name]))
        .or_else(|| text_at(lead, &["associatedEntity", name]))
        .filter(|urn| urn.starts_with("urn:li:"))
}

fn answers(lead: &Value, form: Option<&FormVersion>, problems: &mut Problems) -> Answers {
    let response = at(lead, &["formResponse"]);
    let given = response.and_then(|response| at(response, &["answers"])?.as_array());
    problems.unless(given.is_some(), "it has no list of answers");
    let mut read: Vec<Answer> = given
        .into_iter()
        .flatten()
        .map(|value| answer(value, form, problems))
        .collect();
    let position = |answer: &Answer| {
        let questions = form.map_or(&[][..], |form| &form.content.questions);
        let found = questions
            .iter()
            .position(|q| Some(q.id) == answer.question_id);
        found.unwrap_or(usize::MAX)
    };
    read.sort_by_cached_key(position);
    Answers {
        answers: read,
        consents: consents(response, form, problems),
        hidden: form.map_or_else(Vec::new, |form| form.content.hidden.clone()),
    }
}

fn answer(value: &Value, form: Option<&FormVersion>, problems: &mut Problems) -> Answer {
    let question_id = at(value, &["questionId"]).and_then(number);
    let question = form.and_then(|form| {
        let questions = &form.content.questions;
        questions.iter().find(|q| Some(q.id) == question_id)
    });
    if question_id.is_none() {
        problems.note("an answer does not say which question it answers");
    } else if form.is_some() && question.is_none() {
        problems.note("an answer is to a question that its form does not have");
    }
    let empty = || (String::new(), String::new(), None);
    let (name, text, predefined) = question.map_or_else(empty, |q| {
        (q.name.clone(), q.text.clone(), q.predefined.clone())
    });
    Answer {
        question_id,
        name,
        question: text,
        predefined,
        value: answer_value(value, question, problems),
    }
}

fn answer_value(
    value: &Value,
    question: Option<&Question>,
    problems: &mut Problems,
) -> AnswerValue {
    let details = at(value, &["answerDetails"]);
    let written = details.and_then(|details| details.get("textQuestionAnswer"));
    if let Some(text) = written.and_then(written_text) {
        return AnswerValue::Text(text);
    }
    if let Some(chosen) = details.and_then(chosen) {
        let choices = chosen.into_iter().map(|id| choice(id, question, problems));
        return AnswerValue::Choices(choices.collect());
    }
    // A new kind of answer to a custom question is worth keeping, but no reason to hold the lead;
    // a predefined one may be what the lead is found by.
    let custom = question.is_some_and(|question| question.predefined.is_none());
    let new_kind = written.is_none()
        && details.and_then(Value::as_object).is_some_and(|details| {
            details.len() == 1 && !details.contains_key("multipleChoiceAnswer")
        });
    problems.unless(
        custom && new_kind,
        "an answer is of a kind that cannot be read",
    );
    AnswerValue::Unknown(details.unwrap_or(value).clone())
}

/// What was written; nothing when the box was left empty.
fn written_text(written: &Value) -> Option<String> {
    match written.as_object()?.get("answer") {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(_) => None,
    }
}

/// The ids of the options that were chosen.
fn chosen(details: &Value) -> Option<Vec<i64>> {
    let options = at(details, &["multipleChoiceAnswer", "options"])?.as_array()?;
    options.iter().map(number).collect()
}

fn choice(id: i64, question: Option<&Question>, problems: &mut Problems) -> Choice {
    let options = question.map_or(&[][..], |question| &question.options);
    let text = options
        .iter()
        .find(|option| option.id == id)
        .map(|option| option.text.clone());
    problems.unless(
        text.is_some() || question.is_none(),
        "an answer chooses an option that its form does not have",
    );
    Choice { id, text }
}

/// The form's consents in its order with what was said to them, then those that it does not know.
fn consents(
    response: Option<&Value>,
    form: Option<&FormVersion>,
    problems: &mut Problems,
) -> Vec<ConsentAnswer> {
    let given = response.map_or(&[][..], |response| list(response, &["consentResponses"]));
    let odd = response
        .and_then(|response| at(response, &["consentResponses"]))
        .is_some_and(|consents| !consents.is_array());
    problems.unless(!odd, "its consents cannot be read");
    let mut said: Vec<(i64, Option<bool>)> = Vec::new();
    for consent in given {
        match at(consent, &["consentId"]).and_then(number) {
            Some(id) => said.push((id, at(consent, &["accepted"]).and_then(truth))),
            None => problems.note("its consents cannot be read"),
        }
    }
    let asked = form.map_or(&[][..], |form| &form.content.consents);
    let mut consents: Vec<ConsentAnswer> = asked
        .iter()
        .map(|asked| ConsentAnswer {
            id: asked.id,
            text: asked.text.clone(),
            required: asked.required,
            accepted: said
                .iter()
                .find(|(id, _)| *id == asked.id)
                .and_then(|(_, yes)| *yes),
        })
        .collect();
    let unasked = said
        .into_iter()
        .filter(|(id, _)| asked.iter().all(|asked| asked.id != *id));
    consents.extend(unasked.map(|(id, accepted)| ConsentAnswer {
        id,
        text: String::new(),
        required: false,
        accepted,
    }));
    consents
}
