//! One lead: its fields and what changed them, and on a second tab what LinkedIn knows of it.

use axum::extract::Path;
use leadline::{
    lead::{FieldKind, Fields, LeadField, LeadFields},
    store::{
        lead_edit::may_edit,
        views::{
            lead::{LeadView, Sourced},
            record::{RecordView, Standing},
            submissions::SubmissionRow,
        },
    },
};
use leptos::prelude::*;

use super::lead_history::{May, history};
use crate::{
    Answer, Visit,
    ui::{
        Badge, Banner, Column, Fact, Facts, LeadState, Matching, Query, Row, Section, Table, Tabs,
        TestMark, Time, Tone, blank, thousands,
    },
};

/// How the fields are grouped; what is in no group comes last.
const CONTACT: [&str; 12] = [
    "firstname",
    "lastname",
    "emailaddress1",
    "emailaddress2",
    "mobilephone",
    "telephone1",
    "leadline_linkedinprofile",
    "leadline_gender",
    "address1_city",
    "address1_stateorprovince",
    "address1_country",
    "address1_postalcode",
];
const COMPANY: [&str; 7] = [
    "companyname",
    "jobtitle",
    "msdyncrm_jobfunction",
    "msdyncrm_seniority",
    "msdyncrm_companysize",
    "msdyncrm_industry",
    "websiteurl",
];
const EDUCATION: [&str; 5] = [
    "msdyncrm_degree",
    "msdyncrm_fieldofstudy",
    "msdyncrm_school",
    "msdyncrm_startdate",
    "msdyncrm_graduationdate",
];

/// The page; `?tab=linkedin` is the tab "LinkedIn info".
pub async fn show(visit: Visit, Path(id): Path<i64>, query: Query) -> Answer {
    let lead = visit.reader()?.find_lead(id).await?;
    let fields = visit.services.store.lead_fields().await?;
    let linkedin = query.get("tab").as_deref() == Some("linkedin");
    let merged = lead.row.merged_into_id.is_some();
    let record = visit.reader()?.find_record(id).await?;
    let standing_there = record.as_ref().map(|record| &record.standing);
    let gone = matches!(standing_there, Some(Standing::Left | Standing::Deleted));
    let may = May {
        revert: !merged && !gone && may_edit(visit.person(), lead.row.owner_id),
        unmerge: !merged && visit.person().administrator,
    };
    // Where leads live elsewhere, merging is done there.
    let merge = (may.unmerge && record.is_none()).then(|| format!("/leads/{id}/merge"));
    let edit = may.revert.then(|| format!("/leads/{id}/edit"));
    let open = record.as_ref().and_then(|record| record.url.clone());
    let sheet = visit
        .page(lead.row.full_name.clone())
        .back("/leads", "Leads")
        .actions(move || {
            view! {
                {open.map(|url| view! {
                    <a class="button" href=url target="_blank" rel="noopener">"Open in Dynamics 365"</a>
                })}
                {edit.map(|path| view! { <a class="button" href=path>"Edit"</a> })}
                {merge.map(|path| view! { <a class="button" href=path>"Merge with another lead…"</a> })}
            }
        });
    Ok(sheet.show(move || {
        let tabs = vec![
            (format!("/leads/{id}"), "Summary".to_owned(), !linkedin),
            (
                format!("/leads/{id}?tab=linkedin"),
                "LinkedIn info".to_owned(),
                linkedin,
            ),
        ];
        let banner = merged_into(&lead.row);
        let standing = record.as_ref().and_then(standing);
        let body = match linkedin {
            true => linkedin_info(lead, &fields).into_any(),
            false => summary(lead, &fields, may).into_any(),
        };
        view! { <div class="page">{banner}{standing}<Tabs label="Parts of the lead" tabs=tabs />{body}</div> }
    }))
}

/// What is to be said about the lead's record in the CRM, if it is not as it should be.
fn standing(record: &RecordView) -> Option<impl IntoView + use<>> {
    let (tone, title, text) = match &record.standing {
        Standing::InStep => return None,
        Standing::OnItsWay(why) => (
            Tone::Info,
            "What changed is on its way to Dynamics 365",
            why.clone().unwrap_or_default(),
        ),
        Standing::Refused(why) => (
            Tone::Bad,
            "Dynamics 365 does not take this lead as it is",
            format!("{why} Once that is mended, run its submission again."),
        ),
        Standing::Left => (
            Tone::Info,
            "This lead stayed where leads lived before",
            "It is not in the CRM that is in use now. Submissions do not change it any more."
                .into(),
        ),
        Standing::Deleted => (
            Tone::Warn,
            "This lead was deleted in Dynamics 365",
            "What is below is what it was. Further submissions of the same person make a new lead."
                .into(),
        ),
    };
    Some(view! { <Banner tone=tone title=title><p>{text}</p></Banner> })
}

