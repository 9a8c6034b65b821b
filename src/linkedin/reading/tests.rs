use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::submission::{AnswerValue, Choice, HiddenField};

fn sample() -> Value {
    json!({
        "id": "249592fc-d272-44ba-a7db-c2bdce579507-6",
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:1234567"},
        "leadType": "SPONSORED", "testLead": true, "submittedAt": 1_689_894_599_288_i64,
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7234246, 1)",
        "leadMetadataInfo": {"sponsoredLeadMetadataInfo": {"campaign":
            {"id": "urn:li:sponsoredCampaign:198356826", "name": "Spring", "type": "SPONSORED_UPDATES"}}},
        "associatedEntityInfo": {"associatedCreative": {"id": "urn:li:sponsoredCreative:241257736"}},
        "formResponse": {
            "consentResponses": [{"consentId": 1, "accepted": false}, {"consentId": 9, "accepted": true}],
            "answers": [
                {"questionId": 3, "answerDetails": {"multipleChoiceAnswer": {"options": [1, 0]}}},
                {"questionId": 2, "answerDetails": {"textQuestionAnswer": {"answer": "kevin@example.com"}}},
                {"questionId": 1, "answerDetails": {"textQuestionAnswer": {"answer": "Kevin"}}}]},
        "form": {"id": 7_234_246, "name": "Demo form", "creationLocale": {"country": "ES", "language": "es"},
            "hiddenFields": [{"name": "source", "value": "abc"}],
            "content": {
                "questions": [
                    {"questionId": 1, "name": "First name", "predefinedField": "FIRST_NAME",
                     "question": {"localized": {"es_ES": "Nombre"}}},
                    {"questionId": 2, "name": "Email", "predefinedField": "EMAIL",
                     "question": {"localized": {"es_ES": "Correo"}}},
                    {"questionId": 3, "name": "Custom question 0", "question": {"localized": {"es_ES": "Color?"}},
                     "questionDetails": {"multipleChoiceQuestionDetails": {"options": [
                        {"id": 0, "text": {"localized": {"es_ES": "Rojo"}}},
                        {"id": 1, "text": {"localized": {"es_ES": "Azul"}}}]}}}],
                "legalInfo": {"consents": [
                    {"id": 0, "checkRequired": true, "consent": {"localized": {"es_ES": "Acepto"}}},
                    {"id": 1, "checkRequired": false, "consent": {"localized": {"es_ES": "Noticias"}}}]}}}
    })
}

fn read(value: &Value) -> Reading {
    Reading::of(&value.to_string())
}

/// The sample with another value at a JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut lead = sample();
    *lead.pointer_mut(pointer).unwrap() = value;
    lead
}

fn answer_with(details: Value) -> Value {
    with("/formResponse/answers/1/answerDetails", details)
}

#[test]
fn a_lead_is_read_and_joined_with_its_form() {
    let lead = read(&sample());
    assert_eq!(lead.malformed, None);
    assert_eq!(lead.linkedin_id, "249592fc-d272-44ba-a7db-c2bdce579507-6");
    assert_eq!(
        lead.owner.as_deref(),
        Some("urn:li:sponsoredAccount:1234567")
    );
    assert_eq!(lead.lead_type, Some(LeadType::Sponsored));
    assert!(lead.test);
    assert_eq!(lead.submitted_at, Some(1_689_894_599_288));
    let form = FormRef {
        id: 7_234_246,
        version: 1,
    };
    assert_eq!(lead.form, Some(form));
    assert_eq!(lead.form_version.map(|version| version.form), Some(form));
    let campaign = lead.campaign.unwrap();
    assert_eq!(
        (campaign.id, campaign.name.as_deref()),
        (198_356_826, Some("Spring"))
    );
    assert_eq!(
        lead.creative_urn.as_deref(),
        Some("urn:li:sponsoredCreative:241257736")
    );
    let told: Vec<_> = lead
        .answers
        .answers
        .iter()
        .map(|a| (a.title(), a.value.text()))
        .collect();
    let told: Vec<_> = told.iter().map(|(q, a)| (q.as_str(), a.as_str())).collect();
    assert_eq!(
        told,
        [
            ("Nombre", "Kevin"),
            ("Correo", "kevin@example.com"),
            ("Color?", "Azul; Rojo")
        ]
    );
    let consents: Vec<_> = lead
        .answers
        .consents
        .iter()
        .map(|c| (c.text.as_str(), c.accepted))
        .collect();
    assert_eq!(
        consents,
        [
            ("Acepto", None),
            ("Noticias", Some(false)),
            ("", Some(true))
        ]
    );
    let hidden = HiddenField {
        name: "source".to_owned(),
        value: "abc".to_owned(),
    };
    assert_eq!(lead.answers.hidden, [hidden]);
}

