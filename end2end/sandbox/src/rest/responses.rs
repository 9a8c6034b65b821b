//! Lead form responses: the finder, single leads, and what a lead looks like.
//!
//! The list is newest first. Its pages may be short, drift, or repeat elements when the knobs say
//! so; a page is empty only behind the end.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::paging::{self, Span};
use super::{Ask, Op, batch, role_error, role_refused, unsupported};
use crate::calendar::DAY;
use crate::errors::ApiError;
use crate::faults::{DriftMode, Grid};
use crate::leads::{Answer, Lead, TestFilter};
use crate::model::{ORGANIC_TYPES, Owner, parse_versioned_form};
use crate::restli::{self, Projection};
use crate::server::Reply;
use crate::state::{Shared, State};
use crate::webhooks;

const KNOWN: &[&str] = &[
    "owner",
    "leadType",
    "limitedToTestLeads",
    "submittedAtTimeRange",
    "versionedLeadGenFormUrn",
    "associatedEntity",
    "start",
    "count",
];

/// A finder, understood.
struct Search {
    owner: Owner,
    lead_type: String,
    test: TestFilter,
    from: i64,
    /// Exclusive.
    to: i64,
    form: Option<(u64, u32)>,
    associated: Option<Value>,
}

pub(super) fn lead_form_responses(
    shared: &Arc<Shared>,
    state: &mut State,
    ask: &Ask,
) -> Result<Reply, ApiError> {
    match &ask.op {
        Op::Finder(finder) if finder == "owner" => by_owner(shared, state, ask),
        Op::Get => {
            let id = ask.key()?;
            let found = visible(state, ask, &id);
            ask.syntax(&[])?;
            let mut writer = Writer::new(state, ask.fields.as_ref());
            Ok(Reply::new(200, "application/json", writer.write(&found?)))
        }
        Op::BatchGet => {
            ask.syntax(&[])?;
            let ids = ask.ids()?;
            let mut writer = Writer::new(state, ask.fields.as_ref());
            Ok(batch(ids, |id| {
                let text = writer.write(&visible(state, ask, id)?);
                serde_json::from_str(&text).map_err(|error| ApiError::gone(error.to_string()))
            }))
        }
        _ => Err(unsupported(ask)),
    }
}

/// A lead that is there, not too old, and the member's to see.
fn visible(state: &State, ask: &Ask, id: &str) -> Result<Lead, ApiError> {
    let lead = state
        .world
        .leads
        .get(id)
        .ok_or_else(|| ApiError::gone("no such lead"))?;
    if lead.submitted_at < ask.now - state.faults.retention(&lead.lead_type) * DAY {
        return Err(ApiError::gone("the lead is too old to be shown"));
    }
    let allowed = state
        .world
        .may_read_leads(&ask.member, lead.owner, &lead.lead_type);
    allowed.map_err(|why| role_refused(state, why))?;
    Ok(lead)
}

fn owner_of(ask: &Ask) -> Result<Owner, ApiError> {
    Owner::from_query(&ask.required("owner")?).ok_or_else(|| {
        ApiError::parameter(
            "owner",
            "(sponsoredAccount:<encoded urn>) or (organization:<encoded urn>) is expected",
        )
    })
}

/// Reads `(leadType:SPONSORED)`.
pub(super) fn lead_type_of(ask: &Ask) -> Result<String, ApiError> {
    let value = ask.required("leadType")?;
    let bad = |reason: &str| ApiError::parameter("leadType", reason);
    let name = match value.record() {
        Some([(key, name)]) if key == "leadType" => name.scalar(),
        _ => {
            return Err(bad(
                "(leadType:…) is expected, a record and not a bare value",
            ));
        }
    };
    let name = name.filter(|name| *name == "SPONSORED" || ORGANIC_TYPES.contains(name));
    name.map(str::to_owned)
        .ok_or_else(|| bad("not a type of lead"))
}

