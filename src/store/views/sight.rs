//! Whose submissions and leads somebody sees: the one place that decides it.
//!
//! Administrators see all of them. Somebody who is only a salesperson sees all or only their own, as
//! the setting `salesperson_visibility` says:
//!
//! * A lead is its owner's.
//! * A submission with a lead is the lead's owner's, whichever account it came through. So whoever
//!   sees a lead sees all of it, and when the lead gets another owner its submissions go along.
//! * A submission without a lead (it waits, is held, failed, or is a test) is theirs who would own
//!   the lead: the account's default owner, else the owner of the profile that it was read through.
//!
//! The store keeps the owner in both tables (`lead.owner_id`, `submission.owner_id`), each with an
//! index, and every read model adds the same condition: lists, records, counts, and what names a
//! lead. A row that is not in sight is "not found", like one that does not exist.
//!
//! Accounts, forms and campaigns hold no answers and are seen by the role alone. So are the sync's
//! own numbers (how many submissions a pass read, how many wait): they are an account's.

use crate::error::Result;
use crate::store::access::Reader;
use crate::store::settings::Visibility;

/// Whose submissions and leads somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight(Option<i64>);

impl Sight {
    /// Everybody's.
    pub(super) const EVERYTHING: Sight = Sight(None);

    /// Only those of this person.
    pub(super) fn own(person: i64) -> Sight {
        Sight(Some(person))
    }

    /// The owner that a row must have, if it must have one.
    pub(super) fn owner(self) -> Option<i64> {
        self.0
    }

    /// The end of a condition that keeps to the leads in sight, by the lead's short name in the
    /// statement. A lead that was merged is nobody's; it is seen by whoever sees the one it is in.
    pub(super) fn and_lead(self, alias: &str) -> String {
        self.and(&format!(
            "COALESCE({alias}.owner_id, (SELECT z.owner_id FROM lead z WHERE z.id = {alias}.merged_into_id))"
        ))
    }

    /// The end of a condition that keeps to what is in sight, such as ` AND s.owner_id = 7`.
    pub(super) fn and(self, column: &str) -> String {
        let owner = self.0.map(|id| format!(" AND {column} = {id}"));
        owner.unwrap_or_default()
    }
}

impl Reader {
    /// Whose submissions and leads the person sees now.
    pub(super) async fn sight(&self) -> Result<Sight> {
        let person = self.person();
        if person.administrator {
            return Ok(Sight::EVERYTHING);
        }
        Ok(
            match self.store().settings().await?.salesperson_visibility {
                Visibility::All => Sight::EVERYTHING,
                Visibility::Own => Sight::own(person.id),
            },
        )
    }
}
