//! Leads for a preview, as the organization has them now: asked for like for a decision, and kept
//! nowhere.

use std::collections::BTreeSet;
use std::time::Duration;

use super::refresh::News;
use super::{Organization, Stop};
use crate::crm::overlay::overlay;
use crate::error::Result;
use crate::lead::Lead;
use crate::plan::{Rules, Undecided};
use crate::store::crm::{Connected, Crm};
use crate::store::mirrors::find_mirrors;

/// How long a preview waits for the organization.
const AT_MOST: Duration = Duration::from_secs(8);

/// Leads for a preview.
#[derive(Debug)]
pub(in crate::sync) struct Current {
    /// The leads.
    pub leads: Vec<Lead>,
    /// Why the organization could not be asked, in words; then the leads are as Leadline knew them.
    pub not_asked: Option<String>,
}

impl Organization {
    /// The leads that submissions could belong to by any of these rules: those that are known already,
    /// as the organization has them now, and those that only the organization knows. Where leads live
    /// in the built-in store, those that are known are all. Nothing is written, but how long the
    /// organization asked to wait.
    ///
    /// # Errors
    /// When the database refuses.
    pub(in crate::sync) async fn current(
        &self,
        rules: &[&Rules],
        submissions: &[Undecided],
        known: Vec<Lead>,
    ) -> Result<Current> {
        let as_known = |leads, not_asked| Ok(Current { leads, not_asked });
        let Crm::Dynamics(connected) = self.store.crm(&self.config).await? else {
            return as_known(known, None);
        };
        if connected.broken.is_some() {
            return as_known(known, connected.broken);
        }
        if self.store.crm_paused_until().await? > self.store.clock().await? {
            let paused = "It asked Leadline to wait for a while.";
            return as_known(known, Some(paused.to_owned()));
        }
        let ids = known.iter().map(|lead| lead.id).collect();
        let asked = self.news(connected, rules, submissions, &ids);
        let news = match tokio::time::timeout(AT_MOST, asked).await {
            Ok(Ok(news)) => news,
            Ok(Err(Stop::Engine(error))) => return Err(error),
            Ok(Err(Stop::Refused(failure))) => {
                self.store.keep_crm_pause(failure.retry_after).await?;
                return as_known(known, Some(failure.message()));
            }
            Ok(Err(Stop::Elsewhere(other))) => return as_known(known, Some(other)),
            Err(_) => {
                let late = format!("It did not answer within {} seconds.", AT_MOST.as_secs());
                return as_known(known, Some(late));
            }
        };
        let records = news.seen.iter().map(|seen| seen.id).collect();
        let mirrors = find_mirrors(self.store.reading(), &BTreeSet::new(), &records).await?;
        let leads = overlay(known, mirrors, &news.seen, &news.asked, &news.gone);
        as_known(leads, None)
    }

    async fn news(
        &self,
        connected: Box<Connected>,
        rules: &[&Rules],
        submissions: &[Undecided],
        known: &BTreeSet<i64>,
    ) -> Result<News, Stop> {
        let desk = self.desk(connected).await?;
        desk.refresh(rules, submissions, known).await
    }
}
