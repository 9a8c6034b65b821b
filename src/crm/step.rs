//! The steps of a proof, and what came of each.

use serde::{Deserialize, Serialize};

/// What is proven, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The address is one of Dynamics 365, and answers.
    Address,
    /// To which tenant it belongs.
    Tenant,
    /// Entra ID gives the application a token for it.
    Token,
    /// The application has a user there, with a role.
    User,
    /// Which organization it is.
    Organization,
    /// The lead table with its columns.
    Fields,
    /// Leads and users can be read.
    Reading,
    /// Leads can be written: one is made, changed and deleted.
    Writing,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 8] = [
        Step::Address,
        Step::Tenant,
        Step::Token,
        Step::User,
        Step::Organization,
        Step::Fields,
        Step::Reading,
        Step::Writing,
    ];

    /// The step in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Step::Address => "Address",
            Step::Tenant => "Tenant",
            Step::Token => "Token",
            Step::User => "Application user",
            Step::Organization => "Organization",
            Step::Fields => "Lead columns",
            Step::Reading => "Reading",
            Step::Writing => "Writing",
        }
    }
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is proven.
    Passed,
    /// It is proven, but something is to be known.
    Noted,
    /// It does not work.
    Failed,
    /// Nobody wanted it.
    LeftOut,
    /// A step before it does not work.
    NotReached,
}

/// A step with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// Which.
    pub step: Step,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found, or what is wrong and what to do.
    pub message: String,
}

/// Whether these steps prove all that is needed.
#[must_use]
pub fn is_whole(steps: &[Proved]) -> bool {
    Step::ALL.iter().all(|step| {
        let mut of_it = steps.iter().filter(|proved| proved.step == *step);
        of_it.any(|proved| match proved.outcome {
            Outcome::Passed | Outcome::Noted => true,
            Outcome::LeftOut => *step == Step::Writing,
            Outcome::Failed | Outcome::NotReached => false,
        })
    })
}
