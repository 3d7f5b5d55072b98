//! The classes that documents have.

/// Identity & Access Management: Account Change.
pub(super) const ACCOUNT_CHANGE: u16 = 3001;
/// Authentication.
pub(super) const AUTHENTICATE: u16 = 3002;
/// Authorize Session.
pub(super) const AUTHORIZE_SESSION: u16 = 3003;
/// Entity Management.
pub(super) const ENTITY_MANAGEMENT: u16 = 3004;
/// User Access Management.
pub(super) const USER_ACCESS: u16 = 3005;
/// Group Management.
pub(super) const GROUP_MANAGEMENT: u16 = 3006;
/// Application Activity: Application Lifecycle.
pub(super) const APPLICATION_LIFECYCLE: u16 = 6002;
/// API Activity.
pub(super) const API_ACTIVITY: u16 = 6003;

/// Each class with its last activity; activities are numbered from 1.
const CLASSES: [(u16, u8); 9] = [
    (0, 0),
    (ACCOUNT_CHANGE, 12),
    (AUTHENTICATE, 7),
    (AUTHORIZE_SESSION, 2),
    (ENTITY_MANAGEMENT, 13),
    (USER_ACCESS, 2),
    (GROUP_MANAGEMENT, 8),
    (APPLICATION_LIFECYCLE, 8),
    (API_ACTIVITY, 4),
];

/// Class and activity as the schema has them: 99 Other for an activity that it does not have, and Base Event with an
/// unknown activity for a class that is not one of ours.
pub(super) fn legal(class_uid: u16, activity_id: u8) -> (u16, u8) {
    match CLASSES.iter().find(|(uid, _)| *uid == class_uid) {
        None | Some((0, _)) => (0, 0),
        Some((uid, last)) if activity_id <= *last => (*uid, activity_id),
        Some((uid, _)) => (*uid, 99),
    }
}

/// A set of classes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Classes(u16);

impl Classes {
    const fn of(class_uid: u16) -> Self {
        Self(Self::bit(class_uid))
    }

    /// The classes of both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the class is one of them.
    pub(super) const fn contain(self, class_uid: u16) -> bool {
        self.0 & Self::bit(class_uid) != 0
    }

    /// The categories have less than eight classes of ours each.
    const fn bit(class_uid: u16) -> u16 {
        match class_uid / 1000 {
            3 => 1 << (class_uid % 1000),
            6 => 1 << (8 + class_uid % 1000),
            _ => 1,
        }
    }
}

pub(super) const ACCOUNT: Classes = Classes::of(ACCOUNT_CHANGE);
pub(super) const AUTHENTICATION: Classes = Classes::of(AUTHENTICATE);
pub(super) const SESSION: Classes = Classes::of(AUTHORIZE_SESSION);
pub(super) const ENTITY: Classes = Classes::of(ENTITY_MANAGEMENT);
pub(super) const ACCESS: Classes = Classes::of(USER_ACCESS);
pub(super) const GROUP: Classes = Classes::of(GROUP_MANAGEMENT);
pub(super) const APPLICATION: Classes = Classes::of(APPLICATION_LIFECYCLE);
pub(super) const API: Classes = Classes::of(API_ACTIVITY);
/// Identity & Access Management.
pub(super) const IAM: Classes = ACCOUNT.and(AUTHENTICATION).and(SESSION).and(ENTITY).and(ACCESS).and(GROUP);
/// All, Base Event among them.
pub(super) const ALL: Classes = Classes(u16::MAX);
