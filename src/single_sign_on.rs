//! Single sign-on, as far as it has nothing to do with the world: who somebody is according to their
//! organization's provider, which roles the provider's groups give, and why somebody does not get in.

/// Who somebody is, as the provider vouches for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The provider's own, unchanging name for them.
    pub subject: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs.
    pub email_verified: bool,
    /// Their name.
    pub name: Option<String>,
    /// The groups that they are in.
    pub groups: Vec<String>,
}

impl Identity {
    /// What tells them from everybody else, whatever provider they come from. An issuer is a URL and
    /// holds no blank.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.issuer, self.subject)
    }

    /// What to call them, in one line: their name, or else what stands before the @.
    #[must_use]
    pub fn display_name(&self) -> String {
        let email = self.email.as_deref().unwrap_or_default();
        let local = email.split('@').next().unwrap_or_default();
        let line = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).collect() };
        let name = line(self.name.as_deref().unwrap_or_default());
        match name.trim() {
            "" => line(local),
            name => name.to_owned(),
        }
    }
}

/// The groups that give roles. A role for which no group is named is given in Leadline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleGroups {
    /// Whoever is in one of them configures.
    pub administrator: Vec<String>,
    /// Whoever is in one of them authorizes LinkedIn accounts and works leads.
    pub salesperson: Vec<String>,
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Whether they configure.
    pub administrator: bool,
    /// Whether they authorize LinkedIn accounts and work leads.
    pub salesperson: bool,
}

impl Roles {
    /// Neither role.
    pub const NONE: Roles = Roles {
        administrator: false,
        salesperson: false,
    };
}

impl RoleGroups {
    /// Whether groups give roles at all.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.administrator.is_empty() || !self.salesperson.is_empty()
    }

    /// The roles of somebody in these groups who had those before.
    #[must_use]
    pub fn roles(&self, groups: &[String], before: Roles) -> Roles {
        let given = |by: &[String], before: bool| match by {
            [] => before,
            _ => groups.iter().any(|group| by.contains(group)),
        };
        Roles {
            administrator: given(&self.administrator, before.administrator),
            salesperson: given(&self.salesperson, before.salesperson),
        }
    }
}

/// Why somebody does not get in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOnError {
    /// They cancelled, or the provider does not let them use Leadline.
    Refused,
    /// They took too long.
    Expired,
    /// The answer belongs to no question that this browser asked.
    WrongState,
    /// The provider cannot be reached, or is unwell.
    ProviderUnavailable,
    /// The provider is not the one that is configured, or does not speak OpenID Connect.
    WrongProvider,
    /// The provider does not accept the client id, the client secret or the redirect URL.
    BadClient,
    /// The code was used before, or too old.
    CodeExpired,
    /// What the provider sent does not hold: its signature, its time, whom it is for.
    BadToken,
    /// The provider tells no e-mail address.
    NoEmail,
    /// Somebody has this address, and the provider does not say that it is theirs.
    EmailNotVerified,
    /// Somebody has this address who is somebody else at the provider.
    OtherIdentity,
    /// None of their groups gives a role.
    NoRole,
    /// They are in so many groups that the provider does not list them.
    TooManyGroups,
    /// Nobody has invited them.
    NotInvited,
    /// They were disabled.
    Disabled,
    /// Only single sign-on is open.
    Only,
    /// Anything else.
    Unknown,
}

impl SignOnError {
    /// All of them.
    pub const ALL: [SignOnError; 17] = [
        SignOnError::Refused,
        SignOnError::Expired,
        SignOnError::WrongState,
        SignOnError::ProviderUnavailable,
        SignOnError::WrongProvider,
        SignOnError::BadClient,
        SignOnError::CodeExpired,
        SignOnError::BadToken,
        SignOnError::NoEmail,
        SignOnError::EmailNotVerified,
        SignOnError::OtherIdentity,
        SignOnError::NoRole,
        SignOnError::TooManyGroups,
        SignOnError::NotInvited,
        SignOnError::Disabled,
        SignOnError::Only,
        SignOnError::Unknown,
    ];

