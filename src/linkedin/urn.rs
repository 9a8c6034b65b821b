//! LinkedIn's names for things: `urn:li:<kind>:<key>`.

use super::restli::Value;
use crate::submission::LeadType;

/// The number in a URN of this kind: `urn:li:sponsoredAccount:1` ⇄ 1.
#[must_use]
pub fn number(urn: &str, kind: &str) -> Option<i64> {
    let key = urn.trim().strip_prefix("urn:li:")?.strip_prefix(kind)?;
    digits(key.strip_prefix(':')?)
}

/// A positive number written in digits alone.
pub(super) fn digits(text: &str) -> Option<i64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Whose leads and forms they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// An ad account, which has the sponsored ones.
    AdAccount(i64),
    /// An organization (a company page), which has the organic ones.
    Organization(i64),
}

impl Owner {
    /// The owner with this URN.
    #[must_use]
    pub fn parse(urn: &str) -> Option<Owner> {
        number(urn, "sponsoredAccount")
            .map(Owner::AdAccount)
            .or_else(|| number(urn, "organization").map(Owner::Organization))
    }

    /// LinkedIn's name for it.
    #[must_use]
    pub fn urn(self) -> String {
        match self {
            Owner::AdAccount(id) => format!("urn:li:sponsoredAccount:{id}"),
            Owner::Organization(id) => format!("urn:li:organization:{id}"),
        }
    }

    /// The types of leads that such an owner can have.
    #[must_use]
    pub fn lead_types(self) -> &'static [LeadType] {
        match self {
            Owner::AdAccount(_) => &[LeadType::Sponsored],
            Owner::Organization(_) => &[
                LeadType::Event,
                LeadType::Company,
                LeadType::OrganizationProduct,
            ],
        }
    }

    /// How finders want it.
    #[must_use]
    pub fn parameter(self) -> Value {
        let branch = match self {
            Owner::AdAccount(_) => "sponsoredAccount",
            Owner::Organization(_) => "organization",
        };
        Value::record([(branch, self.urn().into())])
    }
}

/// One version of a form: `urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormRef {
    /// The form's id, the same for all its versions.
    pub id: i64,
    /// Which version of it.
    pub version: i64,
}

impl FormRef {
    /// The form version with this URN; blanks around its parts do not matter.
    #[must_use]
    pub fn parse(urn: &str) -> Option<FormRef> {
        let tuple = urn.trim().strip_prefix("urn:li:versionedLeadGenForm:")?;
        let (form, version) = tuple
            .strip_prefix('(')?
            .strip_suffix(')')?
            .split_once(',')?;
        Some(FormRef {
            id: number(form, "leadGenForm")?,
            version: digits(version)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_urns_of_the_right_kind() {
        let cases = [
            ("urn:li:sponsoredAccount:1234567", Some(1_234_567)),
            (" urn:li:sponsoredAccount:1 ", Some(1)),
            (
                "urn:li:sponsoredAccount:9223372036854775807",
                Some(i64::MAX),
            ),
            ("urn:li:sponsoredAccount:9223372036854775808", None),
            ("urn:li:sponsoredAccount:-1", None),
            ("urn:li:sponsoredAccount:+1", None),
            ("urn:li:sponsoredAccount:", None),
            ("urn:li:sponsoredAccountUser:1", None),
            ("urn:li:organization:1", None),
            ("1", None),
        ];
        for (urn, id) in cases {
            assert_eq!(number(urn, "sponsoredAccount"), id, "{urn}");
        }
    }

    #[test]
    fn owners_are_written_as_they_were_read() {
        for urn in ["urn:li:sponsoredAccount:7", "urn:li:organization:8"] {
            assert_eq!(Owner::parse(urn).map(Owner::urn).as_deref(), Some(urn));
        }
        assert_eq!(Owner::parse("urn:li:person:8"), None);
    }

    #[test]
    fn form_versions_tolerate_blanks() {
        let form = Some(FormRef {
            id: 6_851_219_773_716_516_864,
            version: 12,
        });
        for urn in [
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:6851219773716516864,12)",
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:6851219773716516864, 12)",
            " urn:li:versionedLeadGenForm:( urn:li:leadGenForm:6851219773716516864 ,12 ) ",
        ] {
            assert_eq!(FormRef::parse(urn), form, "{urn}");
        }
        for urn in [
            "",
            "urn:li:leadGenForm:1",
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1)",
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1,-1)",
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1,1",
        ] {
            assert_eq!(FormRef::parse(urn), None, "{urn}");
        }
    }
}