#[test]
fn an_organic_lead_has_an_event_and_no_campaign() {
    let mut lead = sample();
    lead["leadType"] = json!("EVENT");
    lead["owner"] = json!({"organization": "urn:li:organization:5"});
    lead["leadMetadataInfo"] = json!(null);
    lead["associatedEntityInfo"] = json!({"event": {"id": "urn:li:event:77", "name": "Fair"}});
    let lead = read(&lead);
    assert_eq!(lead.malformed, None);
    assert_eq!((lead.campaign, lead.creative_urn), (None, None));
    assert_eq!(lead.event_urn.as_deref(), Some("urn:li:event:77"));
    assert_eq!(lead.owner.as_deref(), Some("urn:li:organization:5"));
}

#[test]
fn without_decorations_the_bare_urns_do() {
    let mut lead = sample();
    lead["leadMetadataInfo"] = json!({});
    lead["associatedEntityInfo"] = json!([]);
    lead["leadMetadata"] =
        json!({"sponsoredLeadMetadata": {"campaign": "urn:li:sponsoredCampaign:4"}});
    lead["associatedEntity"] = json!({"associatedCreative": "urn:li:sponsoredCreative:5"});
    let lead = read(&lead);
    assert_eq!(lead.campaign.map(|campaign| campaign.id), Some(4));
    assert_eq!(
        lead.creative_urn.as_deref(),
        Some("urn:li:sponsoredCreative:5")
    );
}

#[test]
fn what_is_wrong_is_said_in_plain_words() {
    let cases = [
        ("/id", json!(null), "It has no usable id."),
        ("/id", json!(" "), "It has no usable id."),
        ("/id", json!("a\nb"), "It has no usable id."),
        (
            "/leadType",
            json!("HOLOGRAM"),
            "Its lead type is missing or not known.",
        ),
        (
            "/testLead",
            json!([]),
            "It does not say whether it is a test lead.",
        ),
        (
            "/submittedAt",
            json!(null),
            "The time when it was sent is missing or not a time.",
        ),
        (
            "/submittedAt",
            json!(-1),
            "The time when it was sent is missing or not a time.",
        ),
        (
            "/submittedAt",
            json!(1e300),
            "The time when it was sent is missing or not a time.",
        ),
        (
            "/versionedLeadGenFormUrn",
            json!({}),
            "It does not say which form it answers.",
        ),
        (
            "/form",
            json!([1]),
            "Its form did not come along, so its answers cannot be told apart.",
        ),
        (
            "/form/id",
            json!(5),
            "Another form came along than the one that it answers.",
        ),
        ("/formResponse", json!(null), "It has no list of answers."),
        (
            "/formResponse/answers",
            json!("x"),
            "It has no list of answers.",
        ),
        (
            "/formResponse/consentResponses",
            json!(5),
            "Its consents cannot be read.",
        ),
        (
            "/formResponse/consentResponses/0",
            json!(null),
            "Its consents cannot be read.",
        ),
        (
            "/formResponse/answers/0",
            json!(null),
            "An answer does not say which question it answers; an answer is of a kind that cannot be read.",
        ),
        (
            "/formResponse/answers/0/questionId",
            json!(-7),
            "An answer is to a question that its form does not have.",
        ),
        (
            "/formResponse/answers/1/answerDetails",
            json!(null),
            "An answer is of a kind that cannot be read.",
        ),
        (
            "/formResponse/answers/0/answerDetails",
            json!({"multipleChoiceAnswer": {"options": [7]}}),
            "An answer chooses an option that its form does not have.",
        ),
    ];
    for (pointer, value, told) in cases {
        let lead = read(&with(pointer, value.clone()));
        assert_eq!(lead.malformed.as_deref(), Some(told), "{pointer} {value}");
        assert!(lead.answers.answers.len() == 3 || pointer.starts_with("/formResponse"));
    }
}

#[test]
fn small_deviations_are_understood() {
    let cases = [
        ("/submittedAt", json!("1689894599288")),
        ("/testLead", json!("true")),
        (
            "/id",
            json!("urn:li:leadGenFormResponse:249592fc-d272-44ba-a7db-c2bdce579507-6"),
        ),
        ("/owner", json!("urn:li:sponsoredAccount:1234567")),
        ("/formResponse/answers/1/questionId", json!("2")),
        (
            "/formResponse/answers/0/answerDetails/multipleChoiceAnswer/options",
            json!(["1", 0]),
        ),
        ("/form/id", json!("urn:li:leadGenForm:7234246")),
    ];
    let wanted = read(&sample());
    for (pointer, value) in cases {
        let lead = read(&with(pointer, value));
        let bare = |reading: Reading| Reading {
            raw: String::new(),
            form_version: None,
            ..reading
        };
        assert_eq!(bare(lead), bare(wanted.clone()), "{pointer}");
    }
}

