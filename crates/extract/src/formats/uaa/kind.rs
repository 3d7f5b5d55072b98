//! The event types (`AuditEventType.java`): what their data and principal are, how it came out, and what it means.

use crate::meaning::Meaning;

/// An event type.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) outcome: Option<&'static str>,
    pub(super) data: Data,
    /// What is written for the data is always `null`.
    pub(super) has_null_data: bool,
    pub(super) principal: Principal,
    /// Sort of thing that it is done to; empty when there is none, or the data say it.
    pub(super) object: &'static str,
    /// The origin is the key of an identity provider.
    pub(super) names_provider: bool,
    pub(super) meaning: Meaning,
}

/// What stands between the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    /// The name that a user typed.
    UserName,
    /// Why it failed.
    Reason,
    /// A JSON array of scopes.
    Scopes,
    /// A JSON array of `name=value`.
    Elements,
    /// A JSON object.
    Members,
    /// `id=…; …`.
    Provider,
    /// `Class:…; ID:…`.
    Entity,
    /// Nothing, or text.
    Free,
}

/// Whom the principal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principal {
    /// The user who acts, by id.
    User,
    /// Whoever got a token: the user by id, or the client.
    Holder,
    /// What was typed for a name.
    Typed,
    /// A hash of what was typed.
    Hash,
    /// The user to whom it is done, by id.
    TargetId,
    /// The user to whom it is done, by name.
    TargetName,
    /// The user to whom it was not done, by name, which is nearly always the user who acts.
    Refused,
    Group,
    /// The client to which it is done.
    Client,
    /// The client that acts.
    ActingClient,
    Other,
}

impl Principal {
    /// Whether it is made by UAA, and no client has a say in it.
    pub(super) const fn is_id(self) -> bool {
        matches!(self, Self::User | Self::Hash | Self::TargetId | Self::Group)
    }
}

const AUTHENTICATION: u16 = 3002;
const ACCOUNT_CHANGE: u16 = 3001;
const GROUP_MANAGEMENT: u16 = 3006;
const ENTITY_MANAGEMENT: u16 = 3004;
const USER_ACCESS: u16 = 3005;

const LOGIN: Meaning = Meaning::new(&["authentication"], &["start", "allowed"], AUTHENTICATION, 1);
const REFUSED: Meaning = Meaning::new(&["authentication"], &["start", "denied"], AUTHENTICATION, 1);
const ISSUED: Meaning = Meaning::new(&["authentication", "session"], &["start"], AUTHENTICATION, 4);
const REVOKED: Meaning = Meaning::new(&["authentication", "session"], &["end"], AUTHENTICATION, 2);

const fn user(change: &'static [&'static str], activity: u8) -> Meaning {
    Meaning::new(&["iam"], change, ACCOUNT_CHANGE, activity)
}
const fn group(change: &'static [&'static str], activity: u8) -> Meaning {
    Meaning::new(&["iam"], change, GROUP_MANAGEMENT, activity)
}
const fn client(change: &'static [&'static str], activity: u8) -> Meaning {
    Meaning::new(&["iam"], change, ENTITY_MANAGEMENT, activity)
}
const fn system(change: &'static [&'static str], activity: u8) -> Meaning {
    Meaning::new(&["iam", "configuration"], change, ENTITY_MANAGEMENT, activity)
}
const fn approval(activity: u8) -> Meaning {
    Meaning::new(&["iam"], USER_CHANGE, USER_ACCESS, activity)
}

const USER_CHANGE: &[&str] = &["user", "change"];
const ADMIN_CREATION: &[&str] = &["admin", "creation"];
const ADMIN_CHANGE: &[&str] = &["admin", "change"];
const ADMIN_DELETION: &[&str] = &["admin", "deletion"];

/// A user let a client have a scope.
pub(super) static APPROVED: Meaning = approval(1);
/// A user refused a client a scope, or took it back.
pub(super) static DENIED: Meaning = approval(2);

const SUCCESS: Option<&str> = Some("success");
const FAILURE: Option<&str> = Some("failure");

const fn kind(
    name: &'static str,
    outcome: Option<&'static str>,
    principal: Principal,
    data: Data,
    object: &'static str,
    meaning: Meaning,
) -> Kind {
    Kind { name, outcome, data, has_null_data: false, principal, object, names_provider: false, meaning }
}

impl Kind {
    const fn with_null_data(self) -> Self {
        Self { has_null_data: true, ..self }
    }

    const fn with_provider(self) -> Self {
        Self { names_provider: true, ..self }
    }

    /// Whether data or principal can be any text of somebody's, with what looks like the parts behind it. Where the data are JSON or
    /// of few words and the principal is an id, the parts behind them begin where they seem to.
    pub(super) const fn has_typed_parts(&self) -> bool {
        matches!(self.data, Data::UserName | Data::Reason | Data::Elements)
            || matches!(
                self.principal,
                Principal::Typed | Principal::Refused | Principal::TargetName | Principal::Other
            )
    }

    /// The type with this name, or what can be said of one that is not in the list: it grows.
    pub(super) fn of(name: &[u8]) -> &'static Self {
        KINDS.iter().find(|kind| kind.name.as_bytes() == name).unwrap_or(&OTHER)
    }
}

static OTHER: Kind = kind("", None, Principal::Other, Data::Free, "", Meaning::new(&[], &[], ENTITY_MANAGEMENT, 99));

