//! A response as LinkedIn told it → a submission as it is kept. Pure.

use crate::lead::{FieldKind, normalise};
use crate::linkedin::{FormVersion, Reading};
use crate::store::campaigns::NewCampaign;
use crate::store::submissions::{Arrivals, NewSubmission};
use crate::submission::Answers;

/// Characters of a person's name that a list keeps.
const NAME_LENGTH: usize = 200;
/// Bytes of an e-mail address that a list keeps; longer ones exist in hostile answers only.
const EMAIL_BYTES: usize = 320;

/// A page of responses, read at `now`, ready to be kept.
#[must_use]
pub fn arrivals(readings: Vec<Reading>, now: i64) -> Arrivals {
    let mut arrivals = Arrivals::default();
    let mut forms: Vec<FormVersion> = Vec::new();
    for mut reading in readings {
        if let Some(form) = reading.form_version.take()
            && !forms.iter().any(|known| known.form == form.form)
        {
            forms.push(form);
        }
        if let Some(campaign) = mentioned_campaign(&reading)
            && !arrivals
                .campaigns
                .iter()
                .any(|c| c.linkedin_id == campaign.linkedin_id)
        {
            arrivals.campaigns.push(campaign);
        }
        arrivals.submissions.push(submission(reading, now));
    }
    arrivals.forms = forms;
    arrivals
}

/// A response without a time counts as sent when it was read, so that it is decided at all.
fn submission(reading: Reading, now: i64) -> NewSubmission {
    NewSubmission {
        revision: reading.submitted_at.unwrap_or(0),
        submitted_at: reading.submitted_at.unwrap_or(now),
        test: reading.test,
        form: reading.form,
        campaign: reading.campaign.map(|campaign| campaign.id),
        creative_urn: reading.creative_urn,
        person_name: person_name(&reading.answers),
        person_email: person_email(&reading.answers),
        answers: serde_json::to_string(&reading.answers).unwrap_or_default(),
        linkedin_id: reading.linkedin_id,
        lead_type: reading.lead_type_word,
        raw: reading.raw,
        malformed: reading.malformed,
    }
}

fn mentioned_campaign(reading: &Reading) -> Option<NewCampaign> {
    let campaign = reading.campaign.as_ref()?;
    Some(NewCampaign {
        linkedin_id: campaign.id,
        name: campaign
            .name
            .clone()
            .unwrap_or_else(|| format!("Campaign {}", campaign.id)),
        campaign_type: campaign.kind.clone(),
        objective: None,
        linkedin_status: None,
        starts_at: None,
        ends_at: None,
        raw: String::new(),
    })
}

/// What a list shows as the person: the name, else the e-mail address, else nothing.
fn person_name(answers: &Answers) -> String {
    let part = |key: &str| answers.predefined(&[key]).unwrap_or_default();
    let name = format!("{} {}", part("FIRST_NAME"), part("LAST_NAME"));
    let name = if name.trim().is_empty() {
        email(answers)
    } else {
        name
    };
    let clean: String = name
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(NAME_LENGTH).collect()
}

fn person_email(answers: &Answers) -> String {
    let mut email = normalise(FieldKind::Email, &email(answers)).unwrap_or_default();
    email.truncate(email.floor_char_boundary(EMAIL_BYTES));
    email
}

fn email(answers: &Answers) -> String {
    answers
        .predefined(&["EMAIL", "WORK_EMAIL"])
        .unwrap_or_default()
}