#[test]
fn answers_in_any_shape_are_kept() {
    let text = |text: &str| AnswerValue::Text(text.to_owned());
    let kept = AnswerValue::Unknown;
    let cases = [
        (
            json!({"textQuestionAnswer": {"answer": ""}}),
            text(""),
            true,
        ),
        (
            json!({"textQuestionAnswer": {"answer": null}}),
            text(""),
            true,
        ),
        (json!({"textQuestionAnswer": {}}), text(""), true),
        (
            json!({"textQuestionAnswer": {"answer": 42}}),
            text("42"),
            true,
        ),
        (
            json!({"textQuestionAnswer": {"answer": ["x"]}}),
            kept(json!({"textQuestionAnswer": {"answer": ["x"]}})),
            false,
        ),
        (
            json!({"textQuestionAnswer": null}),
            kept(json!({"textQuestionAnswer": null})),
            false,
        ),
        (
            json!({"multipleChoiceAnswer": {"options": [{}]}}),
            kept(json!({"multipleChoiceAnswer": {"options": [{}]}})),
            false,
        ),
        (
            json!({"hologram": {"x": 1}}),
            kept(json!({"hologram": {"x": 1}})),
            false,
        ),
        (json!([[[]]]), kept(json!([[[]]])), false),
    ];
    for (details, value, fine) in cases {
        let lead = read(&answer_with(details.clone()));
        assert_eq!(lead.answers.answers[1].value, value, "{details}");
        assert_eq!(lead.malformed.is_none(), fine, "{details}");
    }
}

#[test]
fn a_new_kind_of_answer_to_a_custom_question_does_not_hold_the_lead() {
    let details = json!({"ratingAnswer": {"stars": 5}});
    let lead = read(&with(
        "/formResponse/answers/0/answerDetails",
        details.clone(),
    ));
    assert_eq!(lead.answers.answers[2].value, AnswerValue::Unknown(details));
    assert_eq!(lead.malformed, None);
}

#[test]
fn answers_without_their_form_keep_their_ids() {
    let lead = read(&with("/form", json!(null)));
    let ids: Vec<_> = lead.answers.answers.iter().map(|a| a.question_id).collect();
    assert_eq!(ids, [Some(3), Some(2), Some(1)]);
    let chosen = |id| Choice { id, text: None };
    assert_eq!(
        lead.answers.answers[0].value,
        AnswerValue::Choices(vec![chosen(1), chosen(0)])
    );
    assert!(lead.malformed.is_some());
}

#[test]
fn an_id_is_made_from_the_text_and_stays_the_same() {
    let (one, two) = (r#"{"a":1}"#, r#"{"a":2}"#);
    let id = |raw| Reading::of(raw).linkedin_id;
    assert_eq!(id(one), id(one));
    assert_ne!(id(one), id(two));
    assert!(id("").starts_with("without-id-"));
    assert_eq!(id("{\"id\":7}"), "7");
}

#[test]
fn one_broken_escape_does_not_hide_the_rest() {
    let raw = sample().to_string().replace("Spring", "\\ud800");
    let lead = Reading::of(&raw);
    assert_eq!(lead.linkedin_id, "249592fc-d272-44ba-a7db-c2bdce579507-6");
    assert_eq!(lead.answers.answers.len(), 3);
    assert_eq!(lead.campaign, None);
    assert_eq!(
        lead.malformed.as_deref(),
        Some("It is not JSON that can be read throughout.")
    );
    assert_eq!(lead.raw, raw);
    let deep = format!(
        r#"{{"id":"x","owner":{}1{}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    assert_eq!(Reading::of(&deep).linkedin_id, "x");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "urn:li:[a-zA-Z]{0,12}:[(]?[0-9]{0,22}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(
                "(id|answers|questionId|answerDetails|options|localized|.{0,6})",
                inner,
                0..5
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), all);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{at}/{name}"), all);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_text_gives_a_reading(raw in ".{0,80}") {
        let lead = Reading::of(&raw);
        prop_assert!(lead.malformed.is_some());
        prop_assert!(!lead.linkedin_id.is_empty());
    }

    #[test]
    fn any_json_gives_a_reading(value in any_json()) {
        prop_assert!(read(&value).malformed.is_some());
    }

    /// Whatever is put into whatever place of a good lead: it is read, what is not understood is
    /// said without a value, and every answer of a list of answers is kept.
    #[test]
    fn junk_anywhere_in_a_lead_is_survived(place: prop::sample::Index, junk in any_json()) {
        let mut all = Vec::new();
        places(&sample(), "", &mut all);
        let lead = with(&all[place.index(all.len())], junk);
        let reading = read(&lead);
        let answers = lead.pointer("/formResponse/answers").and_then(Value::as_array);
        prop_assert_eq!(reading.answers.answers.len(), answers.map_or(0, Vec::len));
        prop_assert!(!reading.malformed.unwrap_or_default().contains("kevin"));
    }
}
