//! Tables and their columns, as Dataverse describes them (specification 4).

mod lead;
mod others;
mod parts;

use std::collections::BTreeMap;

use uuid::Uuid;

/// The language of the organization.
pub(crate) const ENGLISH: u32 = 1033;
/// A language that is installed besides.
pub(crate) const GERMAN: u32 = 1031;

/// A text in the languages of the organization.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Label(pub(crate) Vec<(u32, String)>);

impl Label {
    /// `"Topic|Thema"`: English, then German.
    pub(crate) fn of(text: &str) -> Label {
        let texts = text.split('|').map(str::to_owned);
        Label([ENGLISH, GERMAN].into_iter().zip(texts).collect())
    }

    /// What a user of this language reads.
    pub(crate) fn text(&self) -> &str {
        self.0.first().map_or("", |(_, text)| text)
    }
}

/// A choice of a choice column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) value: i64,
    pub(crate) label: Label,
    /// Of a status: the state it belongs to. Of a state: its default status.
    pub(crate) belongs: Option<i64>,
}

/// What a lookup may point to, and the navigation property it is set with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    pub(crate) table: String,
    pub(crate) property: String,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Text {
        max: usize,
        format: String,
    },
    Memo {
        max: usize,
    },
    Integer {
        min: i64,
        max: i64,
    },
    BigInt,
    Decimal {
        min: f64,
        max: f64,
        precision: u32,
    },
    Money {
        min: f64,
        max: f64,
        precision: u32,
    },
    Boolean {
        yes: Label,
        no: Label,
        default: bool,
    },
    Choice {
        choices: Vec<Choice>,
        default: i64,
    },
    Choices {
        choices: Vec<Choice>,
    },
    State {
        choices: Vec<Choice>,
    },
    Status {
        choices: Vec<Choice>,
    },
    Date {
        only: bool,
    },
    Lookup {
        targets: Vec<Target>,
        kind: LookupKind,
    },
    Key,
    /// Filled in by the server beside another column; of no use to a writer.
    Virtual,
}

/// The kinds of lookups that metadata tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookupKind {
    Lookup,
    Customer,
    Owner,
}

/// Whether a value is asked for. Only `System` is enforced by the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    None,
    Recommended,
    Application,
    System,
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) schema: String,
    pub(crate) label: Label,
    pub(crate) kind: Kind,
    pub(crate) required: Required,
    pub(crate) create: bool,
    pub(crate) update: bool,
    pub(crate) custom: bool,
    /// The column that this one only accompanies.
    pub(crate) parent: Option<String>,
}

impl Column {
    fn new(schema: &str, label: &str, kind: Kind) -> Column {
        Column {
            id: Uuid::new_v4(),
            name: schema.to_ascii_lowercase(),
            schema: schema.to_owned(),
            label: Label::of(label),
            kind,
            required: Required::None,
            create: true,
            update: true,
            custom: false,
            parent: None,
        }
    }

    fn required(mut self, required: Required) -> Column {
        self.required = required;
        self
    }

    fn create_only(mut self) -> Column {
        self.update = false;
        self
    }

    fn update_only(mut self) -> Column {
        self.create = false;
        self
    }

    fn read_only(mut self) -> Column {
        (self.create, self.update) = (false, false);
        self
    }

    pub(crate) fn custom(schema: &str, label: Label, kind: Kind, required: Required) -> Column {
        Column {
            label,
            required,
            custom: true,
            ..Column::new(schema, "", kind)
        }
    }

    /// The property that reads it: a lookup is read as `_name_value`.
    pub(crate) fn property(&self) -> String {
        match self.kind {
            Kind::Lookup { .. } => format!("_{}_value", self.name),
            _ => self.name.clone(),
        }
    }

    pub(crate) fn choices(&self) -> Option<&[Choice]> {
        match &self.kind {
            Kind::Choice { choices, .. }
            | Kind::Choices { choices }
            | Kind::State { choices }
            | Kind::Status { choices } => Some(choices),
            _ => None,
        }
    }

    pub(crate) fn choices_mut(&mut self) -> Option<&mut Vec<Choice>> {
        match &mut self.kind {
            Kind::Choice { choices, .. }
            | Kind::Choices { choices }
            | Kind::State { choices }
            | Kind::Status { choices } => Some(choices),
            _ => None,
        }
    }
}

/// An alternate key.
#[derive(Debug, Clone)]
pub(crate) struct AlternateKey {
    pub(crate) id: Uuid,
    pub(crate) schema: String,
    pub(crate) label: Label,
    pub(crate) columns: Vec<String>,
    /// When its index is built.
    pub(crate) active_at: i64,
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) schema: &'static str,
    pub(crate) set: &'static str,
    pub(crate) key: &'static str,
    pub(crate) primary_name: &'static str,
    pub(crate) code: u32,
    pub(crate) label: Label,
    pub(crate) label_of_many: Label,
    pub(crate) columns: BTreeMap<String, Column>,
    pub(crate) keys: Vec<AlternateKey>,
}

impl Table {
    fn new(
        (name, schema, set): (&'static str, &'static str, &'static str),
        (key, primary_name, code): (&'static str, &'static str, u32),
        (label, label_of_many): (&str, &str),
        columns: Vec<Column>,
    ) -> Table {
        let columns = columns.into_iter();
        Table {
            id: Uuid::new_v4(),
            name,
            schema,
            set,
            key,
            primary_name,
            code,
            label: Label::of(label),
            label_of_many: Label::of(label_of_many),
            columns: columns
                .map(|column| (column.name.clone(), column))
                .collect(),
            keys: Vec::new(),
        }
    }

    /// The column that a property reads.
    pub(crate) fn readable(&self, property: &str) -> Option<&Column> {
        let lookup = property
            .strip_prefix('_')
            .and_then(|rest| rest.strip_suffix("_value"));
        match lookup {
            Some(name) => self
                .columns
                .get(name)
                .filter(|own| matches!(own.kind, Kind::Lookup { .. })),
            None => self
                .columns
                .get(property)
                .filter(|own| !matches!(own.kind, Kind::Lookup { .. } | Kind::Virtual)),
        }
    }

    /// The lookup that a navigation property sets, and the tables it may then point to. The name
    /// is case-sensitive.
    pub(crate) fn navigation(&self, property: &str) -> Option<(&Column, Vec<&str>)> {
        self.columns.values().find_map(|column| {
            let Kind::Lookup { targets, .. } = &column.kind else {
                return None;
            };
            let fitting = targets.iter().filter(|target| target.property == property);
            let tables: Vec<&str> = fitting.map(|target| target.table.as_str()).collect();
            (!tables.is_empty()).then_some((column, tables))
        })
    }
}

/// All tables there are.
pub(crate) fn tables() -> Vec<Table> {
    let mut all = vec![lead::table(), others::contact()];
    all.extend(others::rest());
    all
}
