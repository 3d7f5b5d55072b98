//! The classes of records: which audit format the octets are, or none.

use std::fmt;
use std::str::FromStr;

macro_rules! classes {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// What a record is. The names are what configuration, metrics, file names and topics use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Class { $(#[doc = $doc] $variant),* }

        impl Class {
            /// Every class, in the order of its index.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The public name, made of `[a-z0-9._]` only, so it is safe in a path and in a topic.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

classes! {
    CloudControllerCef "cf.cloud_controller.cef" "Cloud Controller security event in CEF."
    CredhubCef "cf.credhub.cef" "CredHub security event in CEF."
    UaaAudit "cf.uaa.audit" "UAA audit line."
    AuditEvent "cf.audit_event" "Cloud Controller audit event, v2 or v3, single or page."
    LogMessage "cf.logmessage" "Application output: a firehose LogMessage or a loggregator drain line."
    BoshCef "bosh.director.cef" "BOSH director, agent or blobstore event in CEF."
    PksApi "pks.api" "PKS/TKGI API action."
    PksBroker "pks.broker" "PKS/TKGI on-demand broker task line."
    PksTelemetry "pks.telemetry" "PKS/TKGI telemetry line."
    K8sAudit "k8s.audit" "Kubernetes audit event, list or legacy line."
    UcpAudit "ucp.audit" "Docker UCP / MKE audit record."
    Cef "cef" "Well-formed CEF of any other vendor or product."
    Other "other" "Everything else."
}

impl Class {
    /// How many classes there are.
    pub const COUNT: usize = Self::ALL.len();

    /// A number below [`Self::COUNT`], for tables.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text was no class name; it holds the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownClass(pub String);

impl fmt::Display for UnknownClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no class is called {:?}", self.0)
    }
}

impl std::error::Error for UnknownClass {}

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, UnknownClass> {
        let found = Self::ALL.iter().find(|class| class.name() == name);
        found.copied().ok_or_else(|| UnknownClass(name.to_owned()))
    }
}

/// A set of classes: what a sink takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassMask(u32);

const _: () = assert!(Class::COUNT <= 32, "ClassMask has 32 bits");

impl ClassMask {
    /// No class.
    pub const NONE: Self = Self(0);
    /// Every class.
    pub const ALL: Self = Self((1 << Class::COUNT) - 1);

    /// The classes that `pattern` names: a class, `*`, or a prefix and `.*` (`cf.*`).
    ///
    /// # Errors
    /// [`UnknownClass`] when the pattern matches no class.
    pub fn parse(pattern: &str) -> Result<Self, UnknownClass> {
        let matches = |class: &Class| match pattern.strip_suffix('*') {
            Some(prefix) => (prefix.is_empty() || prefix.ends_with('.')) && class.name().starts_with(prefix),
            None => class.name() == pattern,
        };
        let mask = Class::ALL.iter().copied().filter(matches).collect::<Self>();
        if mask == Self::NONE { Err(UnknownClass(pattern.to_owned())) } else { Ok(mask) }
    }

    /// Whether the set has `class`.
    #[must_use]
    pub const fn contains(self, class: Class) -> bool {
        self.0 >> (class as u32) & 1 == 1
    }

    /// The classes of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The classes in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.iter().copied().filter(move |class| self.contains(*class))
    }
}

impl FromIterator<Class> for ClassMask {
    fn from_iter<T: IntoIterator<Item = Class>>(classes: T) -> Self {
        Self(classes.into_iter().fold(0, |bits, class| bits | 1 << (class as u32)))
    }
}

/// How many records of each class, for instance in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassCounts([u32; Class::COUNT]);

impl ClassCounts {
    /// Counts one more record of `class`.
    pub const fn add(&mut self, class: Class) {
        self.0[class as usize] += 1;
    }

    /// How many of `class`.
    #[must_use]
    pub const fn of(&self, class: Class) -> u32 {
        self.0[class as usize]
    }

    /// How many records are of a class in `mask`.
    #[must_use]
    pub fn within(&self, mask: ClassMask) -> u64 {
        let counted = Class::ALL.iter().filter(|class| mask.contains(**class));
        counted.map(|class| u64::from(self.of(*class))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_are_safe_in_a_path() {
        for class in Class::ALL {
            assert_eq!(class.name().parse(), Ok(*class));
            assert!(
                class.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
            );
        }
    }

    #[test]
    fn patterns_select_by_name_by_prefix_and_all() {
        assert_eq!(ClassMask::parse("*"), Ok(ClassMask::ALL));
        assert_eq!(ClassMask::parse("pks.*").unwrap().iter().count(), 3);
        assert!(ClassMask::parse("cef").unwrap().contains(Class::Cef));
        assert!(!ClassMask::parse("cf.*").unwrap().contains(Class::Cef));
        assert!(ClassMask::parse("pk*").is_err() && ClassMask::parse("k8s").is_err());
    }
}
