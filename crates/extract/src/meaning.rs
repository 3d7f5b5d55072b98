//! What kind of event it is, in the words of the two common schemas.

/// The kind of an event. Tables of these stand in the file of each format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// ECS `event.category`; may be empty.
    pub category: &'static [&'static str],
    /// ECS `event.type`; may be empty.
    pub kind: &'static [&'static str],
    /// OCSF `class_uid`: 6003 API Activity, 3002 Authentication, …; 0 Base Event.
    pub ocsf_class: u16,
    /// OCSF `activity_id` within that class; 0 unknown, 99 other.
    pub ocsf_activity: u8,
    /// OCSF `status_id` that this kind of event implies where the producer states no outcome: 1 success, 2 failure; 0
    /// nothing.
    pub ocsf_status: u8,
}

impl Meaning {
    /// Nothing is known about it.
    pub const NONE: Self = Self::new(&[], &[], 0, 0);

    /// A row of a table.
    #[must_use]
    pub const fn new(
        category: &'static [&'static str],
        kind: &'static [&'static str],
        ocsf_class: u16,
        ocsf_activity: u8,
    ) -> Self {
        Self { category, kind, ocsf_class, ocsf_activity, ocsf_status: 0 }
    }

    /// The same with an implied [`Self::ocsf_status`].
    #[must_use]
    pub const fn with_status(self, ocsf_status: u8) -> Self {
        Self { ocsf_status, ..self }
    }
}
