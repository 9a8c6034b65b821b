//! One submission: what was answered, where it came from, what became of it and why.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::Path;
use leadline::{
    explain::Trace,
    lead::{Effect, LeadFields},
    mapping::MappingTrace,
    matching::StrategyTrace,
    store::{
        lead_edit::may_edit,
        views::{
            record::{RecordView, Standing},
            submission::{Attempt, AttemptOutcome, Attributed, Submission},
        },
    },
    submission::{AnswerValue, Answers, MatchingStatus, ProcessingState},
};
use leptos::prelude::*;

use super::{
    delete_tests::{self, confirm_one},
    revert,
};
use crate::{
    Answer, Visit,
    ui::{
        Badge, Banner, Changes, Column, Fact, Facts, Matching, Moment, More, Processing, Raw,
        Record, Row, Section, Table, TestMark, Time, Timeline, Tone, blank,
    },
};

/// The names of leads by id.
type Names = Arc<BTreeMap<i64, String>>;

/// The page.
pub async fn show(visit: Visit, Path(id): Path<i64>) -> Answer {
    let submission = visit.reader()?.find_submission(id).await?;
    let title = match submission.row.person_name.as_str() {
        "" => format!("Submission {id}"),
        name => name.to_owned(),
    };
    let sheet = visit.page(title).back("/submissions", "Submissions");
    let waits = submission.row.waits();
    let may_decide = visit.person().administrator;
    let tests = match may_decide && submission.row.test {
        true => Some(
            visit
                .administrator()?
                .count_tests(&delete_tests::this(id))
                .await?,
        ),
        false => None,
    };
    let sheet = sheet.actions(move || {
        view! { {tests.map(|tests| confirm_one(id, tests))}{may_decide.then(|| actions(id, waits))} }
    });
    let fields = visit.services.store.lead_fields().await?;
    let may_revert = may_edit(visit.person(), submission.row.owner_id);
    let record = match submission
        .row
        .lead_id
        .filter(|_| submission.row.lead_name.is_some())
    {
        Some(lead) => visit.reader()?.find_record(lead).await?,
        None => None,
    };
    Ok(sheet.show(move || body(submission, record, fields, may_revert)))
}

/// What an administrator can do with it.
fn actions(id: i64, waits: bool) -> impl IntoView {
    view! {
        <form method="post" action=format!("/submissions/{id}/run-again")>
            <button class="button" type="submit">"Run again"</button>
        </form>
        {waits.then(|| view! { <a class="button primary" href=format!("/review/{id}")>"Decide"</a> })}
    }
}

fn body(
    submission: Submission,
    record: Option<RecordView>,
    fields: LeadFields,
    may_revert: bool,
) -> impl IntoView {
    let row = submission.row;
    let names = Arc::new(submission.lead_names);
    let (consents, hidden) = (consents(&submission.answers), hidden(&submission.answers));
    let answers = answers(&submission.answers);
    let history = history(submission.attempts, fields, &names, row.due, may_revert);
    let attribution = attribution(row.clone());
    let beside = view! {
        <Section title="Where it came from">{attribution}</Section>
        {hidden}
    };
    view! {
        <div class="page">
            {outcome(row, record)}
            <Record beside=beside.into_any()>
                <Section title="What was done">{history}</Section>
                <Section title="Answers">{answers}</Section>
                {consents}
                {submission.raw.map(|raw| view! {
                    <More title="As LinkedIn sent it"><Raw text=raw /></More>
                })}
            </Record>
        </div>
    }
}