fn read_search(state: &State, ask: &Ask) -> Result<Search, ApiError> {
    ask.syntax(KNOWN)?;
    let owner = owner_of(ask)?;
    let lead_type = lead_type_of(ask)?;
    if !owner.pairs_with(&lead_type) {
        return Err(ApiError::parameter(
            "leadType",
            "this type of lead belongs to another kind of owner",
        ));
    }
    let test = match ask.boolean("limitedToTestLeads")? {
        Some(true) => TestFilter::Only,
        Some(false) => TestFilter::Without,
        None => TestFilter::Both,
    };
    let (from, to) = match ask.value("submittedAtTimeRange")? {
        None => (i64::MIN, i64::MAX),
        Some(range) => read_range(&range, state.faults.end_inclusive)?,
    };
    let form = match ask.value("versionedLeadGenFormUrn")? {
        None => None,
        Some(urn) => Some(urn.scalar().and_then(parse_versioned_form).ok_or_else(|| {
            ApiError::parameter(
                "versionedLeadGenFormUrn",
                "a fully encoded versioned form URN is expected",
            )
        })?),
    };
    let associated = match ask.value("associatedEntity")? {
        None => None,
        Some(value) => Some(read_associated(&value)?),
    };
    let oldest = ask.now - state.faults.retention(&lead_type) * DAY;
    Ok(Search {
        owner,
        lead_type,
        test,
        from: from.max(oldest),
        to,
        form,
        associated,
    })
}

fn read_range(range: &restli::Value, end_inclusive: bool) -> Result<(i64, i64), ApiError> {
    let bad = |reason: &str| ApiError::parameter("submittedAtTimeRange", reason);
    let fields = range
        .record()
        .ok_or_else(|| bad("(start:…,end:…) is expected"))?;
    if fields
        .iter()
        .any(|(name, _)| name != "start" && name != "end")
    {
        return Err(bad("only start and end are known"));
    }
    let number = |name: &str| match range.field(name) {
        None => Ok(None),
        Some(value) => match value.scalar().and_then(|text| text.parse::<i64>().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(bad("milliseconds are expected")),
        },
    };
    let start = number("start")?.ok_or_else(|| bad("start is required"))?;
    let end = number("end")?;
    if end.is_some_and(|end| end < start) {
        return Err(bad("end lies before start"));
    }
    Ok((
        start,
        end.map_or(i64::MAX, |end| end.saturating_add(i64::from(end_inclusive))),
    ))
}

fn read_associated(value: &restli::Value) -> Result<Value, ApiError> {
    match value.record() {
        Some([(name, urn)]) if urn.scalar().is_some() => Ok(json!({ name: urn.scalar() })),
        _ => Err(ApiError::parameter(
            "associatedEntity",
            "(event:<encoded urn>) is expected",
        )),
    }
}

fn by_owner(shared: &Arc<Shared>, state: &mut State, ask: &Ask) -> Result<Reply, ApiError> {
    if let (Ok(owner), Ok(lead_type)) = (owner_of(ask), lead_type_of(ask))
        && let Err(why) = state.world.may_read_leads(&ask.member, owner, &lead_type)
    {
        if let Some(error) = role_error(state, why) {
            return Err(error);
        }
        read_search(state, ask)?;
        return paging::by_offset(state, ask, Vec::new(), true);
    }
    let search = read_search(state, ask)?;
    let span = paging::span(state, ask)?;
    let shift = drift(shared, state, ask, &search, span);
    Ok(page(state, ask, &search, span, shift))
}

/// Lets the list move under the reader's feet; says by how many places the rest of it is off.
fn drift(shared: &Arc<Shared>, state: &mut State, ask: &Ask, search: &Search, span: Span) -> i64 {
    let Some((every, mode)) = state.faults.page_drift.map(|drift| drift.parts()) else {
        return 0;
    };
    state.dice.pages += 1;
    let now = state.now();
    let strikes = state.dice.pages.is_multiple_of(every);
    let step = match mode {
        DriftMode::Repeat => -1,
        DriftMode::Skip => 1,
        DriftMode::Insert | DriftMode::Late => {
            let inside = now.min(search.to.saturating_sub(1)).max(search.from);
            let at = if mode == DriftMode::Late { inside } else { now };
            if let Some(lead) = strikes.then(|| one_more(state, search, at)).flatten() {
                webhooks::announce(
                    shared,
                    state,
                    &lead,
                    "CREATED",
                    webhooks::Delivery::default(),
                );
                state.world.leads.insert(lead);
            }
            return 0;
        }
    };
    // Whoever begins anew sees the list as it is.
    let shift = state
        .dice
        .shifts
        .entry(ask.query.with(&[("start", String::new())]))
        .or_default();
    *shift = if span.start == 0 {
        0
    } else {
        *shift + if strikes { step } else { 0 }
    };
    *shift
}

