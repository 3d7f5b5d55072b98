//! The fields of a header whose place is known.

use record::{Dialect, Facility, HeaderSpans, Pri, Severity, ShortSpan};

use crate::StructuredData;

/// The values of a header, borrowed from its frame. NILVALUE and absent are both `None`.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    /// Which header it is.
    pub dialect: Dialect,
    /// PRI, when there is a legal one.
    pub pri: Option<Pri>,
    /// VERSION: 1 for RFC 5424, which is the only one that is recognised.
    pub version: Option<u8>,
    /// TIMESTAMP as sent; [`crate::timestamp_nanos`] and [`crate::rfc3164_nanos`] read it.
    pub timestamp: Option<&'a [u8]>,
    /// HOSTNAME.
    pub hostname: Option<&'a [u8]>,
    /// APP-NAME (RFC 5424 only).
    pub app_name: Option<&'a [u8]>,
    /// PROCID, or the pid in brackets after an RFC 3164 tag.
    pub procid: Option<&'a [u8]>,
    /// MSGID (RFC 5424 only).
    pub msgid: Option<&'a [u8]>,
    /// TAG without its pid and colon (RFC 3164 only).
    pub tag: Option<&'a [u8]>,
    /// STRUCTURED-DATA; without elements when nil or absent.
    pub structured_data: StructuredData<'a>,
    /// MSG: what follows the header, or the whole frame when there is none.
    pub message: &'a [u8],
}

impl Fields<'_> {
    /// The part of a system that speaks.
    #[must_use]
    pub fn facility(&self) -> Option<Facility> {
        self.pri.map(Pri::facility)
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.pri.map(Pri::severity)
    }
}

/// Reads the fields of `frame` at the places in `spans`, in constant time.
///
/// `spans` must have been made for these octets; with others it panics or gives other octets, and that is our bug.
#[must_use]
pub fn fields<'a>(frame: &'a [u8], spans: &HeaderSpans) -> Fields<'a> {
    let at = |span: ShortSpan| (!span.is_absent()).then(|| span.of(frame));
    let is_rfc5424 = spans.dialect == Dialect::Rfc5424;
    let name = at(spans.app_name);
    Fields {
        dialect: spans.dialect,
        pri: spans.pri,
        version: is_rfc5424.then_some(1),
        timestamp: at(spans.timestamp),
        hostname: at(spans.hostname),
        app_name: name.filter(|_| is_rfc5424),
        procid: at(spans.procid),
        msgid: at(spans.msgid),
        tag: name.filter(|_| !is_rfc5424),
        structured_data: StructuredData::new(spans.structured_data.of(frame)),
        message: spans.message(frame),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::FrameSpan;

    fn span(frame: &str, part: &str) -> ShortSpan {
        let start = frame.find(part).unwrap();
        ShortSpan::new(start, start + part.len()).unwrap()
    }

    #[test]
    fn an_rfc5424_header_has_an_app_name_and_a_version() {
        let frame = r#"<14>1 2026-01-20T04:56:26Z vm-1 uaa rs2 - [a@1 b="c"] text"#;
        let sd = frame.find('[').unwrap() as u32;
        let spans = HeaderSpans {
            dialect: Dialect::Rfc5424,
            pri: Pri::new(14),
            timestamp: span(frame, "2026-01-20T04:56:26Z"),
            hostname: span(frame, "vm-1"),
            app_name: span(frame, "uaa"),
            procid: span(frame, "rs2"),
            msgid: ShortSpan::ABSENT,
            structured_data: FrameSpan::new(sd, sd + 11),
            msg: sd + 12,
        };
        let found = fields(frame.as_bytes(), &spans);
        assert_eq!((found.facility(), found.severity()), (Some(Facility::User), Some(Severity::Informational)));
        assert_eq!((found.version, found.timestamp), (Some(1), Some(&b"2026-01-20T04:56:26Z"[..])));
        assert_eq!((found.hostname, found.app_name), (Some(&b"vm-1"[..]), Some(&b"uaa"[..])));
        assert_eq!((found.procid, found.msgid, found.tag), (Some(&b"rs2"[..]), None, None));
        assert_eq!(found.structured_data.elements().count(), 1);
        assert_eq!(found.message, b"text");
    }

    #[test]
    fn an_rfc3164_header_has_a_tag_instead() {
        let frame = "Jan 20 04:56:26 vm sshd[812]: session";
        let spans = HeaderSpans {
            dialect: Dialect::Rfc3164,
            app_name: span(frame, "sshd"),
            procid: span(frame, "812"),
            msg: 30,
            ..HeaderSpans::default()
        };
        let found = fields(frame.as_bytes(), &spans);
        assert_eq!((found.tag, found.app_name, found.version), (Some(&b"sshd"[..]), None, None));
        assert_eq!((found.pri, found.facility(), found.procid), (None, None, Some(&b"812"[..])));
        assert_eq!(found.message, b"session");
    }

    #[test]
    fn without_a_header_everything_is_message() {
        let found = fields(b"plain", &HeaderSpans::default());
        assert_eq!((found.dialect, found.message), (Dialect::Unknown, &b"plain"[..]));
        assert!(found.timestamp.is_none() && found.tag.is_none() && found.structured_data.is_empty());
        assert!(fields(b"", &HeaderSpans::default()).message.is_empty());
    }
}
