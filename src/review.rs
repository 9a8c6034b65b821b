//! Why a submission waits for a person, and what the person decides. Pure.

use std::fmt;

/// Why a submission makes no lead, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Several open leads match.
    SeveralLeads,
    /// Leads match only in part.
    PartialMatch,
    /// Only closed leads match.
    ClosedLead,
    /// No active strategy is for it.
    NoStrategy,
    /// A value does not fit its field.
    ValueProblem,
    /// Its form was changed, and nobody has looked at that yet.
    FormChanged,
    /// LinkedIn sent something that cannot be read.
    Malformed,
    /// Its lead does not exist any more.
    LeadGone,
    /// The database refused what was to be written.
    StoreError,
    /// It is a test.
    TestLead,
    /// A person excluded it.
    Excluded,
    /// It is decided, and what it changes is on its way into the CRM.
    Delivering,
    /// The CRM does not take what it would write.
    CrmRefused,
}

impl Reason {
    /// All of them; those that wait for a person come first.
    pub const ALL: [Reason; 13] = [
        Reason::SeveralLeads,
        Reason::PartialMatch,
        Reason::ClosedLead,
        Reason::NoStrategy,
        Reason::ValueProblem,
        Reason::FormChanged,
        Reason::Malformed,
        Reason::LeadGone,
        Reason::StoreError,
        Reason::CrmRefused,
        Reason::TestLead,
        Reason::Excluded,
        Reason::Delivering,
    ];

    /// The word for it in the database, in addresses and in the API.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Reason::SeveralLeads => "several_leads",
            Reason::PartialMatch => "partial_match",
            Reason::ClosedLead => "closed_lead",
            Reason::NoStrategy => "no_strategy",
            Reason::ValueProblem => "value_problem",
            Reason::FormChanged => "form_changed",
            Reason::Malformed => "malformed",
            Reason::LeadGone => "lead_gone",
            Reason::StoreError => "store_error",
            Reason::TestLead => "test_lead",
            Reason::Excluded => "excluded",
            Reason::Delivering => "delivering",
            Reason::CrmRefused => "crm_refused",
        }
    }

    /// What a list of choices calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Reason::SeveralLeads => "Several leads match",
            Reason::PartialMatch => "Matches in part",
            Reason::ClosedLead => "Only a closed lead matches",
            Reason::NoStrategy => "No strategy for it",
            Reason::ValueProblem => "A value does not fit",
            Reason::FormChanged => "The form was changed",
            Reason::Malformed => "Cannot be read",
            Reason::LeadGone => "The lead is gone",
            Reason::StoreError => "Could not be written",
            Reason::TestLead => "Test lead",
            Reason::Excluded => "Excluded",
            Reason::Delivering => "On its way",
            Reason::CrmRefused => "The CRM refused it",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.slug() == word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What is to become of a submission, in place of what the strategies would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It belongs to this lead, which is opened again if it is closed.
    Lead(i64),
    /// It gets a lead of its own.
    New,
    /// It makes no lead.
    Exclude,
}

/// A person's decision. It stays with the submission, so that running it again comes to the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whose it is; `None` when the strategies are to say.
    pub choice: Option<Choice>,
    /// Whether values that do not fit, or cannot be read, are left out instead of being a reason to
    /// wait.
    pub leave_out: bool,
    /// Why, in the person's words.
    pub note: String,
}

/// How many characters a note has at most.
pub const NOTE_AT_MOST: usize = 500;

impl Choice {
    /// The word for it in the database and in forms.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Choice::Lead(_) => "lead",
            Choice::New => "new",
            Choice::Exclude => "exclude",
        }
    }

    /// The choice with this word; `lead` is the one that is chosen.
    #[must_use]
    pub fn parse(word: &str, lead: Option<i64>) -> Option<Choice> {
        match word {
            "lead" => lead.map(Choice::Lead),
            "new" => Some(Choice::New),
            "exclude" => Some(Choice::Exclude),
            _ => None,
        }
    }
}

impl Decision {
    /// A decision without more words.
    #[must_use]
    pub fn of(choice: Choice) -> Decision {
        Decision {
            choice: Some(choice),
            ..Decision::default()
        }
    }

    /// The lead that was chosen.
    #[must_use]
    pub fn lead(&self) -> Option<i64> {
        match self.choice {
            Some(Choice::Lead(lead)) => Some(lead),
            _ => None,
        }
    }

    /// Whether a person said that there is to be a lead.
    #[must_use]
    pub fn makes_a_lead(&self) -> bool {
        matches!(self.choice, Some(Choice::Lead(_) | Choice::New))
    }

    /// Why no lead is made, if none is to be.
    #[must_use]
    pub fn excluded(&self) -> Option<String> {
        (self.choice == Some(Choice::Exclude)).then(|| match self.note.trim() {
            "" => "Excluded by a person: no lead is made.".to_owned(),
            note => format!("Excluded by a person: {note}"),
        })
    }
}
