//! User profiles and the accounts that each reaches: a person's own; all of them for administrators.

use sea_orm::FromQueryResult;

use crate::error::{Error, Result};
use crate::store::access::Reader;
use crate::store::accounts::SYNCABLE;
use crate::store::{row, rows};

/// One LinkedIn member's authorization.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Profile {
    /// Leadline's id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// The person whose profile it is.
    pub owner_id: i64,
    /// That person's name.
    pub owner_name: String,
    /// The LinkedIn member's name, when LinkedIn told it.
    pub member_name: Option<String>,
    /// `not_authorized`, `authorized`, `expired`, `reauthorizing` or `revoked`.
    pub state: String,
    /// What happened and what to do, in plain words.
    pub status_detail: Option<String>,
    /// What LinkedIn lets Leadline do, in LinkedIn's words.
    pub scopes: String,
    /// When the member has to authorize again.
    pub expires_at: Option<i64>,
    /// Whether Leadline renews the access by itself until then.
    pub renews: bool,
    /// When the member authorized last.
    pub authorized_at: Option<i64>,
    /// When its user confirmed who receives the data; until then nothing syncs.
    pub confirmed_at: Option<i64>,
    /// When LinkedIn was asked last which accounts it reaches.
    pub discovered_at: Option<i64>,
    /// How many accounts it reaches.
    pub accounts: i64,
    /// How many of them its user chose.
    pub chosen: i64,
}

/// An account that a profile reaches.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ProfileAccount {
    /// Leadline's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `ad_account` or `organization`.
    pub kind: String,
    /// LinkedIn's name for it.
    pub urn: String,
    /// Whether it is a test account.
    pub test: bool,
    /// Whether a company page is attached to it; without one LinkedIn gives no leads.
    pub has_page: bool,
    /// That page's name.
    pub organization_name: Option<String>,
    /// The member's role in it.
    pub role: Option<String>,
    /// Whether its user chose it for syncing.
    pub chosen: bool,
    /// Whether it is switched on.
    pub sync_enabled: bool,
    /// Whether it syncs at all, through this profile or another one.
    pub syncs: bool,
    /// What the sync is doing with it.
    pub sync_state: String,
    /// What happened and what to do, in plain words.
    pub status_detail: Option<String>,
    /// When the last pass ended.
    pub last_finished_at: Option<i64>,
}

/// A profile, before the condition; `$1` is whether everything may be read, `$2` whose it is.
const PROFILE: &str = "SELECT p.id, p.name, p.owner_id, o.name AS owner_name, p.member_name, p.state, p.status_detail, \
       p.scopes, COALESCE(p.refresh_expires_at, p.access_expires_at) AS expires_at, \
       p.refresh_token IS NOT NULL AS renews, p.authorized_at, p.confirmed_at, p.discovered_at, \
       (SELECT count(*) FROM profile_account pa WHERE pa.profile_id = p.id) AS accounts, \
       (SELECT count(*) FROM profile_account pa WHERE pa.profile_id = p.id AND pa.chosen) AS chosen \
     FROM user_profile p JOIN person o ON o.id = p.owner_id WHERE ($1 OR p.owner_id = $2)";

impl Reader {
    /// The profiles that the person may see, by name. There are as many as colleagues: no paging.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_profiles(&self) -> Result<Vec<Profile>> {
        let sql = format!("{PROFILE} ORDER BY p.name, p.id LIMIT 1000");
        let person = self.person();
        let values = [person.administrator.into(), person.id.into()];
        rows(self.store().reading(), &sql, values).await
    }

    /// One profile.
    ///
    /// # Errors
    /// When it does not exist or is somebody else's.
    pub async fn find_profile(&self, id: i64) -> Result<Profile> {
        let sql = format!("{PROFILE} AND p.id = $3");
        let person = self.person();
        let values = [person.administrator.into(), person.id.into(), id.into()];
        let profile = row(self.store().reading(), &sql, values).await?;
        profile.ok_or_else(|| Error::not_found("user profile"))
    }

    /// The accounts that a profile reaches, by name.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_profile_accounts(&self, profile_id: i64) -> Result<Vec<ProfileAccount>> {
        let sql = format!(
            "SELECT a.id, a.name, a.kind, a.urn, a.test, a.organization_name, pa.role, pa.chosen, a.sync_enabled, \
               ({SYNCABLE}) AS syncs, a.sync_state, a.status_detail, a.last_finished_at, \
               (a.kind = 'organization' OR a.organization_urn IS NOT NULL) AS has_page \
             FROM profile_account pa JOIN linked_account a ON a.id = pa.account_id \
             JOIN user_profile p ON p.id = pa.profile_id \
             WHERE ($1 OR p.owner_id = $2) AND p.id = $3 ORDER BY a.name, a.id LIMIT 2000"
        );
        let person = self.person();
        let values = [
            person.administrator.into(),
            person.id.into(),
            profile_id.into(),
        ];
        rows(self.store().reading(), &sql, values).await
    }
}
