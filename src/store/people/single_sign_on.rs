//! Who comes by single sign-on: found, linked or made, with the roles that their groups give.

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::json;

use super::changing::{Changing, has_administrator};
use super::{NAME_AT_MOST, NOUN, PERSON, Person, check_email, email_key, has_people, tell};
use crate::error::{Error, Result};
use crate::single_sign_on::{Identity, RoleGroups, Roles, SignOnError};
use crate::store::access::Actor;
use crate::store::audit::{self, Action, Event};
use crate::store::{Store, execute, row, text};

/// What comes of somebody for whom the provider vouches.
type Admitted = Result<Result<Person, SignOnError>>;

#[derive(FromQueryResult)]
struct Known {
    #[sea_orm(nested)]
    person: Person,
    linked: bool,
}

impl Store {
    /// The person whom the provider vouches for. Somebody is known by the provider's name for them;
    /// the first time also by an e-mail address that the provider says is theirs. Whoever is not
    /// known is made when a group gives them a role.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn admit(&self, identity: &Identity, groups: &RoleGroups, now: i64) -> Admitted {
        let changing = Changing::begin(self).await?;
        let tx = &changing.tx;
        let found = match find(tx, identity).await? {
            Some(person) => Ok(Some(person)),
            None => link(tx, identity, now).await?,
        };
        let admitted = match found {
            Ok(Some(person)) if person.disabled => Err(SignOnError::Disabled),
            Ok(Some(person)) => follow(tx, person, identity, groups, now).await?,
            Ok(None) => make(tx, identity, groups, now).await?,
            Err(refusal) => Err(refusal),
        };
        // A refusal leaves nothing behind, not even the link.
        if admitted.is_ok() {
            changing.commit().await?;
        }
        Ok(admitted)
    }

    /// Notes that somebody came back from the provider and was not let in. Whom the provider vouches
    /// for is named, by the address that it tells.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn note_sign_on_refusal(
        &self,
        identity: Option<&Identity>,
        why: SignOnError,
        address: &str,
        now: i64,
    ) -> Result<()> {
        let known = match identity {
            Some(identity) => find(self.reading(), identity).await?,
            None => None,
        };
        let email = identity.and_then(|identity| identity.email.as_deref());
        let name = known.as_ref().map(|person| person.name.as_str());
        let id = known.as_ref().map(|person| person.id);
        let event = Event::new(
            Action::SignInRefused,
            NOUN,
            id,
            name.or(email).unwrap_or_default(),
        );
        let event = event
            .after(json!({ "tried": "single-sign-on", "reason": why.code() }))
            .address(address);
        audit::record(self.writing(), &Actor::Stranger, event, now).await
    }
}

async fn find(db: &impl ConnectionTrait, identity: &Identity) -> Result<Option<Person>> {
    let sql = format!("SELECT {PERSON} FROM person WHERE oidc_subject = $1");
    row(db, &sql, [text(&identity.key())]).await
}

/// Ties the identity to the person who has its e-mail address; `None` when nobody has.
async fn link(
    db: &impl ConnectionTrait,
    identity: &Identity,
    now: i64,
) -> Result<Result<Option<Person>, SignOnError>> {
    let Some(email) = identity.email.as_deref() else {
        return Ok(Err(SignOnError::NoEmail));
    };
    let sql = format!(
        "SELECT {PERSON}, oidc_subject IS NOT NULL AS linked FROM person WHERE email_key = $1"
    );
    let Some(known) = row::<Known>(db, &sql, [text(&email_key(email))]).await? else {
        return Ok(Ok(None));
    };
    if known.linked {
        return Ok(Err(SignOnError::OtherIdentity));
    }
    if !identity.email_verified {
        return Ok(Err(SignOnError::EmailNotVerified));
    }
    let person = known.person;
    let sql = "UPDATE person SET oidc_subject = $1 WHERE id = $2";
    execute(db, sql, [text(&identity.key()), person.id.into()]).await?;
    let event = Event::new(Action::Changed, NOUN, person.id, &person.name)
        .before(json!({ "single_sign_on": false }))
        .after(json!({ "single_sign_on": true }));
    audit::record(db, &Actor::SingleSignOn, event, now).await?;
    Ok(Ok(Some(person)))
}

/// Lets the roles follow the groups. The last active administrator stays one whatever they say.
async fn follow(
    db: &impl ConnectionTrait,
    person: Person,
    identity: &Identity,
    groups: &RoleGroups,
    now: i64,
) -> Admitted {
    let before = Roles {
        administrator: person.administrator,
        salesperson: person.salesperson,
    };
    let mut roles = groups.roles(&identity.groups, before);
    set_roles(db, &person, roles).await?;
    if before.administrator && !has_administrator(db).await? {
        roles.administrator = true;
        set_roles(db, &person, roles).await?;
    }
    if roles == Roles::NONE {
        return Ok(Err(SignOnError::NoRole));
    }
    let after = Person {
        administrator: roles.administrator,
        salesperson: roles.salesperson,
        ..person.clone()
    };
    if roles != before {
        let event = Event::new(Action::Changed, NOUN, person.id, &person.name)
            .before(json!({ "roles": person.roles() }))
            .after(json!({ "roles": after.roles() }));
        audit::record(db, &Actor::SingleSignOn, event, now).await?;
    }
    Ok(Ok(after))
}

async fn set_roles(db: &impl ConnectionTrait, person: &Person, roles: Roles) -> Result<()> {
    let sql = "UPDATE person SET administrator = $1, salesperson = $2 WHERE id = $3";
    let values = [
        roles.administrator.into(),
        roles.salesperson.into(),
        person.id.into(),
    ];
    execute(db, sql, values).await?;
    Ok(())
}

/// Makes somebody whose groups give a role. As long as there is nobody, it has to be an
/// administrator.
async fn make(
    db: &impl ConnectionTrait,
    identity: &Identity,
    groups: &RoleGroups,
    now: i64,
) -> Admitted {
    if !groups.any() {
        return Ok(Err(SignOnError::NotInvited));
    }
    let roles = groups.roles(&identity.groups, Roles::NONE);
    if roles == Roles::NONE || (!roles.administrator && !has_people(db).await?) {
        return Ok(Err(SignOnError::NoRole));
    }
    let email = identity.email.as_deref().unwrap_or_default();
    let name: String = identity.display_name().chars().take(NAME_AT_MOST).collect();
    if check_email(email).is_err() {
        return Ok(Err(SignOnError::NoEmail));
    }
    let sql = format!(
        "INSERT INTO person (email, email_key, name, password_hash, oidc_subject, administrator, salesperson, disabled, created_at) \
         VALUES ($1, $2, $3, '', $4, $5, $6, FALSE, $7) RETURNING {PERSON}"
    );
    let values = [
        text(email.trim()),
        text(&email_key(email)),
        text(name.trim()),
        text(&identity.key()),
        roles.administrator.into(),
        roles.salesperson.into(),
        now.into(),
    ];
    let made = row::<Person>(db, &sql, values).await?;
    let made = made.ok_or_else(|| Error::internal("nobody was made"))?;
    tell(db, &Actor::SingleSignOn, &made, now).await?;
    Ok(Ok(made))
}
