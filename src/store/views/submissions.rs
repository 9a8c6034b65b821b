//! The list of submissions.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::paging::{self, COUNT_LIMIT, Listing, Order, Page, Paging, Total, Wanted, read_page};
use super::query::{self, Day, Pairs};
use super::sight::Sight;
use crate::error::Result;
use crate::lead::FieldKind;
use crate::review::Reason;
use crate::store::access::{Administrator, Reader};
use crate::store::decisions::AT_MOST;
use crate::store::{rows, search_key};
use crate::submission::{LeadType, MatchingStatus, ProcessingState};

/// Which submissions are wanted, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionFilter {
    /// What the person's name begins with, or their whole e-mail address.
    pub q: Option<String>,
    /// What became of the lead.
    pub status: Option<MatchingStatus>,
    /// How far the processing is.
    pub state: Option<ProcessingState>,
    /// Leadline's id of the account.
    pub account: Option<i64>,
    /// Leadline's id of a version of the form; all versions of the form are meant.
    pub form: Option<i64>,
    /// Leadline's id of the campaign.
    pub campaign: Option<i64>,
    /// Leadline's id of the lead.
    pub lead: Option<i64>,
    /// Only test leads, or none.
    pub test: Option<bool>,
    /// The kind of lead.
    pub lead_type: Option<LeadType>,
    /// Why it makes no lead, or not yet.
    pub reason: Option<Reason>,
    /// Only those about which a person has to decide.
    pub review: bool,
    /// Only those with these ids of Leadline's; empty for all.
    pub ids: Vec<i64>,
    /// Submitted on this day or later.
    pub from: Option<Day>,
    /// Submitted on this day or earlier.
    pub to: Option<Day>,
    /// The order, unless names are searched: those come in alphabetical order.
    pub sort: SubmissionSort,
}

/// About which submissions a person has to decide: those that are held, and those that could not be
/// written. It is the condition of an index, so it is written the same everywhere.
pub(in crate::store) const WAITS_FOR_A_PERSON: &str =
    "s.due_at IS NULL AND s.matching_status - 192350003 BETWEEN 0 AND 2";

/// In which order submissions are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SubmissionSort {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
}

impl SubmissionSort {
    /// The word for it in addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            SubmissionSort::Newest => "newest",
            SubmissionSort::Oldest => "oldest",
        }
    }

    fn parse(word: &str) -> Option<SubmissionSort> {
        [SubmissionSort::Newest, SubmissionSort::Oldest]
            .into_iter()
            .find(|sort| sort.slug() == word)
    }
}

/// What the search box asks for.
enum Search {
    Email(String),
    Name(String),
}

impl SubmissionFilter {
    /// Reads the filter out of a query string.
    ///
    /// # Errors
    /// When a field holds something else than it may; the message names it.
    pub fn read(get: &impl Fn(&str) -> Option<String>) -> Result<SubmissionFilter> {
        let statuses = |word: &str| {
            MatchingStatus::ALL
                .into_iter()
                .find(|status| status.slug() == word)
        };
        let states = |word: &str| {
            ProcessingState::ALL
                .into_iter()
                .find(|state| state.slug() == word)
        };
        Ok(SubmissionFilter {
            q: query::text(get, "q")?,
            status: query::word(get, "status", statuses)?,
            state: query::word(get, "state", states)?,
            account: query::id(get, "account")?,
            form: query::id(get, "form")?,
            campaign: query::id(get, "campaign")?,
            lead: query::id(get, "lead")?,
            test: query::word(get, "test", query::yes_or_no)?,
            lead_type: query::word(get, "type", LeadType::parse)?,
            reason: query::word(get, "reason", Reason::parse)?,
            review: query::word(get, "review", query::yes_or_no)?.unwrap_or_default(),
            ids: query::ids(get, "ids", AT_MOST)?,
            from: query::day(get, "from")?,
            to: query::day(get, "to")?,
            sort: query::word(get, "sort", SubmissionSort::parse)?.unwrap_or_default(),
        })
    }

