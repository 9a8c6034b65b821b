//! What a strategy cannot do with the lead fields as they are now. Fields of a CRM change, and the CRM
//! itself, without anybody asking the strategies.

use super::Strategy;
use crate::lead::LeadFields;

impl Strategy {
    /// Why the strategy finds no lead, whatever is answered: one of its fields is of no use. In words,
    /// with the remedy.
    #[must_use]
    pub fn trouble(&self, fields: &LeadFields) -> Option<String> {
        let mut names = self.fields.iter().filter(|_| !self.always_create);
        names.find_map(|name| useless(fields, name))
    }
}

/// Why no lead can be found by a field; `None` when one can.
#[must_use]
pub fn useless(fields: &LeadFields, name: &str) -> Option<String> {
    match fields.get(name) {
        None => Some(format!("A lead has no field {name}. Choose another.")),
        Some(field) if !field.findable => Some(format!(
            "Dynamics 365 cannot be asked for leads by {}: only columns that hold a line of text can be \
             looked for. Choose another.",
            field.label
        )),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::default_strategy;
    use super::*;

    #[test]
    fn fields_by_which_no_lead_can_be_found_are_named() {
        let fields: LeadFields = LeadFields::standard()
            .iter()
            .filter(|field| field.name != "msdyncrm_degree")
            .cloned()
            .map(|mut field| {
                field.findable = field.name != "description";
                field
            })
            .collect();
        let by = |names: &[&str]| Strategy {
            fields: names.iter().map(|name| (*name).to_owned()).collect(),
            ..default_strategy()
        };
        assert_eq!(by(&["emailaddress1", "lastname"]).trouble(&fields), None);
        for (name, told) in [
            ("msdyncrm_degree", "A lead has no field msdyncrm_degree."),
            ("description", "cannot be asked for leads by Description:"),
        ] {
            let strategy = by(&["emailaddress1", name]);
            let why = strategy.trouble(&fields).unwrap();
            assert!(why.contains(told), "{why}");
            assert_eq!(strategy.check(&fields), Err(("fields", why)));
            let looks_for_none = Strategy {
                always_create: true,
                ..strategy
            };
            assert_eq!(looks_for_none.trouble(&fields), None);
        }
    }
}