/// What became of it, and why.
fn outcome(row: Attributed, record: Option<RecordView>) -> impl IntoView {
    let (status, state) = (row.matching_status(), row.processing_state());
    let tone = match state {
        ProcessingState::Failed => Tone::Bad,
        _ if status == MatchingStatus::Failed => Tone::Warn,
        _ => Tone::Info,
    };
    let difficult = record.as_ref().and_then(|record| match &record.standing {
        Standing::OnItsWay(why) => why.clone(),
        _ => None,
    });
    let record = record.and_then(|record| record.url);
    let why = [row.malformed.clone(), difficult, Some(row.reason.clone())];
    let why = why.into_iter().flatten().find(|text| !text.is_empty());
    let lead = row.lead_id.zip(row.lead_name.clone());
    let (processed, due) = (row.processed_at, row.due);
    view! {
        {why.map(|text| view! { <Banner tone=tone>{text}</Banner> })}
        <Facts short=true>
            <Fact term="Matching"><Matching status=status state=state /></Fact>
            <Fact term="Processing"><Processing state=state /></Fact>
            <Fact term="Lead">{lead.map_or_else(blank, |(id, name)| link(format!("/leads/{id}"), name))}</Fact>
            {record.map(|url| view! {
                <Fact term="Record"><a href=url target="_blank" rel="noopener">"Open in Dynamics 365"</a></Fact>
            })}
            <Fact term="Submitted"><Time at=row.submitted_at /></Fact>
            <Fact term="Decided">{match processed {
                Some(at) => view! { <Time at=at /> }.into_any(),
                None if due => "Waits for its turn".into_any(),
                None => blank(),
            }}</Fact>
            {row.test.then(|| view! { <Fact term="Test lead"><TestMark /></Fact> })}
        </Facts>
    }
}

fn link(path: String, name: String) -> AnyView {
    view! { <a href=path><bdi>{name}</bdi></a> }.into_any()
}

fn answers(answers: &Answers) -> impl IntoView + use<> {
    if answers.answers.is_empty() {
        return view! { <p class="muted">"This submission has no answers."</p> }.into_any();
    }
    let columns = vec![
        Column::new("Question"),
        Column::new("Answer"),
        Column::new("LinkedIn field"),
    ];
    let rows = answers.answers.iter().map(|answer| {
        let key = answer.predefined.clone();
        Row::new()
            .cell(view! { <bdi>{answer.title()}</bdi> })
            .cell(value(&answer.value))
            .cell(match key {
                Some(key) => view! { <code>{key}</code> }.into_any(),
                None => view! { <span class="muted">"Custom question"</span> }.into_any(),
            })
    });
    view! { <Table caption="Answers" columns=columns rows=rows.collect() /> }.into_any()
}

fn value(value: &AnswerValue) -> AnyView {
    match value {
        AnswerValue::Unknown(json) => view! {
            <span class="muted">"An answer of a kind that Leadline does not know:"</span>
            <Raw text=json.to_string() />
        }
        .into_any(),
        known => match known.text() {
            text if text.trim().is_empty() => blank(),
            text => view! { <span class="text" dir="auto">{text}</span> }.into_any(),
        },
    }
}

fn consents(answers: &Answers) -> Option<impl IntoView + use<>> {
    let columns = vec![
        Column::new("Wording"),
        Column::new("Answer"),
        Column::new("Required"),
    ];
    let rows: Vec<Row> = answers
        .consents
        .iter()
        .map(|consent| {
            let wording = match consent.text.as_str() {
                "" => format!("Consent {}", consent.id),
                text => text.to_owned(),
            };
            let (tone, answer) = match consent.accepted {
                Some(true) => (Tone::Good, "Accepted"),
                Some(false) => (Tone::Quiet, "Not accepted"),
                None => (Tone::Quiet, "Not told by LinkedIn"),
            };
            Row::new()
                .cell(view! { <span class="text" dir="auto">{wording}</span> })
                .cell(view! { <Badge tone=tone>{answer}</Badge> })
                .cell(if consent.required { "Yes" } else { "No" })
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! { <Section title="Consents"><Table caption="Consents" columns=columns rows=rows /></Section> }
    })
}

fn hidden(answers: &Answers) -> Option<impl IntoView + use<>> {
    let facts: Vec<_> = answers
        .hidden
        .iter()
        .map(|field| {
            let value = field.value.clone();
            view! { <Fact term=field.name.clone()><bdi>{value}</bdi></Fact> }
        })
        .collect();
    (!facts.is_empty()).then(|| {
        view! { <Section title="Hidden fields"><Facts>{facts}</Facts></Section> }
    })
}