    /// The filter as a query string has it, without the order.
    #[must_use]
    pub fn pairs(&self) -> Pairs {
        let mut pairs = Pairs::default();
        pairs.add("q", self.q.as_ref());
        pairs.add("status", self.status.map(MatchingStatus::slug));
        pairs.add("state", self.state.map(ProcessingState::slug));
        pairs.add("account", self.account);
        pairs.add("form", self.form);
        pairs.add("campaign", self.campaign);
        pairs.add("lead", self.lead);
        pairs.add("test", self.test.map(|yes| if yes { "yes" } else { "no" }));
        pairs.add("type", self.lead_type.map(LeadType::as_str));
        pairs.add("reason", self.reason.map(Reason::slug));
        pairs.add("review", self.review.then_some("yes"));
        let ids: Vec<String> = self.ids.iter().map(i64::to_string).collect();
        pairs.add("ids", (!ids.is_empty()).then(|| ids.join(",")));
        pairs.add("from", self.from);
        pairs.add("to", self.to);
        pairs
    }

    /// Whether the list is in the order of names, because names are searched.
    #[must_use]
    pub fn by_name(&self) -> bool {
        matches!(self.search(), Some(Search::Name(_)))
    }

    fn search(&self) -> Option<Search> {
        let q = self.q.as_deref()?;
        Some(if q.contains('@') {
            Search::Email(search_key(FieldKind::Email, q))
        } else {
            Search::Name(search_key(FieldKind::Text, q))
        })
    }

    pub(super) fn order(&self) -> Order {
        match self.by_name() {
            true => Order {
                column: "s.person_key",
                text: true,
                descending: false,
            },
            false => Order {
                column: "s.submitted_at",
                text: false,
                descending: self.sort == SubmissionSort::Newest,
            },
        }
    }

    /// The condition, for those who see everything.
    pub(in crate::store) fn wanted_by_administrators(&self) -> Wanted {
        self.wanted(Sight::EVERYTHING)
    }

    pub(super) fn wanted(&self, sight: Sight) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.equal("s.owner_id", sight.owner());
        match self.search() {
            Some(Search::Email(email)) => wanted.equal("s.person_email", Some(email)),
            Some(Search::Name(name)) => wanted.begins("s.person_key", &name),
            None => {}
        }
        wanted.equal("s.matching_status", self.status.map(MatchingStatus::code));
        wanted.equal("s.processing_state", self.state.map(ProcessingState::code));
        wanted.equal("s.account_id", self.account);
        wanted.equal("s.campaign_id", self.campaign);
        wanted.equal("s.lead_id", self.lead);
        wanted.equal("s.lead_type", self.lead_type.map(LeadType::as_str));
        if let Some(form) = self.form {
            let id = wanted.bind(form);
            wanted.and(format!(
                "s.form_linkedin_id = (SELECT linkedin_id FROM form WHERE id = {id})"
            ));
        }
        match self.test {
            Some(true) => wanted.and("s.test"),
            Some(false) => wanted.and("NOT s.test"),
            None => {}
        }
        if let Some(reason) = self.reason {
            wanted.equal("s.reason_code", Some(reason.slug()));
            wanted.and("s.reason_code <> ''");
        }
        if self.review {
            wanted.and(WAITS_FOR_A_PERSON);
        }
        if !self.ids.is_empty() {
            let places: Vec<String> = self.ids.iter().map(|id| wanted.bind(*id)).collect();
            wanted.and(format!("s.id IN ({})", places.join(", ")));
        }
        wanted.within("s.submitted_at", self.from, self.to);
        wanted
    }
}

