//! The members that rules ask for, and what can be said about them.

use std::ops::BitOr;

macro_rules! members {
    ($($variant:ident $name:literal)*) => {
        /// A member that some rule asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Member { $($variant),* }

        impl Member {
            pub(crate) const COUNT: usize = [$(Self::$variant),*].len();

            /// The member with this key, after escapes are undone.
            pub(crate) fn of(key: &[u8]) -> Option<Self> {
                match key {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

members! {
    AuditId b"auditID"
    Stage b"stage"
    RequestUri b"requestURI"
    Verb b"verb"
    Kind b"kind"
    ApiVersion b"apiVersion"
    Items b"items"
    Audit b"audit"
    EventType b"event_type"
    Type b"type"
    Actor b"actor"
    Target b"target"
    Entity b"entity"
    Actee b"actee"
    Resources b"resources"
    Log b"log"
    Stream b"stream"
    Time b"time"
    Source b"source"
    Message b"message"
    Level b"level"
    Metadata b"metadata"
}

/// An object that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Object {
    /// The text itself.
    Top,
    /// Its member `audit`.
    Audit,
    /// Its member `entity`.
    Entity,
    /// The first element of its member `resources`.
    Resource,
    /// That one's member `entity`.
    ResourceEntity,
}

impl Object {
    pub(crate) const COUNT: usize = 5;
}

/// What is known about the members of one object. Of members with the same key only the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Facts(u32);

macro_rules! facts {
    ($($bit:literal $constant:ident $doc:literal)*) => {
        impl Facts { $(#[doc = $doc] pub(crate) const $constant: Self = Self(1 << $bit);)* }
    };
}

facts! {
    0 AUDIT_ID "auditID is a string."
    1 STAGE "stage is a string."
    2 REQUEST_URI "requestURI is a string."
    3 VERB "verb is a string."
    4 KIND_EVENT "kind is `Event`."
    5 KIND_EVENT_LIST "kind is `EventList`."
    6 KIND_ELSE "kind is anything else."
    7 API_AUDIT "apiVersion begins with `audit.k8s.io/`."
    8 API_ELSE "apiVersion is anything else."
    9 ITEM "items is an array and its first element an object."
    10 EVENT_TYPE_LOG_MESSAGE "event_type is `LogMessage`."
    11 TYPE "type is a string."
    12 ACTOR_OBJECT "actor is an object."
    13 ACTOR_STRING "actor is a string."
    14 TARGET_OBJECT "target is an object."
    15 ACTEE "actee is a string."
    16 LOG "log is a string."
    17 STREAM "stream is `stdout` or `stderr`."
    18 TIME "time is a string."
    19 SOURCE_EVENT "source is `cc.model.event`."
    20 MESSAGE "message is a string."
    21 KIND_SWARM "kind is `docker-swarm`; stands beside `KIND_ELSE`."
    22 LEVEL "level is a string."
    23 METADATA "metadata is an object."
}

impl BitOr for Facts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Facts {
    pub(crate) const NONE: Self = Self(0);

    /// Whether all of `wanted` hold.
    pub(crate) const fn all(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// Whether any of `wanted` holds.
    pub(crate) const fn any(self, wanted: Self) -> bool {
        self.0 & wanted.0 != 0
    }

    pub(super) const fn add(&mut self, fact: Self) {
        self.0 |= fact.0;
    }

    /// The four members that only an event of a request to an API server has.
    pub(crate) fn is_request_event(self) -> bool {
        self.all(Self::AUDIT_ID | Self::STAGE | Self::REQUEST_URI | Self::VERB)
    }

    /// Those, and nothing that says it is something else.
    pub(crate) fn is_kubernetes_event(self) -> bool {
        self.is_request_event() && !self.any(Self::KIND_EVENT_LIST | Self::KIND_ELSE | Self::API_ELSE)
    }
}
