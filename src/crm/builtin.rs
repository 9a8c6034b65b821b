//! The built-in lead store: leads lie in Leadline's own database, so a batch of submissions is
//! decided and written in one transaction. Either all of it happened or nothing did; there is no
//! moment in which a killed server could leave a lead without its submission, or make it twice.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DatabaseTransaction;

use crate::error::Result;
use crate::lead::Lead;
use crate::matching::MatchKey;
use crate::plan::Leads;
use crate::store::Store;
use crate::store::leads::{find_leads, insert_leads, save_keys, update_leads};
use crate::store::match_fields::match_fields;
use crate::store::mirrors::lives_elsewhere;

/// The built-in store within one transaction.
#[derive(Debug)]
pub struct Builtin {
    tx: DatabaseTransaction,
    elsewhere: bool,
}

impl Builtin {
    /// Begins a transaction in which nobody else decides submissions, so that two submissions of
    /// one person never run at once and always in order.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin(store: &Store) -> Result<Builtin> {
        let tx = store.begin_alone().await?;
        let elsewhere = lives_elsewhere(&tx).await?;
        Ok(Builtin { tx, elsewhere })
    }

    /// Whether leads live in an organization, and what lies here is what is known of them.
    #[must_use]
    pub fn lives_elsewhere(&self) -> bool {
        self.elsewhere
    }

    /// The transaction, for what is to be committed together with the leads.
    #[must_use]
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// The leads that share at least one key, and those with these ids.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn find(&self, keys: &BTreeSet<MatchKey>, ids: &BTreeSet<i64>) -> Result<Leads> {
        let known = find_leads(&self.tx, keys, ids).await?;
        Ok(Leads::new(known, match_fields(&self.tx).await?))
    }

    /// Writes the leads that were made or changed; tells the ids of the new ones by the number that
    /// stood for them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(&self, leads: &Leads, now: i64) -> Result<BTreeMap<i64, i64>> {
        let made: Vec<&Lead> = leads.made().collect();
        let changed: Vec<&Lead> = leads.changed().collect();
        let by_submission = insert_leads(&self.tx, &made, now).await?;
        let ids: BTreeMap<i64, i64> = made
            .iter()
            .filter_map(|lead| Some((lead.id, *by_submission.get(&lead.created_by)?)))
            .collect();
        update_leads(&self.tx, &changed).await?;
        let keys: Vec<(i64, BTreeSet<MatchKey>)> = made
            .iter()
            .chain(&changed)
            .map(|lead| {
                let id = ids.get(&lead.id).copied().unwrap_or(lead.id);
                (id, leads.keys(lead.id))
            })
            .collect();
        save_keys(&self.tx, &keys).await?;
        Ok(ids)
    }

    /// Makes it so.
    ///
    /// # Errors
    /// When the database refuses; then nothing was written.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}
