//! Brings leads to the organization.
//!
//! What goes out is the difference between what a lead is to be and what was last seen of it, with the
//! version that was seen as the condition. So whoever changed the record meanwhile is noticed, and a
//! request whose answer was lost is simply made again: it then finds that there is nothing to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;
use uuid::Uuid;

use super::columns::{columns, seen, select};
use super::{Desk, Stop};
use crate::backoff::Backoff;
use crate::crm::dynamics::{Class, Failure, Filter, Receipt, Table, Written, bind_owner};
use crate::crm::mirror::{arrived, outgoing, record_for, state, supplied};
use crate::error::{Error, Kind, Result};
use crate::plan::Rules;
use crate::store::mirrors::{Delivery, find_mirrors};
use crate::sync::process::load_rules;

/// How often one lead is tried in a row when others change it at the same time.
const TRIES: usize = 4;
/// Leads that are on their way at the same time; the client keeps to what the organization allows.
const AT_ONCE: usize = 32;

/// The organization has a record that it does not show.
const HIDDEN: &str = "Dynamics 365 says that this lead exists already, and does not show it: another record has a value that may exist only once, or the application user may not read the lead.";

/// The column that says where a lead came from.
const SOURCE: &str = "leadsourcecode";

/// So many leads that lack the same right, and none that arrives: it is not about one lead.
const MANY: usize = 3;

/// What one request came to.
enum Step {
    /// It is there.
    Arrived,
    /// It is to be tried again with what is known now.
    Again,
    /// The answer was lost, and a look did not find all of it there.
    InDoubt(Failure),
}

/// What was brought to the organization in one go.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// How many leads were tried.
    pub tried: usize,
    /// What some of them lack that others have, in words for the administrator.
    pub hindered: Option<String>,
}

impl Desk {
    /// Brings the leads whose turn it is to the organization.
    pub(super) async fn deliver(self: &Arc<Self>, limit: u64) -> Result<Brought, Stop> {
        let now = self.store.clock().await?;
        let ids = self.store.list_to_deliver(limit, now).await?;
        let mut brought = Brought {
            tried: ids.len(),
            hindered: None,
        };
        if ids.is_empty() {
            return Ok(brought);
        }
        let rules = Arc::new(load_rules(&self.store).await?);
        let (mut waiting, mut going, mut stop) = (ids.into_iter(), JoinSet::new(), None);
        let (mut fine, mut hindered) = (0, 0);
        loop {
            while stop.is_none()
                && going.len() < AT_ONCE
                && let Some(id) = waiting.next()
            {
                let (desk, rules) = (Arc::clone(self), Arc::clone(&rules));
                going.spawn(async move { desk.bring(&rules, id).await });
            }
            // Whatever is on its way is finished; nothing that went well is forgotten.
            match going.join_next().await {
                None => return stop.map_or(Ok(brought), Err),
                Some(Ok(Ok(None))) => fine += 1,
                Some(Ok(Ok(Some(failure)))) => {
                    hindered += 1;
                    brought.hindered = Some(failure.message());
                    if hindered >= MANY && fine == 0 {
                        stop = stop.or(Some(failure.into()));
                    }
                }
                Some(Ok(Err(other))) => stop = stop.or(Some(other)),
                Some(Err(broken)) => stop = stop.or(Some(Error::internal(broken).into())),
            }
        }
    }

    /// Brings one lead there. A right that is missing is told, because nobody knows yet whether it is
    /// about this lead. What the database refuses of one lead hinders no other.
    async fn bring(&self, rules: &Rules, id: i64) -> Result<Option<Failure>, Stop> {
        match self.try_to_bring(rules, id).await {
            Err(Stop::Engine(error)) if error.kind() != Kind::Unavailable => {
                tracing::error!(?error, lead = id, "a lead cannot be brought to the CRM");
                let again = self.store.clock().await? + Backoff::CRM.cap;
                let why = "Leadline cannot keep what belongs to this lead; its log says more.";
                self.store.save_put_off(id, again, why).await?;
                Ok(None)
            }
            done => done,
        }
    }

    async fn try_to_bring(&self, rules: &Rules, id: i64) -> Result<Option<Failure>, Stop> {
        let mut in_doubt = false;
        for _ in 0..TRIES {
            let Some(delivery) = self.store.find_delivery(id).await? else {
                return Ok(None);
            };
            let mirror = &delivery.mirror;
            let step = match (mirror.record, mirror.version.as_deref()) {
                (Some(record), Some(version)) => {
                    self.update(rules, &delivery, record, version).await
                }
                _ => self.create(rules, &delivery).await,
            };
            match step {
                Ok(Step::Arrived) => return Ok(None),
                Ok(Step::Again) => {}
                // Once is an accident; twice is put off, as other refusals are.
                Ok(Step::InDoubt(_)) if !in_doubt => in_doubt = true,
                Ok(Step::InDoubt(failure)) | Err(Stop::Refused(failure)) => {
                    return self.refused(&delivery, failure).await;
                }
                Err(stop) => return Err(stop),
            }
        }
        let again = self.store.clock().await? + 5_000;
        let why = "Others are changing this lead at the same time.";
        self.store.save_put_off(id, again, why).await?;
        Ok(None)
    }