/// Another lead like the newest one, by somebody new.
fn one_more(state: &mut State, search: &Search, at: i64) -> Option<Lead> {
    let found = state.world.leads.find(
        search.owner,
        &search.lead_type,
        i64::MIN..i64::MAX,
        TestFilter::Without,
        None,
    );
    let mut lead = state.world.leads.lead(found.newest(0)?.slot)?;
    state.dice.drifted += 1;
    let number = state.dice.drifted;
    let email = format!("drift-{number}@example.com");
    if let Some(old) = lead.email.take() {
        for (_, answer) in &mut lead.answers {
            if *answer == Answer::Text(old.clone()) {
                *answer = Answer::Text(email.clone());
            }
        }
        lead.email = Some(email);
    }
    lead.id = format!("d41f7000-0000-4000-a000-{number:012x}-6");
    lead.submitter = format!("drift{number}");
    lead.submitted_at = at;
    (lead.raw, lead.raw_form_response) = (None, None);
    Some(lead)
}

fn page(state: &mut State, ask: &Ask, search: &Search, span: Span, shift: i64) -> Reply {
    let world = &state.world;
    let window = search.from..search.to;
    let found = world.leads.find(
        search.owner,
        &search.lead_type,
        window,
        search.test,
        search.form,
    );
    let picked: Option<Vec<u32>> = search.associated.as_ref().map(|wanted| {
        let slots = (0..found.len()).filter_map(|index| Some(found.newest(index)?.slot));
        let fits = |slot: &u32| {
            world
                .leads
                .lead(*slot)
                .is_some_and(|lead| lead.associated_entity().as_ref() == Some(wanted))
        };
        slots.filter(fits).collect()
    });
    let elements = picked.as_ref().map_or(found.len(), Vec::len) as u64;
    let slot = |index: u64| {
        let index = usize::try_from(index).ok()?;
        match &picked {
            Some(slots) => slots.get(index).copied(),
            None => found.newest(index).map(|row| row.slot),
        }
    };

    let grid = Grid::new(
        state.faults.short_pages,
        elements,
        span.count,
        state.faults.seed,
    );
    let begin = grid.rank(span.start).saturating_add_signed(shift);
    // A page in front of the end is never empty, even if all its places are.
    let end = grid
        .rank(span.start.saturating_add(span.count))
        .saturating_add_signed(shift)
        .max(begin.saturating_add(1))
        .min(elements);
    let mut slots: Vec<u32> = (begin..end).filter_map(slot).collect();
    let total = grid.places(elements.saturating_add_signed(-shift));
    let full = slots.len() as u64 >= span.count;
    let more = span.start.saturating_add(span.count) < total
        && (full || state.faults.short_pages.is_none());
    if begin > 0 && !slots.is_empty() && state.dice.rng.chance(state.faults.duplicates) {
        slots.extend(slot(begin - 1));
        slots.rotate_right(1);
    }

    let paging = paging::paging(state, ask, span, Some(total), more);
    let mut writer = Writer::new(state, ask.fields.as_ref());
    let mut body = String::with_capacity(slots.len() * 2048);
    body.push_str("{\"elements\":[");
    for (index, lead) in slots
        .iter()
        .filter_map(|slot| state.world.leads.lead(*slot))
        .enumerate()
    {
        if index > 0 {
            body.push(',');
        }
        body.push_str(&writer.write(&lead));
    }
    body.push_str("],\"paging\":");
    body.push_str(&paging.to_string());
    body.push('}');
    Reply::new(200, "application/json", body)
}

/// The whole lead as LinkedIn would show it, decorations included.
pub(crate) fn lead_json(state: &State, lead: &Lead) -> Value {
    let everything = Projection::parse("$*").expect("a star is a projection");
    let text = Writer::new(state, Some(&everything)).write(lead);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Writes leads; a form that many leads of a page share is written once and copied.
struct Writer<'a> {
    state: &'a State,
    fields: Option<&'a Projection>,
    forms: HashMap<(u64, u32), Option<String>>,
}

