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
use crate::error::{Error, Result};
use crate::plan::Rules;
use crate::store::mirrors::{Delivery, find_mirrors};
use crate::sync::process::load_rules;

/// How often one lead is tried in a row when others change it at the same time.
const TRIES: usize = 4;
/// Leads that are on their way at the same time; the client keeps to what the organization allows.
const AT_ONCE: usize = 32;

/// The column that says where a lead came from.
const SOURCE: &str = "leadsourcecode";

/// What one request came to.
enum Step {
    /// It is there.
    Arrived,
    /// It is to be tried again with what is known now.
    Again,
}

impl Desk {
    /// Brings the leads whose turn it is to the organization; tells how many were tried.
    pub(super) async fn deliver(self: &Arc<Self>, limit: u64) -> Result<usize, Stop> {
        let now = self.store.clock().await?;
        let ids = self.store.list_to_deliver(limit, now).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let rules = Arc::new(load_rules(&self.store).await?);
        let count = ids.len();
        let (mut waiting, mut going, mut stop) = (ids.into_iter(), JoinSet::new(), None);
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
                None => return stop.map_or(Ok(count), Err),
                Some(Ok(done)) => stop = stop.or(done.err()),
                Some(Err(broken)) => stop = stop.or(Some(Error::internal(broken).into())),
            }
        }
    }

    async fn bring(&self, rules: &Rules, id: i64) -> Result<(), Stop> {
        for _ in 0..TRIES {
            let Some(delivery) = self.store.find_delivery(id).await? else {
                return Ok(());
            };
            let step = match delivery.mirror.record {
                Some(record) => self.update(rules, &delivery, record).await,
                None => self.create(rules, &delivery).await,
            };
            match step {
                Ok(Step::Arrived) => return Ok(()),
                Ok(Step::Again) => {}
                Err(Stop::Refused(failure)) => return self.refused(&delivery, failure).await,
                Err(stop) => return Err(stop),
            }
        }
        let again = self.store.clock().await? + 5_000;
        let why = "Others are changing this lead at the same time.";
        Ok(self.store.save_put_off(id, again, why).await?)
    }

    /// Makes the record; a second time finds that it is there.
    async fn create(&self, rules: &Rules, delivery: &Delivery) -> Result<Step, Stop> {
        let lead = &delivery.mirror.lead;
        let organization = self.connected.organization_id;
        let record = match &delivery.made_from {
            Some(made) => record_for(organization, &made.account, &made.response),
            None => record_for(organization, "lead", &lead.id.to_string()),
        };
        let values = outgoing(&delivery.mirror, &rules.lead_fields);
        let about = delivery.made_from.as_ref().and_then(|m| m.form.as_deref());
        let mut all = values.clone();
        for (name, value) in supplied(&lead.fields, about.unwrap_or("lead gen form")) {
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
            Ok(Written::Made(_) | Written::Existed) => self.look(rules, delivery, record).await,
            Err(failure) if failure.class == Class::Existed => {
                self.adopt(rules, delivery, failure).await
            }
            Err(failure) if failure.class == Class::Ambiguous => {
                self.look(rules, delivery, record).await
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
        match others.is_empty() {
            true => self.look(rules, delivery, record).await,
            false => Err(failure.into()),
        }
    }

    /// The column for LinkedIn's id of the response, if the organization has one, and the id.
    fn response_key<'a>(&'a self, delivery: &'a Delivery) -> Option<(&'a str, &'a str)> {
        let key = self.connected.table.response_key.as_deref()?;
        Some((key, &delivery.made_from.as_ref()?.response))
    }

    /// Changes the record, if there is anything to change.
    async fn update(&self, rules: &Rules, delivery: &Delivery, record: Uuid) -> Result<Step, Stop> {
        let Some(version) = delivery.mirror.version.as_deref() else {
            return self.look(rules, delivery, record).await;
        };
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
                    self.look(rules, delivery, record).await
                }
                _ => Err(failure.into()),
            },
        }
    }

    /// Reads the record and takes over what it has.
    async fn look(&self, rules: &Rules, delivery: &Delivery, record: Uuid) -> Result<Step, Stop> {
        let asked = self.asked(rules);
        let select = select(&self.connected.table, &asked);
        let select: Vec<&str> = select.iter().map(String::as_str).collect();
        let now = self.store.clock().await?;
        let id = delivery.mirror.lead.id;
        match self.dynamics.read(Table::Leads, record, &select).await? {
            Some(found) => {
                let mut seen = [seen(&self.connected.table, &asked, &found)?];
                self.name_owners(&mut seen).await?;
                self.store.save_record_of(id, record).await?;
                self.store.save_seen_again(&seen, &asked, now).await?;
                Ok(Step::Again)
            }
            // It was never made: the request did not arrive.
            None if delivery.mirror.record.is_none() => Ok(Step::Again),
            None => {
                self.store.save_lead_gone(id, now).await?;
                Ok(Step::Arrived)
            }
        }
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

    /// What a refusal means for one lead, or for all of them.
    async fn refused(&self, delivery: &Delivery, failure: Failure) -> Result<(), Stop> {
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
                Ok(self.store.save_refused(delivery, &why, request).await?)
            }
            Class::Retry | Class::Ambiguous | Class::Stale | Class::Gone => {
                let now = self.store.clock().await?;
                let delay = Backoff::CRM.delay(delivery.failures, rand::random());
                Ok(self.store.save_put_off(id, now + delay, &why).await?)
            }
            Class::Wait | Class::Setup | Class::SignIn => Err(Stop::Refused(failure)),
        }
    }
}