fn attribution(row: Attributed) -> impl IntoView {
    let named = |open: bool, path: String, name: String| match open {
        true => link(path, name),
        false => view! { <bdi>{name}</bdi> }.into_any(),
    };
    let account = named(
        row.account_open,
        format!("/accounts/{}", row.account_id),
        row.account_name.clone(),
    );
    let profile = row.profile_id.zip(row.profile_name.clone());
    let profile_open = row.profile_open;
    let profile = profile.map_or_else(blank, |(id, name)| {
        named(profile_open, format!("/profiles/{id}"), name)
    });
    let received = format!(" {}", row.received_by());
    let (kind, form, campaign) = (row.lead_type(), form(&row), campaign(&row));
    view! {
        <Facts>
            <Fact term="Kind">{kind}</Fact>
            <Fact term="Account">{account}</Fact>
            <Fact term="Form">{form}</Fact>
            <Fact term="Campaign">{campaign}</Fact>
            <Fact term="Creative">{row.creative_urn.map_or_else(blank, code)}</Fact>
            <Fact term="Read through profile">{profile}</Fact>
            <Fact term="Received"><Time at=row.received_at />{received}</Fact>
            <Fact term="LinkedIn's id">{code(row.linkedin_id)}</Fact>
        </Facts>
    }
}

fn code(text: String) -> AnyView {
    view! { <code>{text}</code> }.into_any()
}

fn form(row: &Attributed) -> AnyView {
    let version = row
        .form_version
        .map(|version| format!(", version {version}"));
    match (row.form_id.zip(row.form_name.clone()), row.form_linkedin_id) {
        (Some((id, name)), _) => {
            let path = format!("/forms/{id}");
            view! { {link(path, name)}{version} }.into_any()
        }
        (None, Some(id)) => {
            format!("Form {id}{} (not read yet)", version.unwrap_or_default()).into_any()
        }
        (None, None) => blank(),
    }
}

fn campaign(row: &Attributed) -> AnyView {
    match (
        row.campaign_id.zip(row.campaign_name.clone()),
        row.campaign_linkedin_id,
    ) {
        (Some((id, name)), _) => link(format!("/submissions?campaign={id}"), name),
        (None, Some(id)) => format!("Campaign {id} (not read yet)").into_any(),
        (None, None) => blank(),
    }
}

/// The attempts, the latest first.
fn history(
    attempts: Vec<Attempt>,
    fields: LeadFields,
    names: &Names,
    due: bool,
    may_revert: bool,
) -> AnyView {
    if attempts.is_empty() {
        let text = if due {
            "Nothing yet: it waits for its turn."
        } else {
            "Nothing yet."
        };
        return view! { <p class="muted">{text}</p> }.into_any();
    }
    let mut moments = attempts
        .into_iter()
        .map(|attempt| moment(attempt, fields.clone(), names.clone(), may_revert).into_any());
    let latest = moments.next();
    let earlier: Vec<AnyView> = moments.collect();
    let title = match earlier.len() {
        1 => "One earlier attempt".to_owned(),
        many => format!("{many} earlier attempts"),
    };
    view! {
        <Timeline>{latest}</Timeline>
        {(!earlier.is_empty()).then(|| view! { <More title=title><Timeline>{earlier}</Timeline></More> })}
    }
    .into_any()
}

fn moment(attempt: Attempt, fields: LeadFields, names: Names, may_revert: bool) -> impl IntoView {
    let revert = attempt
        .lead_id
        .filter(|_| may_revert && attempt.outcome == AttemptOutcome::Updated);
    let revert = revert.filter(|_| !attempt.changes.is_empty());
    let revert = revert.map(|lead| revert::path(lead, attempt.submission_id, attempt.number));
    let title = format!("{} · attempt {}", attempt.outcome.label(), attempt.number);
    let lead = attempt.lead_id.map(|id| lead_link(&names, id));
    let Trace {
        strategies,
        decision,
        mappings,
    } = attempt.trace;
    // What arrived is on its way no more.
    let reason = match attempt.arrived_at {
        Some(_) => String::new(),
        None => attempt.reason,
    };
    let said = [decision, reason];
    let same = said[0] == said[1];
    let said = said.into_iter().take(if same { 1 } else { 2 });
    let said: Vec<String> = said.filter(|text| !text.is_empty()).collect();
    let told = lead.is_some() || !said.is_empty();
    view! {
        <Moment at=attempt.at tone=attempt_tone(attempt.outcome) title=title>
            {told.then(|| view! { <p>{said.join(" ")}{lead.map(|lead| view! { " Lead: "{lead} })}</p> })}
            {in_dynamics(attempt.arrived_at, attempt.request_id)}
            {strategies.into_iter().map(|s| strategy(s, &fields, &names)).collect_view()}
            {(!attempt.changes.is_empty()).then(|| view! { <Changes fields=fields.clone() changes=attempt.changes /> })}
            {revert.map(|path| view! { <p><a class="button small" href=path>"Undo these changes"</a></p> })}
            {mapped(mappings, &fields)}
        </Moment>
    }
}

