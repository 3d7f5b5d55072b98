//! PRI and its two halves (RFC 5424 section 6.2.1).

use std::fmt;

/// A legal PRI value, 0 to 191: facility times eight plus severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pri(u8);

impl Pri {
    /// The largest legal value: local7.debug.
    pub const MAX: u8 = 191;
    /// user.notice, what a relay assumes for a message without PRI (RFC 3164 section 4.3.3).
    pub const USER_NOTICE: Self = Self(13);

    /// `value` as a PRI, or nothing when it is above 191.
    #[must_use]
    pub const fn new(value: u16) -> Option<Self> {
        if value <= Self::MAX as u16 { Some(Self(value as u8)) } else { None }
    }

    /// The number between the angle brackets.
    #[must_use]
    pub const fn value(self) -> u8 {
        self.0
    }

    /// The upper five bits.
    #[must_use]
    pub const fn facility(self) -> Facility {
        Facility::ALL[(self.0 >> 3) as usize]
    }

    /// The lower three bits.
    #[must_use]
    pub const fn severity(self) -> Severity {
        Severity::ALL[(self.0 & 7) as usize]
    }
}

macro_rules! keywords {
    ($(#[$doc:meta])* $type:ident { $($variant:ident $name:literal)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the variants are the RFC's own keywords")]
        pub enum $type { $($variant),* }

        impl $type {
            /// Every value, in the order of its numerical code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The keyword that syslog programs use for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

keywords! {
    /// How bad it is; a lower code is worse (RFC 5424 table 2).
    Severity {
        Emergency "emerg" Alert "alert" Critical "crit" Error "err" Warning "warning" Notice "notice" Informational "info" Debug "debug"
    }
}

keywords! {
    /// What part of a system speaks (RFC 5424 table 1).
    Facility {
        Kern "kern" User "user" Mail "mail" Daemon "daemon" Auth "auth" Syslog "syslog" Lpr "lpr" News "news" Uucp "uucp"
        Cron "cron" Authpriv "authpriv" Ftp "ftp" Ntp "ntp" Audit "audit" Console "alert" Clock "clock" Local0 "local0"
        Local1 "local1" Local2 "local2" Local3 "local3" Local4 "local4" Local5 "local5" Local6 "local6" Local7 "local7"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pri_has_a_facility_and_a_severity() {
        for value in 0..=u16::from(Pri::MAX) {
            let pri = Pri::new(value).unwrap();
            assert_eq!(pri.facility() as u16 * 8 + pri.severity() as u16, value);
        }
        assert_eq!(Pri::new(192), None);
    }
}
