//! The contact of a lead that is made: found in the organization, or made there (parity row 38).

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Desk, Stop};
use crate::crm::dynamics::{Class, Failure, Filter, Table};
use crate::lead::Fields;
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
    /// the lead's id; a contact that is made for it gets one that follows from it, and so is made once.
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
        let Some(filter) = criteria(strategy, &lead.fields) else {
            return Ok(None);
        };
        let found = self
            .dynamics
            .find(Table::Contacts, &filter, &["contactid"], 2);
        let found = found.await.map_err(of_this_lead)?;
        let contact = match (found.as_slice(), strategy.contacts) {
            ([only], _) => only.id,
            ([], Contacts::LinkOrCreate) => {
                let id = Uuid::new_v5(&record, b"contact");
                let columns = shared(&lead.fields);
                let made = self.dynamics.create(Table::Contacts, id, columns).await;
                made.map_err(of_this_lead)?;
                id
            }
            // None, or several: which of them it is nobody can say.
            _ => return Ok(None),
        };
        Ok(Some((
            LINK.to_owned(),
            format!("/contacts({contact})").into(),
        )))
    }
}

/// The contacts in whom the strategy's fields are equal; `None` when the lead says nothing of one of
/// them, or a contact has no such field.
fn criteria(strategy: &Strategy, lead: &Fields) -> Option<Filter> {
    let email = ["emailaddress1".to_owned()];
    let fields = match strategy.fields.as_slice() {
        [] => &email[..],
        fields => fields,
    };
    let equal = |field: &String| {
        let known = SHARED.contains(&field.as_str());
        let value = lead.get(field).filter(|_| known)?;
        Some(Filter::eq(field, value))
    };
    let all: Option<Vec<Filter>> = fields.iter().map(equal).collect();
    let all = all?.into_iter().reduce(Filter::and)?;
    Some(all.and(Filter::is_open()))
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
