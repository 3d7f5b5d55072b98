//! Who sent a record, as far as its header tells.
//!
//! Only positions that the sending program fills count: the SD-IDs, PROCID, and the beginning of APP-NAME or TAG.
//! MSG and the values in structured data are text of others, and never count. The header itself is a claim, too:
//! nothing but a checked certificate proves it.

/// The kind of program that wrote the header. When several signs are there, the first in this order wins, so that
/// nothing that an application prints is ever taken for the platform's:
/// `Envelope`, `Application`, `Container`, `Platform`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Provenance {
    /// A metric or event of a loggregator drain: the *first* SD-ID is `gauge@47450`, `counter@47450`, `timer@47450` or
    /// `event@47450`. Its class is `other`.
    Envelope,
    /// Application output in a loggregator drain: any SD-ID is `tags@47450`, or PROCID is `[TYPE/instance]` with an
    /// upper-case TYPE, or APP-NAME (or TAG) is a GUID and no SD-ID is `instance@47450`: as a rule only applications have a GUID
    /// for a name, and a relay that writes RFC 3164 cuts the tag after 32 octets and leaves no other sign. Its class is
    /// `cf.logmessage`, whatever MSG says.
    Application,
    /// Container output or a cluster event of a TKGI sink: any SD-ID is `kubernetes@47450`, or APP-NAME (or TAG) begins
    /// with `pod.log/` or `k8s.event/`. Its class is `other`.
    Container,
    /// A platform job by way of the BOSH syslog forwarder: any SD-ID is `instance@47450`.
    Platform,
    /// None of these.
    #[default]
    None,
}

/// The signs seen so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signs {
    element_seen: bool,
    envelope: bool,
    application: bool,
    /// A GUID for a name: the weakest sign, which gives way to a platform job's element.
    guid_name: bool,
    container: bool,
    platform: bool,
}

impl Signs {
    /// Takes note of the next SD-ID.
    pub(super) fn see_element(&mut self, sd_id: &[u8]) {
        match sd_id {
            b"tags@47450" => self.application = true,
            b"instance@47450" => self.platform = true,
            b"kubernetes@47450" => self.container = true,
            b"gauge@47450" | b"counter@47450" | b"timer@47450" | b"event@47450" if !self.element_seen => {
                self.envelope = true;
            }
            _ => {}
        }
        self.element_seen = true;
    }

    /// Takes note of APP-NAME, or TAG.
    pub(super) fn see_app_name(&mut self, app_name: &[u8]) {
        self.container |= app_name.starts_with(b"pod.log/") || app_name.starts_with(b"k8s.event/");
        self.guid_name |= is_guid(app_name);
    }

    /// Takes note of PROCID.
    pub(super) fn see_procid(&mut self, procid: &[u8]) {
        self.application |= is_source_type(procid);
    }

    pub(super) const fn verdict(self) -> Provenance {
        if self.envelope {
            Provenance::Envelope
        } else if self.application || (self.guid_name && !self.platform) {
            Provenance::Application
        } else if self.container {
            Provenance::Container
        } else if self.platform {
            Provenance::Platform
        } else {
            Provenance::None
        }
    }
}

/// Whether a name is a GUID, or the first 32 octets of one.
#[must_use]
pub fn is_guid(name: &[u8]) -> bool {
    const CUT_LEN: usize = 32;
    const LEN: usize = 36;
    let fits = |(place, octet): (usize, &u8)| match place {
        8 | 13 | 18 | 23 => *octet == b'-',
        _ => octet.is_ascii_hexdigit(),
    };
    matches!(name.len(), CUT_LEN | LEN) && name.iter().enumerate().all(fits)
}

/// Whether PROCID is what loggregator makes of a source type: `[TYPE/instance]`, split at the last `/`.
///
/// TYPE is in upper case and part of it may be chosen by the application's developer (the name of a task). So the rule
/// forgives what such a name can do: a blank in it ends PROCID before its `]`, and an empty instance leaves `[TYPE]`.
/// No platform job writes a bracket here. Metrics have `[instance]`, a number or a lower-case GUID.
#[must_use]
pub fn is_source_type(procid: &[u8]) -> bool {
    let [b'[', inner @ ..] = procid else { return false };
    let end = inner.iter().rposition(|&octet| octet == b'/').unwrap_or(inner.len());
    let source_type = &inner[..end];
    source_type.iter().any(u8::is_ascii_uppercase) && !source_type.iter().any(u8::is_ascii_lowercase)
}