impl<'a> Writer<'a> {
    fn new(state: &'a State, fields: Option<&'a Projection>) -> Writer<'a> {
        Writer {
            state,
            fields,
            forms: HashMap::new(),
        }
    }

    fn put(
        &self,
        out: &mut Map<String, Value>,
        name: &str,
        decoration: bool,
        make: impl FnOnce() -> Option<Value>,
    ) {
        let below = match self.fields {
            None if decoration => return,
            None => None,
            Some(fields) => match fields.wants(name) {
                None => return,
                Some(below) => below,
            },
        };
        if let Some(value) = make() {
            let value = below.map_or_else(|| value.clone(), |below| below.apply(value.clone()));
            out.insert(name.to_owned(), value);
        }
    }

    fn write(&mut self, lead: &Lead) -> String {
        let mut out = Map::new();
        self.put(&mut out, "id", false, || Some(json!(lead.id)));
        self.put(&mut out, "owner", false, || Some(lead.owner.json()));
        self.put(&mut out, "submitter", false, || {
            Some(json!(format!("urn:li:person:{}", lead.submitter)))
        });
        self.put(&mut out, "leadType", false, || Some(json!(lead.lead_type)));
        self.put(&mut out, "testLead", false, || Some(json!(lead.test)));
        self.put(&mut out, "submittedAt", false, || {
            Some(json!(lead.submitted_at))
        });
        self.put(&mut out, "versionedLeadGenFormUrn", false, || {
            Some(json!(lead.form_urn()))
        });
        self.put(&mut out, "associatedEntity", false, || {
            lead.associated_entity()
        });
        self.put(&mut out, "leadMetadata", false, || {
            let campaign = format!("urn:li:sponsoredCampaign:{}", lead.campaign?);
            Some(json!({ "sponsoredLeadMetadata": { "campaign": campaign } }))
        });
        self.put(&mut out, "formResponse", false, || {
            Some(lead.form_response())
        });
        self.put(&mut out, "ownerInfo", true, || self.owner_info(lead));
        self.put(&mut out, "leadMetadataInfo", true, || {
            self.metadata_info(lead)
        });
        self.put(&mut out, "associatedEntityInfo", true, || {
            self.entity_info(lead)
        });
        lay_over(&mut out, lead.raw.as_ref());
        let mut text = Value::Object(out).to_string();
        if let Some(form) = self.form(lead) {
            text.pop();
            text.push_str(if text.len() > 1 {
                ",\"form\":"
            } else {
                "\"form\":"
            });
            text.push_str(&form);
            text.push('}');
        }
        text
    }

    fn form(&mut self, lead: &Lead) -> Option<String> {
        let below = self.fields?.wants("form")?;
        let make = |hidden: Option<&Value>| {
            let mut form = self
                .state
                .world
                .forms
                .get(&lead.form)?
                .versions
                .get(&lead.version)?
                .clone();
            if let Some(hidden) = hidden {
                form["hiddenFields"] = hidden.clone();
            }
            Some(
                below
                    .map_or_else(|| form.clone(), |below| below.apply(form.clone()))
                    .to_string(),
            )
        };
        if lead.hidden.is_some() {
            return make(lead.hidden.as_ref());
        }
        if lead
            .raw
            .as_ref()
            .is_some_and(|raw| raw.get("form").is_some())
        {
            return None;
        }
        self.forms
            .entry((lead.form, lead.version))
            .or_insert_with(|| make(None))
            .clone()
    }

    fn owner_info(&self, lead: &Lead) -> Option<Value> {
        Some(match lead.owner {
            Owner::Account(id) => {
                json!({ "sponsoredAccountInfo": { "name": self.state.world.accounts.get(&id)?.name } })
            }
            Owner::Organization(id) => {
                json!({ "organizationInfo": { "name": self.state.world.organizations.get(&id)?.name } })
            }
        })
    }

    fn metadata_info(&self, lead: &Lead) -> Option<Value> {
        let campaign = self.state.world.campaigns.get(&lead.campaign?)?;
        Some(json!({ "sponsoredLeadMetadataInfo": { "campaign": {
            "id": format!("urn:li:sponsoredCampaign:{}", campaign.id), "name": campaign.name, "type": campaign.kind,
        } } }))
    }

    fn entity_info(&self, lead: &Lead) -> Option<Value> {
        if let Some(id) = lead.creative {
            return Some(
                json!({ "associatedCreative": { "id": format!("urn:li:sponsoredCreative:{id}") } }),
            );
        }
        let id = lead.event?;
        let name = self.state.world.events.get(&id);
        Some(json!({ "event": { "id": format!("urn:li:event:{id}"), "name": name } }))
    }
}

/// Lays injected JSON over a lead; `"$remove":[…]` takes fields away.
fn lay_over(out: &mut Map<String, Value>, raw: Option<&Value>) {
    for (name, value) in raw.and_then(Value::as_object).into_iter().flatten() {
        if name == "$remove" {
            for gone in value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                out.remove(gone);
            }
        } else {
            out.insert(name.clone(), value.clone());
        }
    }
}