/// In the order of their numbers.
#[rustfmt::skip]
static KINDS: [Kind; 43] = {
    use Data::{Elements, Entity, Free, Members, Provider, Reason, Scopes, UserName};
    use Principal::{ActingClient, Client, Group, Hash, Holder, Other, Refused, TargetId, TargetName, Typed, User};
    [
        kind("UserAuthenticationSuccess", SUCCESS, User, UserName, "", LOGIN),
        kind("UserAuthenticationFailure", FAILURE, User, UserName, "", REFUSED),
        kind("UserNotFound", FAILURE, Hash, Free, "", REFUSED),
        kind("PasswordChangeSuccess", SUCCESS, TargetId, Free, "user", user(USER_CHANGE, 3)),
        kind("PrincipalAuthenticationSuccess", SUCCESS, Typed, Free, "", LOGIN).with_null_data(),
        kind("PrincipalAuthenticationFailure", FAILURE, Typed, Free, "", REFUSED).with_null_data(),
        kind("PrincipalNotFound", FAILURE, Typed, Free, "", REFUSED).with_null_data(),
        kind("PasswordChangeFailure", FAILURE, Refused, Reason, "user", user(USER_CHANGE, 3)),
        kind("SecretChangeSuccess", SUCCESS, Client, Members, "client", client(ADMIN_CHANGE, 3)),
        kind("SecretChangeFailure", FAILURE, Client, Members, "client", client(ADMIN_CHANGE, 3)),
        kind("ClientCreateSuccess", SUCCESS, Client, Members, "client", client(ADMIN_CREATION, 1)),
        kind("ClientUpdateSuccess", SUCCESS, Client, Members, "client", client(ADMIN_CHANGE, 3)),
        kind("ClientDeleteSuccess", SUCCESS, Client, Members, "client", client(ADMIN_DELETION, 4)),
        kind("ClientApprovalsDeleted", SUCCESS, Client, Members, "client", client(ADMIN_CHANGE, 3)),
        kind("ClientAuthenticationSuccess", SUCCESS, ActingClient, Free, "", LOGIN),
        kind("ClientAuthenticationFailure", FAILURE, ActingClient, Reason, "", REFUSED),
        kind("ApprovalModifiedEvent", SUCCESS, TargetId, Members, "approval", approval(99)),
        kind("TokenIssuedEvent", SUCCESS, Holder, Scopes, "", ISSUED),
        kind("UserCreatedEvent", SUCCESS, TargetId, Elements, "user", user(&["user", "creation"], 1)),
        kind("UserModifiedEvent", SUCCESS, TargetId, Elements, "user", user(USER_CHANGE, 99)),
        kind("UserDeletedEvent", SUCCESS, TargetId, Elements, "user", user(&["user", "deletion"], 6)),
        kind("UserVerifiedEvent", SUCCESS, TargetId, Elements, "user", user(USER_CHANGE, 99)),
        kind("PasswordResetRequest", SUCCESS, TargetName, Free, "user", user(USER_CHANGE, 4)),
        kind("GroupCreatedEvent", SUCCESS, Group, Members, "group", group(&["group", "creation"], 6)),
        kind("GroupModifiedEvent", SUCCESS, Group, Members, "group", group(&["group", "change"], 99)),
        kind("GroupDeletedEvent", SUCCESS, Group, Members, "group", group(&["group", "deletion"], 5)),
        kind("EmailChangedEvent", SUCCESS, TargetId, Elements, "user", user(USER_CHANGE, 99)),
        kind("UnverifiedUserAuthentication", FAILURE, User, UserName, "", REFUSED),
        kind("IdentityProviderCreatedEvent", SUCCESS, Other, Provider, "identity_provider", system(ADMIN_CREATION, 1)),
        kind("IdentityProviderModifiedEvent", SUCCESS, Other, Provider, "identity_provider", system(ADMIN_CHANGE, 3)),
        kind("IdentityZoneCreatedEvent", SUCCESS, Other, Provider, "identity_zone", system(ADMIN_CREATION, 1)),
        kind("IdentityZoneModifiedEvent", SUCCESS, Other, Provider, "identity_zone", system(ADMIN_CHANGE, 3)),
        kind("EntityDeletedEvent", SUCCESS, Other, Entity, "", system(ADMIN_DELETION, 4)),
        kind("ServiceProviderCreatedEvent", SUCCESS, Other, Provider, "service_provider", system(ADMIN_CREATION, 1)),
        kind("ServiceProviderModifiedEvent", SUCCESS, Other, Provider, "service_provider", system(ADMIN_CHANGE, 3)),
        kind("UserAccountUnlockedEvent", SUCCESS, TargetId, Free, "user", user(USER_CHANGE, 12))
            .with_null_data()
            .with_provider(),
        kind("TokenRevocationEvent", SUCCESS, Other, Members, "token", REVOKED),
        kind("IdentityProviderAuthenticationSuccess", SUCCESS, User, UserName, "", LOGIN),
        kind("IdentityProviderAuthenticationFailure", FAILURE, User, UserName, "", REFUSED),
        kind("MfaAuthenticationSuccess", SUCCESS, Other, Free, "", LOGIN),
        kind("MfaAuthenticationFailure", FAILURE, Other, Free, "", REFUSED),
        kind("ClientJwtChangeSuccess", SUCCESS, Client, Members, "client", client(ADMIN_CHANGE, 3)),
        kind("ClientJwtChangeFailure", FAILURE, Client, Members, "client", client(ADMIN_CHANGE, 3)),
    ]
};