/// Where a lead went that was merged.
fn merged_into(row: &Sourced) -> Option<impl IntoView + use<>> {
    let id = row.merged_into_id?;
    let name = row.merged_into_name.clone();
    let name = name.unwrap_or_else(|| format!("lead {id}"));
    Some(view! {
        <Banner tone=Tone::Info title="This lead was merged into another one">
            <p>
                "Its submissions and its history are with "<a href=format!("/leads/{id}")><bdi>{name}</bdi></a>
                " now. What is below is how it was."
            </p>
        </Banner>
    })
}

fn summary(lead: LeadView, fields: &LeadFields, may: May) -> impl IntoView + use<> {
    let history = history(&lead, fields, may);
    let row = lead.row;
    let state = match row.merged_into_id {
        Some(_) => view! { <Badge tone=Tone::Quiet>"Merged"</Badge> }.into_any(),
        None => view! { <LeadState open=row.open /> }.into_any(),
    };
    let follows = row.follows_id.map(|id| {
        view! { <Fact term="Continues"><a href=format!("/leads/{id}")>"the closed lead "{id}</a></Fact> }
    });
    let rest: Vec<&str> = lead
        .fields
        .keys()
        .map(String::as_str)
        .filter(|name| ![&CONTACT[..], &COMPANY, &EDUCATION].concat().contains(name))
        .collect();
    view! {
        <Facts>
            <Fact term="State">{state}</Fact>
            <Fact term="Owner">{row.owner_name.map_or_else(blank, text)}</Fact>
            <Fact term="Source">{text(row.lead_source)}</Fact>
            <Fact term="Submissions">{thousands(row.submission_count)}</Fact>
            <Fact term="Latest submission"><Time at=row.latest_submitted_at /></Fact>
            <Fact term="Created"><Time at=row.created_at /></Fact>
            <Fact term="Changed"><Time at=row.modified_at /></Fact>
            {follows}
        </Facts>
        {group("Contact", &CONTACT, fields, &lead.fields)}
        {group("Company", &COMPANY, fields, &lead.fields)}
        {group("Education", &EDUCATION, fields, &lead.fields)}
        {group("More", &rest, fields, &lead.fields)}
        <Section title="What changed it">{history}</Section>
    }
}

/// The tab of the old connector: contact, company, education, source and the submissions.
fn linkedin_info(lead: LeadView, fields: &LeadFields) -> impl IntoView + use<> {
    let id = lead.row.id;
    let more = lead.row.submission_count > lead.submissions.len() as i64;
    let source = source(lead.row);
    view! {
        {whole_group("Contact", &CONTACT, fields, &lead.fields)}
        {whole_group("Company", &COMPANY, fields, &lead.fields)}
        {whole_group("Education", &EDUCATION, fields, &lead.fields)}
        <Section title="Source">{source}</Section>
        <Section title="LinkedIn form submissions">
            {submissions(lead.submissions)}
            {more.then(|| view! {
                <p><a href=format!("/submissions?lead={id}")>"All submissions of this lead"</a></p>
            })}
        </Section>
    }
}

fn text(text: String) -> AnyView {
    view! { <bdi>{text}</bdi> }.into_any()
}

/// The fields of a group that hold something; no section when none does.
fn group(
    title: &'static str,
    names: &[&str],
    fields: &LeadFields,
    values: &Fields,
) -> Option<impl IntoView + use<>> {
    let facts: Vec<_> = names
        .iter()
        .filter_map(|name| Some((*name, values.get(*name)?.clone())))
        .map(|(name, value)| fact(fields, name, Some(value)))
        .collect();
    (!facts.is_empty()).then(|| view! { <Section title=title><Facts>{facts}</Facts></Section> })
}

/// All fields of a group, also those that hold nothing.
fn whole_group(
    title: &'static str,
    names: &[&str],
    fields: &LeadFields,
    values: &Fields,
) -> impl IntoView + use<> {
    let facts = names
        .iter()
        .map(|name| fact(fields, name, values.get(*name).cloned()));
    let facts = facts.collect_view();
    view! { <Section title=title><Facts>{facts}</Facts></Section> }
}

fn fact(fields: &LeadFields, name: &str, value: Option<String>) -> impl IntoView + use<> {
    let label = fields.label(name).to_owned();
    let field = fields.get(name);
    let value = value.map(|text| fields.shown(name, text));
    let value = value.map_or_else(blank, |text| match reach(field, &text) {
        Some(to) => view! { <a href=to rel="noreferrer"><bdi>{text}</bdi></a> }.into_any(),
        None => view! { <span class="text" dir="auto">{text}</span> }.into_any(),
    });
    view! { <Fact term=label>{value}</Fact> }
}

