//! Who and what is there after a start, for tests to name.

/// The tenant the organization belongs to.
pub const TENANT: &str = "c0a7050c-1111-4a7e-8b01-000000000001";
/// Its domain, which may stand for it in addresses.
pub const TENANT_DOMAIN: &str = "contoso.example";
/// A tenant without an organization.
pub const OTHER_TENANT: &str = "fab71ca0-2222-4a7e-8b02-000000000002";

/// The application with everything Leadline needs.
pub const CLIENT: &str = "1eadf10e-0000-4c11-8e47-000000000001";
/// Its secret; it holds what a form has to encode.
pub const SECRET: &str = "s3cr3t~+/=&% of the sandbox";
/// A secret of the same application whose time is over.
pub const EXPIRED_SECRET: &str = "expired~secret";
/// An application of the tenant without a user in the organization; all have the same secret.
pub const STRANGER: &str = "1eadf10e-0000-4c11-8e47-000000000002";
/// An application whose user has no role.
pub const ROLELESS: &str = "1eadf10e-0000-4c11-8e47-000000000003";
/// An application whose user may read leads and not write them.
pub const READER: &str = "1eadf10e-0000-4c11-8e47-000000000004";
/// An application of the other tenant.
pub const WANDERER: &str = "1eadf10e-0000-4c11-8e47-000000000005";
/// An application whose user may also add columns and keys.
pub const CUSTOMIZER: &str = "1eadf10e-0000-4c11-8e47-000000000006";

/// The organization's id.
pub const ORGANIZATION: &str = "0a6a512a-0000-4f01-9001-000000000001";
/// The organization's name.
pub const ORGANIZATION_NAME: &str = "Contoso Sales";
/// The user of [`CLIENT`] in the organization.
pub const USER: &str = "5e8ed4e0-0000-4f02-9002-000000000001";
/// A salesperson: `mia.keller@contoso.example`.
pub const MIA: &str = "5e8ed4e0-0000-4f02-9002-000000000011";
/// A salesperson who left: `lou.adams@contoso.example` is disabled.
pub const LOU: &str = "5e8ed4e0-0000-4f02-9002-000000000012";
/// A team that can own leads.
pub const TEAM: &str = "7ea40000-0000-4f03-9003-000000000001";
/// The business unit of everybody.
pub const BUSINESS_UNIT: &str = "b0510e55-0000-4f04-9004-000000000001";
/// A campaign.
pub const CAMPAIGN: &str = "ca4fa160-0000-4f05-9005-000000000001";
/// A contact: `grace.kim@hanriver.example`.
pub const GRACE: &str = "c047ac70-0000-4f06-9006-000000000001";

/// An open lead, written in another case: `Kevin.OBrien@BrightWorks.example`.
pub const OTHER_CASE: &str = "1ead0000-0000-4f07-9007-000000000001";
/// A qualified lead: `maria.garcia@lumbre.example`.
pub const QUALIFIED: &str = "1ead0000-0000-4f07-9007-000000000002";
/// A disqualified lead: `j.weiss@stahlbau-mueller.example`.
pub const DISQUALIFIED: &str = "1ead0000-0000-4f07-9007-000000000003";
/// One of two open leads of `anais.lefevre@atelier-nord.example`.
pub const DOUBLE: &str = "1ead0000-0000-4f07-9007-000000000004";
/// The other of the two.
pub const SECOND_DOUBLE: &str = "1ead0000-0000-4f07-9007-000000000005";
