//! The columns of an organization's lead table as lead fields: what a mapping can fill.

use super::dynamics::{Column, ColumnKind, Required, TableDescription};
use crate::lead::{FieldKind, LeadField, LeadFields};

/// How many characters a column holds when its description does not say so.
const USUAL_CHARS: usize = 4_000;
/// How many characters a number, a date or a yes takes.
const PLAIN_CHARS: usize = 30;

/// The columns that text can fill, when a lead is made and later: first those that every CRM has, in
/// the usual order, then all others by label.
#[must_use]
pub fn lead_fields(table: &TableDescription) -> LeadFields {
    let usual = LeadFields::standard();
    let place = |name: &str| usual.iter().position(|field| field.name == name);
    let mut fields: Vec<LeadField> = table.columns.iter().filter_map(lead_field).collect();
    fields.sort_by_cached_key(|field| {
        let place = place(&field.name).unwrap_or(usize::MAX);
        (place, field.label.to_lowercase(), field.name.clone())
    });
    fields.into_iter().collect()
}

fn lead_field(column: &Column) -> Option<LeadField> {
    if !column.valid_for_create || !column.valid_for_update {
        return None;
    }
    let kind = kind(column.kind)?;
    let choices: Vec<String> = column.options.iter().map(|o| o.label.clone()).collect();
    let longest = choices.iter().map(|choice| choice.chars().count()).max();
    Some(LeadField {
        name: column.logical_name.clone(),
        label: column.label.clone(),
        kind,
        max_length: match kind {
            _ if kind.is_text() => column.max_length.unwrap_or(USUAL_CHARS),
            FieldKind::Choice => longest.unwrap_or(PLAIN_CHARS),
            _ => PLAIN_CHARS,
        },
        choices: match kind {
            FieldKind::YesNo => Vec::new(),
            _ => choices,
        },
        required: matches!(column.required, Required::Business | Required::System),
        custom: column.custom,
        findable: is_findable(column.kind),
    })
}

/// Whether leads can be looked for by what such a column holds: an organization is asked for lines of
/// text and nothing else.
#[must_use]
pub fn is_findable(kind: ColumnKind) -> bool {
    matches!(
        kind,
        ColumnKind::Text | ColumnKind::Email | ColumnKind::Phone | ColumnKind::Url
    )
}

/// What a column holds; `None` when no text can fill it.
fn kind(kind: ColumnKind) -> Option<FieldKind> {
    Some(match kind {
        // Several choices are a text in which they are named one after the other.
        ColumnKind::Text | ColumnKind::Memo | ColumnKind::Choices => FieldKind::Text,
        ColumnKind::Email => FieldKind::Email,
        ColumnKind::Phone => FieldKind::Phone,
        ColumnKind::Url => FieldKind::Url,
        ColumnKind::Integer | ColumnKind::Decimal | ColumnKind::Money => FieldKind::Number,
        ColumnKind::YesNo => FieldKind::YesNo,
        ColumnKind::Choice => FieldKind::Choice,
        ColumnKind::Date | ColumnKind::DateTime => FieldKind::Date,
        ColumnKind::State | ColumnKind::Status | ColumnKind::Lookup => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::dynamics::Choice;
    use super::*;

    fn column(name: &str, kind: ColumnKind) -> Column {
        Column {
            logical_name: name.to_owned(),
            label: name.to_uppercase(),
            kind,
            max_length: Some(20),
            options: vec![Choice {
                value: 8,
                label: "Trade Show".to_owned(),
                labels: vec!["Trade Show".to_owned(), "Messe".to_owned()],
            }],
            required: Required::No,
            valid_for_create: true,
            valid_for_update: true,
            min: None,
            max: None,
            precision: None,
            targets: Vec::new(),
            custom: false,
        }
    }

    fn table(columns: Vec<Column>) -> TableDescription {
        TableDescription {
            table: "lead".to_owned(),
            set: "leads".to_owned(),
            id_column: "leadid".to_owned(),
            optimistic: true,
            version: "1".to_owned(),
            response_key: None,
            columns,
        }
    }

    #[test]
    fn the_usual_columns_come_first_and_what_text_cannot_fill_is_left_out() {
        let mut read_only = column("a_readonly", ColumnKind::Text);
        read_only.valid_for_update = false;
        let fields = lead_fields(&table(vec![
            column("zeta", ColumnKind::Text),
            column("alpha", ColumnKind::YesNo),
            column("statecode", ColumnKind::State),
            column("ownerid", ColumnKind::Lookup),
            read_only,
            column("emailaddress1", ColumnKind::Email),
            column("firstname", ColumnKind::Text),
        ]));
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["firstname", "emailaddress1", "alpha", "zeta"]);
    }

    #[test]
    fn a_field_is_what_its_column_says() {
        let mut subject = column("subject", ColumnKind::Memo);
        subject.required = Required::Business;
        let fields = lead_fields(&table(vec![
            subject,
            column("leadsourcecode", ColumnKind::Choice),
            column("revenue", ColumnKind::Money),
            column("donotemail", ColumnKind::YesNo),
        ]));
        let subject = fields.get("subject").unwrap();
        assert!(subject.required && subject.max_length == 20);
        assert!(!subject.findable, "several lines cannot be looked for");
        let source = fields.get("leadsourcecode").unwrap();
        assert_eq!((source.kind, source.max_length), (FieldKind::Choice, 10));
        assert_eq!(source.choices, ["Trade Show"]);
        assert_eq!(source.kept("trade  show").as_deref(), Some("Trade Show"));
        assert_eq!(fields.get("revenue").unwrap().kind, FieldKind::Number);
        assert!(fields.get("donotemail").unwrap().choices.is_empty());
    }
}
