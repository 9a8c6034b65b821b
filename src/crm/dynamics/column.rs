//! What a table looks like: the columns that Leadline can fill, as the organization describes them.

use serde::{Deserialize, Serialize};

/// A table's columns. What Leadline cannot read or fill is left out (specification 4.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableDescription {
    /// The table's logical name: `lead`.
    pub table: String,
    /// The name of its set in addresses: `leads`.
    pub set: String,
    /// The column of its primary key: `leadid`.
    pub id_column: String,
    /// Whether `If-Match` with a version works.
    pub optimistic: bool,
    /// A digest of the columns: another one means that somebody changed them.
    pub version: String,
    /// The column `<prefix>_linkedinresponseid`, if the customer added it and an active alternate key
    /// of it alone (specification 5, 4b): at most one row then stands for a response of LinkedIn's,
    /// whoever makes it.
    #[serde(default)]
    pub response_key: Option<String>,
    /// The columns, by logical name.
    pub columns: Vec<Column>,
}

impl TableDescription {
    /// The column with this logical name.
    #[must_use]
    pub fn column(&self, logical_name: &str) -> Option<&Column> {
        let mut columns = self.columns.iter();
        columns.find(|column| column.logical_name == logical_name)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its logical name: `emailaddress1`.
    pub logical_name: String,
    /// What people call it, in the administrator's language.
    pub label: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// How many UTF-16 units a text may have.
    pub max_length: Option<usize>,
    /// What it may hold, if it is a choice.
    pub options: Vec<Choice>,
    /// Whether people have to fill it. The Web API does not ask for it.
    pub required: Required,
    /// Whether a new row may bring it.
    pub valid_for_create: bool,
    /// Whether it can be changed later.
    pub valid_for_update: bool,
    /// The least number.
    pub min: Option<f64>,
    /// The largest number.
    pub max: Option<f64>,
    /// How many digits a number has behind its point.
    pub precision: Option<u8>,
    /// The logical names of the tables that a lookup may lead to.
    pub targets: Vec<String>,
    /// Whether the customer added it.
    pub custom: bool,
}

impl Column {
    /// Its name in `$select` and in rows: that of a lookup's id is another.
    #[must_use]
    pub fn property(&self) -> String {
        match self.kind {
            ColumnKind::Lookup => format!("_{}_value", self.logical_name),
            _ => self.logical_name.clone(),
        }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// Text of several lines.
    Memo,
    /// A whole number.
    Integer,
    /// A number with digits behind its point.
    Decimal,
    /// An amount of money.
    Money,
    /// Yes or no.
    YesNo,
    /// One of the options.
    Choice,
    /// Any of the options.
    Choices,
    /// Whether a row is open.
    State,
    /// Why it is in its state.
    Status,
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// Another row: an owner, a customer, a campaign.
    Lookup,
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its number, which is what a row holds.
    pub value: i64,
    /// What people call it, in the administrator's language.
    pub label: String,
    /// What it is called in any language that the organization has.
    pub labels: Vec<String>,
}

/// Whether people have to fill a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Required {
    /// They need not.
    No,
    /// They should.
    Recommended,
    /// The forms of the organization ask for it; the Web API does not.
    Business,
    /// The Web API asks for it as well.
    System,
}
