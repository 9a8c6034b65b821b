//! What can happen: a closed list, so that a page can filter by it and say it in a sentence.

macro_rules! actions {
    ($($(#[$doc:meta])+ $name:ident = $slug:literal, $words:literal;)+) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])+ $name,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Action] = &[$(Action::$name,)+];

            /// The word for it in the database, in addresses and in the API.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self {
                    $(Action::$name => $slug,)+
                }
            }

            /// What follows the actor's name in a sentence; see [`Action::phrase`].
            fn words(self) -> &'static str {
                match self {
                    $(Action::$name => $words,)+
                }
            }
        }
    };
}

// `{noun}` stands for the word for the kind of thing, `{name}` for the thing itself.
actions! {
    /// Somebody signed in.
    SignedIn = "signed-in", "signed in";
    /// Somebody tried to sign in and could not.
    SignInRefused = "sign-in-refused", "tried to sign in as {name} and could not";
    /// Somebody who is signed in typed a wrong password or code where a change needs it.
    ProofRefused = "proof-refused", "could not prove that their own account is theirs";
    /// Somebody signed out.
    SignedOut = "signed-out", "signed out";
    /// Somebody chose a new password.
    PasswordChanged = "password-changed", "changed their password";
    /// Somebody got another password.
    PasswordSet = "password-set", "set a new password for {name}";
    /// A link was made by which somebody can choose a password.
    LinkMade = "link-made", "made a link by which {name} can choose a password";
    /// Somebody needs a second factor from now on.
    SecondFactorOn = "second-factor-on", "switched their second factor on";
    /// Somebody needs no second factor any more.
    SecondFactorOff = "second-factor-off", "switched the second factor of {name} off";
    /// Somebody got new recovery codes.
    RecoveryCodesMade = "recovery-codes-made", "made new recovery codes";
    /// Somebody used a recovery code.
    RecoveryCodeUsed = "recovery-code-used", "used a recovery code";
    /// Somebody ended sessions of theirs.
    SessionEnded = "session-ended", "ended sessions of their own";
    /// Something came to be.
    Created = "created", "added the {noun} {name}";
    /// Something was changed.
    Changed = "changed", "changed the {noun} {name}";
    /// A lead was merged into another one.
    Merged = "merged", "merged another lead into the {noun} {name}";
    /// The latest merge into a lead was undone.
    Unmerged = "unmerged", "undid the latest merge into the {noun} {name}";
    /// What a submission had changed was taken back.
    Reverted = "reverted", "undid what a submission changed in the {noun} {name}";
    /// A person decided about submissions that waited for one.
    Decided = "decided", "decided about the {noun} {name}";
    /// Many submissions were run again.
    RunAgain = "run-again", "began the {noun} {name} over submissions";
    /// Somebody has looked at changes of forms.
    TickedOff = "ticked-off", "ticked off the {noun} {name}";
    /// Test submissions were deleted.
    TestsDeleted = "tests-deleted", "deleted {name}";
    /// Something was deleted.
    Deleted = "deleted", "deleted the {noun} {name}";
    /// A token was made to be refused from now on.
    Revoked = "revoked", "revoked the {noun} {name}";
    /// A list left Leadline as a file.
    Exported = "exported", "exported the {noun}";
    /// A member gave their consent, and a profile was made of it.
    Authorized = "authorized", "authorized the {noun} {name} at LinkedIn";
    /// Somebody left for LinkedIn to have a profile authorized again.
    AuthorizationBegun = "authorization-begun", "left for LinkedIn to authorize the {noun} {name} again";
    /// A member gave their consent for a profile that was there.
    AuthorizedAgain = "authorized-again", "authorized the {noun} {name} at LinkedIn again";
    /// A profile's tokens were destroyed.
    Disconnected = "disconnected", "disconnected the {noun} {name}";
    /// LinkedIn does not accept a profile's tokens any more.
    AuthorizationEnded = "authorization-ended", "found that the authorization of {name} has ended";
    /// It was confirmed who receives the leads of a profile.
    ReceiverConfirmed = "receiver-confirmed", "confirmed who receives the leads of {name}";
    /// The accounts were chosen that are synced through a profile.
    AccountsChosen = "accounts-chosen", "chose which accounts are synced through {name}";
    /// An account is synced from now on.
    SyncSwitchedOn = "sync-switched-on", "switched syncing on for {name}";
    /// An account is not synced any more.
    SyncSwitchedOff = "sync-switched-off", "switched syncing off for {name}";
    /// The leads of an account get another owner.
    DefaultOwnerSet = "default-owner-set", "set the default owner of {name}";
    /// The settings were changed.
    SettingsChanged = "settings-changed", "changed the settings";
    /// Leads live somewhere else from now on.
    CrmChanged = "crm-changed", "made {name} the CRM";
    /// The connection to the CRM does not work until somebody does something.
    CrmBroken = "crm-broken", "found that the connection to {name} does not work";
    /// A pass was asked for.
    SyncRequested = "sync-requested", "asked for a sync of {name}";
    /// An account is read from the start.
    ReadAgain = "read-again", "had {name} read again from the start";
}

impl Action {
    /// The action that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Action> {
        let mut all = Action::ALL.iter().copied();
        all.find(|action| action.slug() == word)
    }

    /// What a list of choices calls it.
    #[must_use]
    pub fn label(self) -> String {
        let text = self.slug().replace('-', " ");
        text[..1].to_uppercase() + &text[1..]
    }

    /// What stands between the actor's name and the thing's name in a sentence, and what follows;
    /// `None` when the thing is not named.
    #[must_use]
    pub fn phrase(self, noun: &str) -> (String, Option<&'static str>) {
        match self.words().split_once("{name}") {
            Some((before, after)) => (before.replace("{noun}", noun), Some(after)),
            None => (self.words().replace("{noun}", noun), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_word_of_its_own() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.slug()), Some(*action));
        }
        assert_eq!(Action::parse("exploded"), None);
        assert_eq!(Action::SyncSwitchedOff.label(), "Sync switched off");
    }

    #[test]
    fn a_sentence_names_the_thing_where_it_belongs() {
        let (before, after) = Action::Authorized.phrase("user profile");
        assert_eq!(
            (before.as_str(), after),
            ("authorized the user profile ", Some(" at LinkedIn"))
        );
        assert_eq!(
            Action::Exported.phrase("audit log"),
            ("exported the audit log".to_owned(), None)
        );
    }
}