    /// Its code, as it stands in an address.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            SignOnError::Refused => "refused",
            SignOnError::Expired => "expired",
            SignOnError::WrongState => "wrong_state",
            SignOnError::ProviderUnavailable => "provider_unavailable",
            SignOnError::WrongProvider => "wrong_provider",
            SignOnError::BadClient => "bad_client",
            SignOnError::CodeExpired => "code_expired",
            SignOnError::BadToken => "bad_token",
            SignOnError::NoEmail => "no_email",
            SignOnError::EmailNotVerified => "email_not_verified",
            SignOnError::OtherIdentity => "other_identity",
            SignOnError::NoRole => "no_role",
            SignOnError::TooManyGroups => "too_many_groups",
            SignOnError::NotInvited => "not_invited",
            SignOnError::Disabled => "disabled",
            SignOnError::Only => "single_sign_on_only",
            SignOnError::Unknown => "unknown",
        }
    }

    /// The one with this code; whatever else stands in an address is [`SignOnError::Unknown`].
    #[must_use]
    pub fn parse(code: &str) -> SignOnError {
        let named = SignOnError::ALL.into_iter().find(|e| e.code() == code);
        named.unwrap_or(SignOnError::Unknown)
    }

    /// What the provider means by the `error` with which it sends somebody back. Any value may come.
    #[must_use]
    pub fn from_callback(error: &str) -> SignOnError {
        match error {
            "access_denied" | "login_required" | "consent_required" | "interaction_required" => {
                SignOnError::Refused
            }
            "invalid_client" | "unauthorized_client" | "invalid_scope" => SignOnError::BadClient,
            "server_error" | "temporarily_unavailable" => SignOnError::ProviderUnavailable,
            _ => SignOnError::Unknown,
        }
    }

    /// What happened.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            SignOnError::Refused => "You did not sign in at your organization",
            SignOnError::Expired => "That took too long",
            SignOnError::WrongState => "This answer does not belong to this browser",
            SignOnError::ProviderUnavailable => "Your organization's sign-in cannot be reached",
            SignOnError::WrongProvider => "Your organization's sign-in answered wrongly",
            SignOnError::BadClient => "Your organization's sign-in does not accept Leadline",
            SignOnError::CodeExpired => "The sign-in was not valid any more",
            SignOnError::BadToken => "What your organization's sign-in sent does not hold",
            SignOnError::NoEmail => "Your organization does not tell your e-mail address",
            SignOnError::EmailNotVerified => "Your e-mail address is not confirmed",
            SignOnError::OtherIdentity => "Your e-mail address belongs to another identity",
            SignOnError::NoRole => "You have no role in Leadline",
            SignOnError::TooManyGroups => "You are in too many groups",
            SignOnError::NotInvited => "Nobody has invited you yet",
            SignOnError::Disabled => "Your access is disabled",
            SignOnError::Only => "Passwords are switched off",
            SignOnError::Unknown => "You could not be signed in",
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            SignOnError::Refused => {
                "Sign in again. If your organization refuses, ask its IT to let you use Leadline."
            }
            SignOnError::Expired => "Sign in again and come back within 10 minutes.",
            SignOnError::WrongState => {
                "Nobody was signed in. Begin on this page, and sign in once in the same browser."
            }
            SignOnError::ProviderUnavailable => {
                "Try again in a few minutes. If it stays like this, whoever runs Leadline finds the reason in its log."
            }
            SignOnError::WrongProvider => {
                "Ask whoever runs Leadline to compare oidc.issuer with the address that your organization gives. The log says more."
            }
            SignOnError::BadClient => {
                "Ask whoever runs Leadline to compare oidc.client_id, oidc.client_secret and the redirect URL with your organization's settings."
            }
            SignOnError::CodeExpired => {
                "Sign in again. If it happens every time, public_url may not be the address at which you use Leadline."
            }
            SignOnError::BadToken => {
                "Nobody was signed in. Sign in again; if it happens every time, whoever runs Leadline finds the reason in its log."
            }
            SignOnError::NoEmail => {
                "Ask your organization's IT to send the claim \"email\" to Leadline."
            }
            SignOnError::EmailNotVerified => {
                "There is somebody with your address in Leadline, and your organization does not say that the address is yours. Ask its IT to confirm it, then sign in again."
            }
            SignOnError::OtherIdentity => {
                "Somebody with your address has signed in here before as another person of your organization. Ask an administrator of Leadline."
            }
            SignOnError::NoRole => {
                "Ask your organization's IT to put you into a group that may use Leadline, then sign in again."
            }
            SignOnError::TooManyGroups => {
                "Your organization lists only the number of your groups. Ask its IT to send Leadline only the groups that it needs, or app roles."
            }
            SignOnError::NotInvited => {
                "Ask an administrator of Leadline to invite you with the e-mail address that you have in your organization."
            }
            SignOnError::Disabled => "Ask an administrator of Leadline to enable you again.",
            SignOnError::Only => "Use single sign-on.",
            SignOnError::Unknown => {
                "Sign in again. If it happens every time, ask whoever runs Leadline."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn roles(administrator: bool, salesperson: bool) -> Roles {
        Roles {
            administrator,
            salesperson,
        }
    }

    #[test]
    fn every_code_is_read_back_and_has_words_and_a_remedy() {
        for error in SignOnError::ALL {
            assert_eq!(SignOnError::parse(error.code()), error);
            assert!(error.remedy().ends_with('.') && !error.title().ends_with('.'));
        }
        assert_eq!(SignOnError::parse("<script>"), SignOnError::Unknown);
        let denied = SignOnError::from_callback("access_denied");
        assert_eq!(denied, SignOnError::Refused);
        assert_eq!(SignOnError::from_callback("x"), SignOnError::Unknown);
    }

    #[test]
    fn a_role_follows_its_groups_and_stays_where_none_is_named() {
        let both = RoleGroups {
            administrator: texts(&["admins", "it"]),
            salesperson: texts(&["sales"]),
        };
        let cases = [
            (texts(&["it"]), roles(true, false)),
            (texts(&["sales", "it"]), roles(true, true)),
            (texts(&["Sales", "everybody"]), Roles::NONE),
            (texts(&[]), Roles::NONE),
        ];
        for (groups, wanted) in cases {
            assert_eq!(both.roles(&groups, roles(true, true)), wanted, "{groups:?}");
        }
        let sales = RoleGroups {
            administrator: Vec::new(),
            ..both
        };
        let nothing = texts(&[]);
        assert_eq!(sales.roles(&nothing, roles(true, true)), roles(true, false));
        assert!(sales.any() && !RoleGroups::default().any());
    }

    #[test]
    fn somebody_without_a_name_is_called_by_their_address() {
        let mut ada = Identity {
            issuer: "https://id.example".to_owned(),
            subject: "7".to_owned(),
            email: Some("ada@example.com".to_owned()),
            email_verified: true,
            name: Some("Ada Lovelace".to_owned()),
            groups: Vec::new(),
        };
        assert_eq!(ada.display_name(), "Ada Lovelace");
        assert_eq!(ada.key(), "https://id.example 7");
        ada.name = Some("Ada\r\n<b>".to_owned());
        assert_eq!(ada.display_name(), "Ada<b>");
        ada.name = Some(" ".to_owned());
        assert_eq!(ada.display_name(), "ada");
    }
}