/// The address under which a field's value reaches the person, when it has such a form: whatever
/// somebody typed into a form may be anything.
fn reach(field: Option<&LeadField>, value: &str) -> Option<String> {
    let only = |fits: fn(char) -> bool| !value.is_empty() && value.chars().all(fits);
    match field?.kind {
        FieldKind::Email => (value.contains('@')
            && only(|c| c.is_ascii_alphanumeric() || "@.-_+".contains(c)))
        .then(|| format!("mailto:{value}")),
        FieldKind::Phone => only(|c| c.is_ascii_digit() || "+ -.()/".contains(c)).then(|| {
            let dialled = |c: &char| *c == '+' || c.is_ascii_digit();
            let number: String = value.chars().filter(dialled).collect();
            format!("tel:{number}")
        }),
        FieldKind::Url => (value.starts_with("https://www.linkedin.com/")
            && only(|c| c.is_ascii_alphanumeric() || ":/.-_%".contains(c)))
        .then(|| value.to_owned()),
        FieldKind::Text
        | FieldKind::Number
        | FieldKind::Date
        | FieldKind::Choice
        | FieldKind::YesNo => None,
    }
}

fn source(row: Sourced) -> impl IntoView {
    let form = |id: Option<i64>, name: &Option<String>| {
        id.zip(name.clone()).map_or_else(blank, |(id, name)| {
            view! { <a href=format!("/forms/{id}")><bdi>{name}</bdi></a> }.into_any()
        })
    };
    let campaign = |id: Option<i64>, name: &Option<String>| {
        id.zip(name.clone()).map_or_else(blank, |(id, name)| {
            view! { <a href=format!("/submissions?campaign={id}")><bdi>{name}</bdi></a> }.into_any()
        })
    };
    view! {
        <Facts>
            <Fact term="Lead source">{text(row.lead_source.clone())}</Fact>
            <Fact term="First form">{form(row.first_form_id, &row.first_form_name)}</Fact>
            <Fact term="First campaign">{campaign(row.first_campaign_id, &row.first_campaign_name)}</Fact>
            <Fact term="Latest form">{form(row.latest_form_id, &row.latest_form_name)}</Fact>
            <Fact term="Latest campaign">{campaign(row.latest_campaign_id, &row.latest_campaign_name)}</Fact>
            <Fact term="Submissions">{thousands(row.submission_count)}</Fact>
            <Fact term="Latest submission"><Time at=row.latest_submitted_at /></Fact>
        </Facts>
    }
}

fn submissions(submissions: Vec<SubmissionRow>) -> impl IntoView {
    let columns = vec![
        Column::new("Submitted"),
        Column::new("Form"),
        Column::new("Campaign"),
        Column::new("Result"),
    ];
    let rows = submissions.into_iter().map(|submission| {
        let path = format!("/submissions/{}", submission.id);
        let (status, state) = (submission.matching_status(), submission.processing_state());
        Row::new()
            .cell(view! {
                <a href=path><Time at=submission.submitted_at /></a>
                {submission.test.then(|| view! { " "<TestMark /> })}
            })
            .cell(submission.form_name.map_or_else(blank, text))
            .cell(submission.campaign_name.map_or_else(blank, text))
            .cell(view! { <Matching status=status state=state /> })
    });
    view! { <Table caption="Submissions of this lead" columns=columns rows=rows.collect() /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_an_address_becomes_a_link() {
        let cases = [
            (
                "emailaddress1",
                "ada@x.example",
                Some("mailto:ada@x.example"),
            ),
            ("emailaddress1", "not an address", None),
            ("emailaddress1", "a@x.example?bcc=eve@x.example", None),
            (
                "mobilephone",
                "+44 (20) 7946-0018",
                Some("tel:+442079460018"),
            ),
            ("mobilephone", "call me", None),
            ("leadline_linkedinprofile", "javascript:alert(1)", None),
            (
                "leadline_linkedinprofile",
                "https://www.linkedin.com.evil.example/",
                None,
            ),
            (
                "leadline_linkedinprofile",
                "https://www.linkedin.com/in/ada",
                Some("https://www.linkedin.com/in/ada"),
            ),
            ("companyname", "ada@x.example", None),
        ];
        let fields = LeadFields::standard();
        for (name, value, to) in cases {
            let field = fields.get(name);
            assert_eq!(reach(field, value).as_deref(), to, "{name}: {value}");
        }
    }

    #[test]
    fn every_grouped_field_is_a_field_of_a_lead() {
        let known = LeadFields::standard();
        for name in [&CONTACT[..], &COMPANY, &EDUCATION].concat() {
            assert!(known.get(name).is_some(), "{name}");
        }
    }
}