/// When what an attempt decided arrived in the organization, and the request that Microsoft's support
/// asks for.
fn in_dynamics(arrived_at: Option<i64>, request_id: Option<String>) -> Option<impl IntoView> {
    (arrived_at.is_some() || request_id.is_some()).then(|| {
        view! {
            <p class="muted">
                {arrived_at.map(|at| view! { "Arrived in Dynamics 365 "<Time at=at/>". " })}
                {request_id.map(|id| view! { "Request "<code>{id}</code> })}
            </p>
        }
    })
}

fn attempt_tone(outcome: AttemptOutcome) -> Tone {
    match outcome {
        AttemptOutcome::Created | AttemptOutcome::Updated => Tone::Good,
        AttemptOutcome::Unchanged | AttemptOutcome::Skipped => Tone::Quiet,
        AttemptOutcome::Held => Tone::Warn,
        AttemptOutcome::Failed => Tone::Bad,
    }
}

fn lead_link(names: &Names, id: i64) -> AnyView {
    match names.get(&id) {
        Some(name) => link(format!("/leads/{id}"), name.clone()),
        None => format!("Lead {id} (gone)").into_any(),
    }
}

/// What one strategy compared, and the leads that it looked at.
fn strategy(tried: StrategyTrace, fields: &LeadFields, names: &Names) -> impl IntoView + use<> {
    let compared = tried.compared.into_iter().map(|compared| {
        let label = fields.label(&compared.field).to_owned();
        let value = match compared.value {
            Some(value) => view! { <code dir="auto">{value}</code> }.into_any(),
            None => view! { <span class="muted">"blank"</span> }.into_any(),
        };
        view! { <div><dt>{label}</dt><dd>{value}</dd></div> }
    });
    let candidates = tried.candidates.into_iter().map(|candidate| {
        view! { <li>{lead_link(names, candidate.lead)}": "{candidate.verdict}</li> }
    });
    view! {
        <div class="tried">
            <p><strong>{format!("Strategy “{}”. ", tried.name)}</strong>{tried.outcome}</p>
            <dl>{compared.collect_view()}</dl>
            <ul>{candidates.collect_view()}</ul>
        </div>
    }
}

/// What the mappings made of the answers. Those without an answer say nothing new.
fn mapped(mappings: Vec<MappingTrace>, fields: &LeadFields) -> Option<impl IntoView + use<>> {
    let columns = vec![
        Column::new("LinkedIn field"),
        Column::new("Lead field"),
        Column::new("Answer"),
        Column::new("Value"),
        Column::new("Effect"),
    ];
    let (answered, blanks): (Vec<_>, Vec<_>) = mappings
        .into_iter()
        .partition(|m| m.input.is_some() || m.output.is_some());
    let title = format!(
        "Field mappings: {} with an answer, {} without",
        answered.len(),
        blanks.len()
    );
    let any = !answered.is_empty();
    let rows = answered.into_iter().map(|m| mapping(m, fields)).collect();
    any.then(|| {
        view! { <More title=title><Table caption="Field mappings" columns=columns rows=rows /></More> }
    })
}

fn mapping(mapped: MappingTrace, fields: &LeadFields) -> Row {
    let text = |text: Option<String>| {
        text.map_or_else(blank, |text| {
            view! { <span class="text" dir="auto">{text}</span> }.into_any()
        })
    };
    let tone = match mapped.effect {
        Effect::Written => Tone::Good,
        Effect::Refused => Tone::Bad,
        _ => Tone::Quiet,
    };
    let steps = mapped.steps.into_iter().map(|step| {
        let value = step.value.unwrap_or_else(|| "nothing".to_owned());
        view! { <li>{step.step}" → "<span dir="auto">{value}</span></li> }
    });
    let steps = steps.collect_view();
    Row::new()
        .cell(mapped.source)
        .cell(fields.label(&mapped.lead_field).to_owned())
        .cell(text(mapped.input))
        .cell(view! {
            {text(mapped.output)}
            {(!steps.is_empty()).then(|| view! { <ol class="steps">{steps}</ol> })}
        })
        .cell(view! {
            <Badge tone=tone>{mapped.effect.label()}</Badge>
            <small class="muted">{mapped.note}</small>
        })
}
