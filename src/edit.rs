//! What a person changes in a lead by hand. Pure.

use crate::lead::{Change, FieldKind, Fields, Lead, LeadField, LeadFields, Origin};

/// Puts what a person typed in the place of all these fields, and says what is different now. Later
/// submissions change it again, earlier ones do not.
pub fn edit(fields: &LeadFields, lead: &mut Lead, typed: &Fields, now: i64) -> Vec<Change> {
    let changes: Vec<Change> = fields
        .iter()
        .filter_map(|field| change(lead, field, typed))
        .collect();
    let origin = Origin {
        submission: None,
        submitted_at: now,
    };
    for Change { field, after, .. } in &changes {
        lead.provenance.insert(field.clone(), origin.clone());
        match after {
            Some(value) => lead.fields.insert(field.clone(), value.clone()),
            None => lead.fields.remove(field),
        };
    }
    changes
}

fn change(lead: &Lead, field: &LeadField, typed: &Fields) -> Option<Change> {
    let before = lead.fields.get(&field.name).cloned();
    let after = typed.get(&field.name).map(|value| value.trim());
    let after = after.filter(|value| !value.is_empty());
    let after = after.map(|value| field.kept(value).unwrap_or_else(|| value.to_owned()));
    (before != after).then(|| Change {
        field: field.name.clone(),
        before,
        after,
    })
}

/// What is wrong with a value that somebody typed into a field.
#[must_use]
pub fn problem(field: &LeadField, value: &str) -> Option<String> {
    let value = value.trim();
    if value.is_empty() {
        return field.required.then(|| "This must be filled.".to_owned());
    }
    let fits = field.kept(value).is_some();
    let message = match field.kind {
        FieldKind::Email if fits && !value.contains('@') => {
            "An e-mail address looks like name@example.com.".to_owned()
        }
        _ if fits => return None,
        FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url => {
            format!("At most {} characters.", field.max_length)
        }
        FieldKind::Number => "A number is written like 1500 or 1500.5.".to_owned(),
        FieldKind::Date => "A date is written like 2026-11-24.".to_owned(),
        FieldKind::Choice => "This is none of the choices. Choose one of them.".to_owned(),
        FieldKind::YesNo => "Choose yes or no.".to_owned(),
    };
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::{Effect, Policy, Provenance, write_field};

    fn lead() -> Lead {
        Lead {
            id: 1,
            created_by: 1,
            follows: None,
            open: true,
            owner: None,
            fields: Fields::from([("jobtitle".to_owned(), "Cook".to_owned())]),
            provenance: Provenance::new(),
            source: String::new(),
            first_form: None,
            latest_form: None,
            first_campaign: None,
            latest_campaign: None,
            submission_count: 1,
            latest_submitted_at: 1,
            modified_at: 1,
            version: 1,
        }
    }

    #[test]
    fn what_a_person_wrote_gives_way_to_later_submissions_only() {
        let (mut lead, all) = (lead(), LeadFields::standard());
        let typed = Fields::from([("firstname".to_owned(), " Ada ".to_owned())]);
        let changes = edit(&all, &mut lead, &typed, 50);
        let told: Vec<_> = changes
            .iter()
            .map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref()))
            .collect();
        let expected = [
            ("firstname", None, Some("Ada")),
            ("jobtitle", Some("Cook"), None),
        ];
        assert_eq!(told, expected);
        assert!(edit(&all, &mut lead, &typed, 60).is_empty(), "nothing more");
        let field = all.get("firstname").unwrap();
        for (submitted_at, effect) in [(49, Effect::KeptNewer), (51, Effect::Written)] {
            let origin = Origin {
                submission: Some(2),
                submitted_at,
            };
            let (fields, provenance) = (&mut lead.fields, &mut lead.provenance);
            let policy = Policy::Overwrite;
            let (did, _) = write_field(fields, provenance, field, "Ida", policy, &origin);
            assert_eq!(did, effect, "{submitted_at}");
            let field = all.get("jobtitle").unwrap();
            let (did, _) = write_field(fields, provenance, field, "Chef", policy, &origin);
            assert_eq!(
                did, effect,
                "what was emptied stays empty too: {submitted_at}"
            );
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let all = LeadFields::standard();
        let says = |name, value: &str| problem(all.get(name).unwrap(), value).is_some();
        assert!(says("firstname", &"x".repeat(51)));
        assert!(!says("firstname", &format!(" {} ", "x".repeat(50))));
        assert!(says("emailaddress1", "ada"));
        assert!(!says("emailaddress1", "") && !says("emailaddress1", "ada@x.example"));
    }
}