/// One submission in a list.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SubmissionRow {
    /// Leadline's id.
    pub id: i64,
    /// When it was submitted.
    pub submitted_at: i64,
    /// Whether LinkedIn says it is a test.
    pub test: bool,
    /// What is shown as the person.
    pub person_name: String,
    /// Their e-mail address; empty when there is none.
    pub person_email: String,
    matching_status: i64,
    processing_state: i64,
    lead_type: String,
    /// Why, as a word; empty when there is nothing to say.
    pub reason_code: String,
    /// Why, in words; empty when there is nothing to say.
    pub reason: String,
    /// The account's name.
    pub account_name: Option<String>,
    /// The form version that it answers.
    pub form_id: Option<i64>,
    /// The form's name.
    pub form_name: Option<String>,
    /// The campaign.
    pub campaign_id: Option<i64>,
    /// The campaign's name.
    pub campaign_name: Option<String>,
    /// The lead that it belongs to.
    pub lead_id: Option<i64>,
    /// The lead's name.
    pub lead_name: Option<String>,
}

impl SubmissionRow {
    /// What became of the lead.
    #[must_use]
    pub fn matching_status(&self) -> MatchingStatus {
        MatchingStatus::from_code(self.matching_status).unwrap_or(MatchingStatus::Pending)
    }

    /// How far the processing is.
    #[must_use]
    pub fn processing_state(&self) -> ProcessingState {
        ProcessingState::from_code(self.processing_state).unwrap_or(ProcessingState::Unprocessed)
    }

    /// What people call the kind of lead; LinkedIn's word when it is a new one.
    #[must_use]
    pub fn lead_type(&self) -> String {
        lead_type_label(&self.lead_type)
    }
}

/// What people call a kind of lead; LinkedIn's word when it is a new one.
pub(super) fn lead_type_label(word: &str) -> String {
    LeadType::parse(word).map_or_else(|| word.to_owned(), |kind| kind.label().to_owned())
}

/// The list's statement.
pub(super) const LISTING: Listing = Listing {
    columns: "s.id, s.submitted_at, s.test, s.person_name, s.person_email, s.matching_status, s.processing_state, \
         s.lead_type, s.reason_code, s.reason, a.name AS account_name, s.form_id, f.name AS form_name, s.campaign_id, \
         c.name AS campaign_name, s.lead_id, l.full_name AS lead_name",
    table: "submission",
    alias: "s",
    joins: "LEFT JOIN linked_account a ON a.id = s.account_id LEFT JOIN form f ON f.id = s.form_id \
         LEFT JOIN campaign c ON c.id = s.campaign_id LEFT JOIN lead l ON l.id = s.lead_id",
};

/// Counts the submissions that are wanted, up to the bound.
pub(crate) async fn count_wanted(db: &impl ConnectionTrait, wanted: &Wanted) -> Result<Total> {
    paging::count(db, &LISTING, wanted).await
}

#[derive(FromQueryResult)]
struct ReasonRow {
    reason_code: String,
    n: i64,
}

impl Administrator {
    /// How many submissions wait for a person, by reason; those beyond [`COUNT_LIMIT`] are not
    /// counted.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn count_review(&self) -> Result<Vec<(Reason, i64)>> {
        let sql = format!(
            "SELECT reason_code, count(*) AS n FROM (SELECT s.reason_code FROM submission s WHERE {WAITS_FOR_A_PERSON} \
             LIMIT {COUNT_LIMIT}) AS waiting GROUP BY reason_code"
        );
        let found = rows::<ReasonRow>(self.store().reading(), &sql, []).await?;
        let known = |row: ReasonRow| Some((Reason::parse(&row.reason_code)?, row.n));
        let mut counts: Vec<(Reason, i64)> = found.into_iter().filter_map(known).collect();
        counts.sort_unstable();
        Ok(counts)
    }
}

impl Reader {
    /// One page of the submissions that are wanted.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn list_submissions(
        &self,
        filter: &SubmissionFilter,
        paging: &Paging,
    ) -> Result<Page<SubmissionRow>> {
        let order = filter.order();
        let cursor = |row: &SubmissionRow| order.cursor(row.submitted_at, row.id);
        let db = self.store().reading();
        let wanted = filter.wanted(self.sight().await?);
        read_page(db, &LISTING, wanted, order, paging, cursor).await
    }
}