    /// The record that a lead will be: it is kept before it is made, so that whoever meets it in the
    /// organization knows whose it is, even when the answer is lost.
    async fn reserve(&self, delivery: &Delivery) -> Result<Uuid, Stop> {
        if let Some(record) = delivery.mirror.record {
            return Ok(record);
        }
        let (organization, id) = (self.connected.organization_id, delivery.mirror.lead.id);
        let own = record_for(organization, "lead", &id.to_string());
        let record = match &delivery.made_from {
            Some(made) => record_for(organization, &made.account, &made.response),
            None => own,
        };
        let db = self.store.writing();
        let others = find_mirrors(db, &BTreeSet::new(), &BTreeSet::from([record])).await?;
        // A lead may have been made from the same response before.
        let record = if others.is_empty() { record } else { own };
        self.store.save_record_of(id, record).await?;
        Ok(record)
    }

    /// Makes the record; a second time finds that it is there.
    async fn create(&self, rules: &Rules, delivery: &Delivery) -> Result<Step, Stop> {
        let lead = &delivery.mirror.lead;
        let record = self.reserve(delivery).await?;
        let values = outgoing(&delivery.mirror, &rules.lead_fields);
        let about = delivery.made_from.as_ref().and_then(|m| m.form.as_deref());
        let mut all = values.clone();
        let about = about.unwrap_or("lead gen form");
        for (name, value) in supplied(&lead.fields, about, &rules.lead_fields) {
            all.insert(name, Some(value));
        }
        if let Some(source) = self.source(&lead.source) {
            all.entry(SOURCE.to_owned()).or_insert_with(|| Some(source));
        }
        if let Some((key, response)) = self.response_key(delivery) {
            all.entry(key.to_owned())
                .or_insert_with(|| Some(response.to_owned()));
        }
        let Some(mut columns) = self.columns(delivery, &all).await? else {
            return Ok(Step::Arrived);
        };
        let owner = self.owner(delivery).await?;
        columns.extend(owner.map(bind_owner));
        columns.extend(self.contact(rules, delivery, record).await?);
        match self.dynamics.create(Table::Leads, record, columns).await {
            // Nothing is closed when it is made: a lead that was closed meanwhile is so in a second step.
            Ok(Written::Made(receipt)) if lead.open => {
                let there = arrived(&delivery.mirror, &values, owner);
                self.store
                    .save_delivered(delivery, &there, record, &receipt)
                    .await?;
                Ok(Step::Arrived)
            }
            Ok(Written::Made(_) | Written::Existed) => {
                if self.look(rules, delivery, record).await? {
                    return Ok(Step::Again);
                }
                self.store.save_refused(delivery, HIDDEN, None).await?;
                Ok(Step::Arrived)
            }
            Err(failure) if failure.class == Class::Existed => {
                self.adopt(rules, delivery, failure).await
            }
            Err(failure) if failure.class == Class::Ambiguous => {
                match self.look(rules, delivery, record).await? {
                    true => Ok(Step::Again),
                    false => Ok(Step::InDoubt(failure)),
                }
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Another program made a record for the same response: it is the lead, if Leadline has no other
    /// lead that it is.
    async fn adopt(
        &self,
        rules: &Rules,
        delivery: &Delivery,
        failure: Failure,
    ) -> Result<Step, Stop> {
        let Some((key, response)) = self.response_key(delivery) else {
            return Err(failure.into());
        };
        let filter = Filter::eq(key, response);
        let found = self.dynamics.find(Table::Leads, &filter, &[], 1).await?;
        let Some(record) = found.first().map(|found| found.id) else {
            return Err(failure.into());
        };
        let db = self.store.writing();
        let others = find_mirrors(db, &BTreeSet::new(), &BTreeSet::from([record])).await?;
        if others.is_empty() && self.look(rules, delivery, record).await? {
            return Ok(Step::Again);
        }
        Err(failure.into())
    }

    /// The column for LinkedIn's id of the response, if the organization has one, and the id.
    fn response_key<'a>(&'a self, delivery: &'a Delivery) -> Option<(&'a str, &'a str)> {
        let key = self.connected.table.response_key.as_deref()?;
        Some((key, &delivery.made_from.as_ref()?.response))
    }

    /// Changes the record, if there is anything to change.
    async fn update(
        &self,
        rules: &Rules,
        delivery: &Delivery,
        record: Uuid,
        version: &str,
    ) -> Result<Step, Stop> {
        let values = outgoing(&delivery.mirror, &rules.lead_fields);
        let Some(mut columns) = self.columns(delivery, &values).await? else {
            return Ok(Step::Arrived);
        };
        let state = state(&delivery.mirror).into_iter().flatten();
        columns.extend(state.map(|(name, number)| (name.to_owned(), number.into())));
        let owner = self.new_owner(delivery).await?;
        columns.extend(owner.map(bind_owner));
        let there = arrived(&delivery.mirror, &values, owner);
        if columns.is_empty() {
            let unchanged = Receipt {
                etag: version.to_owned(),
                request_id: None,
            };
            self.store
                .save_delivered(delivery, &there, record, &unchanged)
                .await?;
            return Ok(Step::Arrived);
        }
        let written = self.dynamics.update(Table::Leads, record, version, columns);
        match written.await {
            Ok(receipt) => {
                self.store
                    .save_delivered(delivery, &there, record, &receipt)
                    .await?;
                Ok(Step::Arrived)
            }
            Err(failure) => match failure.class {
                Class::Stale | Class::Ambiguous | Class::Gone => {
                    if !self.look(rules, delivery, record).await? {
                        let now = self.store.clock().await?;
                        let lead = delivery.mirror.lead.id;
                        self.store.save_lead_gone(lead, now).await?;
                        return Ok(Step::Arrived);
                    }
                    match failure.class {
                        Class::Ambiguous => Ok(Step::InDoubt(failure)),
                        _ => Ok(Step::Again),
                    }
                }
                _ => Err(failure.into()),
            },
        }
    }

    /// Reads the record and takes over what it has; `false` when there is none.
    async fn look(&self, rules: &Rules, delivery: &Delivery, record: Uuid) -> Result<bool, Stop> {
        let asked = self.asked(rules);
        let select = select(&self.connected.table, &asked);
        let select: Vec<&str> = select.iter().map(String::as_str).collect();
        let now = self.store.clock().await?;
        let id = delivery.mirror.lead.id;
        let Some(found) = self.dynamics.read(Table::Leads, record, &select).await? else {
            return Ok(false);
        };
        let mut seen = [seen(&self.connected.table, &asked, &found)?];
        self.name_owners(&mut seen).await?;
        self.store.save_record_of(id, record).await?;
        self.store.save_seen_again(&seen, &asked, now).await?;
        Ok(true)
    }

    /// The values as columns; `None` when one does not fit, which is then said.
    async fn columns(
        &self,
        delivery: &Delivery,
        values: &BTreeMap<String, Option<String>>,
    ) -> Result<Option<serde_json::Map<String, serde_json::Value>>, Stop> {
        match columns(&self.connected.table, values) {
            Ok(columns) => Ok(Some(columns)),
            Err(problem) => {
                self.store.save_refused(delivery, &problem, None).await?;
                Ok(None)
            }
        }
    }

    /// The choice that says where a lead came from: the one that the administrator chose, or the one
    /// that has the name that Leadline gives it.
    fn source(&self, name: &str) -> Option<String> {
        let column = self.connected.table.column(SOURCE)?;
        let chosen = self.connected.default_lead_source.as_deref();
        let source = chosen.unwrap_or(name);
        column.to_json(source).ok().map(|_| source.to_owned())
    }

    /// What a refusal means for one lead, or for all of them. A missing right is told.
    async fn refused(
        &self,
        delivery: &Delivery,
        failure: Failure,
    ) -> Result<Option<Failure>, Stop> {
        let id = delivery.mirror.lead.id;
        let why = failure.message();
        match failure.class {
            // A key that another record has stays taken.
            Class::Mapping
            | Class::Data
            | Class::CustomerLogic
            | Class::Policy
            | Class::Existed
            | Class::Bug => {
                if failure.class == Class::Mapping {
                    // Its columns are not those that were read last.
                    self.store.request_crm_check().await?;
                }
                let request = failure.request_id.as_deref();
                self.store.save_refused(delivery, &why, request).await?;
                Ok(None)
            }
            Class::Retry | Class::Ambiguous | Class::Stale | Class::Gone | Class::Setup => {
                let now = self.store.clock().await?;
                let delay = Backoff::CRM.delay(delivery.failures, rand::random());
                self.store.save_put_off(id, now + delay, &why).await?;
                Ok((failure.class == Class::Setup).then_some(failure))
            }
            Class::Wait | Class::SignIn => Err(Stop::Refused(failure)),
        }
    }
}
