//! The contact of a lead that is made: found in the organization, or made there (parity row 38).

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Desk, Stop};
use crate::crm::dynamics::{Class, Failure, Filter, Record, Table, Written};
use crate::lead::{Fields, LeadField, LeadFields};
use crate::matching::{Contacts, Strategy};
use crate::plan::Rules;
use crate::store::mirrors::Delivery;
use crate::store::submissions::list_these;
use crate::sync::process::read;

/// What a contact has as well as a lead, under the same names.
const SHARED: [&str; 12] = [
    "firstname",
    "lastname",
    "emailaddress1",
    "emailaddress2",
    "mobilephone",
    "telephone1",
    "jobtitle",
    "websiteurl",
    "address1_city",
    "address1_stateorprovince",
    "address1_country",
    "address1_postalcode",
];
/// The property that links a lead to its contact.
const LINK: &str = "parentcontactid@odata.bind";

impl Desk {
    /// What links a new lead to its contact, if the strategy wants that and there is one. `record` is
    /// the lead's id.
    pub(super) async fn contact(
        &self,
        rules: &Rules,
        delivery: &Delivery,
        record: Uuid,
    ) -> Result<Option<(String, Value)>, Stop> {
        let lead = &delivery.mirror.lead;
        let made_from = list_these(self.store.reading(), &[lead.created_by]).await?;
        let Some(submission) = made_from.first().map(read) else {
            return Ok(None);
        };
        let strategies = rules.strategies_for(&submission);
        let wants = |strategy: &&Strategy| strategy.contacts != Contacts::None;
        let Some(strategy) = strategies.first().filter(wants) else {
            return Ok(None);
        };
        let Some(sought) = sought(strategy, &rules.lead_fields, &lead.fields) else {
            return Ok(None);
        };
        let contact = match (self.contacts(&sought).await?.as_slice(), strategy.contacts) {
            ([only], _) => Some(only.id),
            ([], Contacts::LinkOrCreate) => {
                self.make_contact(&sought, &lead.fields, record).await?
            }
            // None, or several: which of them it is nobody can say.
            _ => None,
        };
        let link = |contact| format!("/contacts({contact})").into();
        Ok(contact.map(|contact: Uuid| (LINK.to_owned(), link(contact))))
    }

    /// The open contacts that have these values; at most two.
    async fn contacts(&self, sought: &[Sought<'_>]) -> Result<Vec<Record>, Stop> {
        let equal = sought
            .iter()
            .map(|(field, value)| Filter::eq(&field.name, value));
        let filter = equal.fold(Filter::is_open(), |all, one| one.and(all));
        let found = self
            .dynamics
            .find(Table::Contacts, &filter, &["contactid"], 2);
        Ok(found.await.map_err(of_this_lead)?)
    }

    /// Makes the contact. Its id follows from the values by which it was looked for, so that two leads
    /// of one person that are made at the same time make one. If somebody gave that contact other values
    /// meanwhile, this lead gets one of its own.
    async fn make_contact(
        &self,
        sought: &[Sought<'_>],
        lead: &Fields,
        record: Uuid,
    ) -> Result<Option<Uuid>, Stop> {
        let of_values = contact_for(self.connected.organization_id, sought);
        for id in [of_values, Uuid::new_v5(&record, b"contact")] {
            let made = self.dynamics.create(Table::Contacts, id, shared(lead));
            if let Written::Made(_) = made.await.map_err(of_this_lead)? {
                return Ok(Some(id));
            }
            if let [only] = self.contacts(sought).await?.as_slice() {
                return Ok(Some(only.id));
            }
        }
        Ok(None)
    }
}

/// A field with the value by which a contact is looked for.
type Sought<'a> = (&'a LeadField, &'a str);

/// What a contact has in whom the strategy's fields are equal; `None` when the lead says nothing of one
/// of them, or a contact has no such field.
fn sought<'a>(
    strategy: &Strategy,
    known: &'a LeadFields,
    lead: &'a Fields,
) -> Option<Vec<Sought<'a>>> {
    let email = ["emailaddress1".to_owned()];
    let fields = match strategy.fields.as_slice() {
        [] => &email[..],
        fields => fields,
    };
    let one = |name: &String| {
        let shared = SHARED.contains(&name.as_str());
        let value = lead.get(name).filter(|_| shared)?;
        Some((known.get(name)?, value.as_str()))
    };
    fields.iter().map(one).collect()
}

/// The id of the contact that is made for these values, in whatever spelling.
fn contact_for(organization: Uuid, sought: &[Sought<'_>]) -> Uuid {
    let compared = sought.iter().map(|(field, value)| {
        let value = field.normalised(value);
        format!("|{}={}", field.name, value.unwrap_or_default())
    });
    let name = format!("contact{}", compared.collect::<String>());
    Uuid::new_v5(&organization, name.as_bytes())
}

fn shared(lead: &Fields) -> Map<String, Value> {
    let values = SHARED
        .iter()
        .filter_map(|name| Some((*name, lead.get(*name)?)));
    values
        .map(|(name, value)| (name.to_owned(), Value::from(value.clone())))
        .collect()
}

/// That Leadline may not do something with contacts stops only the leads that want one.
fn of_this_lead(mut failure: Failure) -> Failure {
    if failure.class == Class::Setup {
        failure.class = Class::Policy;
    }
    failure
}
