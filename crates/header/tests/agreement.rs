//! On ordinary headers our reading and that of syslog_loose, which was written by others, are the same.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use gully_header as header;
use record::{Dialect, FrameSpan, HeaderSpans, Pri, ShortSpan, UnixNanos};
use syslog_loose::{Message, ProcId, Variant, parse_message_with_year_exact};

/// 2026-03-01 00:00:00 UTC.
const RECEIVED: UnixNanos = UnixNanos(1_772_323_200_000_000_000);

/// A frame built part by part, so that the place of each part is known without a locator.
#[derive(Default)]
struct Built {
    frame: String,
    spans: HeaderSpans,
}

impl Built {
    fn put(&mut self, text: &str) -> ShortSpan {
        let start = self.frame.len();
        self.frame.push_str(text);
        if text == "-" { ShortSpan::ABSENT } else { ShortSpan::new(start, self.frame.len()).unwrap() }
    }

    fn rfc5424(pri: u16, parts: [&str; 5], sd: &str, message: &str) -> Self {
        let mut built = Self::default();
        built.spans.dialect = Dialect::Rfc5424;
        built.spans.pri = Pri::new(pri);
        built.put(&format!("<{pri}>1 "));
        let [timestamp, hostname, app_name, procid, msgid] = parts.map(|part| {
            let span = built.put(part);
            built.put(" ");
            span
        });
        built.spans = HeaderSpans { timestamp, hostname, app_name, procid, msgid, ..built.spans };
        let start = built.frame.len() as u32;
        if !built.put(sd).is_absent() {
            built.spans.structured_data = FrameSpan::new(start, built.frame.len() as u32);
        }
        built.put(" ");
        built.message(message)
    }

    fn rfc3164(pri: Option<u16>, timestamp: &str, hostname: &str, tag: &str, pid: Option<&str>, message: &str) -> Self {
        let mut built = Self::default();
        built.spans.dialect = Dialect::Rfc3164;
        if let Some(pri) = pri {
            built.spans.pri = Pri::new(pri);
            built.put(&format!("<{pri}>"));
        }
        built.spans.timestamp = built.put(timestamp);
        built.put(" ");
        built.spans.hostname = built.put(hostname);
        built.put(" ");
        built.spans.app_name = built.put(tag);
        if let Some(pid) = pid {
            built.put("[");
            built.spans.procid = built.put(pid);
            built.put("]");
        }
        built.put(": ");
        built.message(message)
    }

    fn message(mut self, message: &str) -> Self {
        self.spans.msg = self.frame.len() as u32;
        self.put(message);
        self
    }
}

fn text(octets: Option<&[u8]>) -> Option<&str> {
    octets.map(|octets| std::str::from_utf8(octets).unwrap())
}

fn check(built: &Built) {
    let frame = &built.frame;
    let theirs: Message<&str> = parse_message_with_year_exact(frame, |_| 2026, Variant::Either).unwrap();
    let ours = header::fields(frame.as_bytes(), &built.spans);

    assert_eq!(ours.facility().map(|facility| facility as i32), theirs.facility.map(|facility| facility as i32));
    assert_eq!(ours.severity().map(|severity| severity as i32), theirs.severity.map(|severity| severity as i32));
    let nanos = ours
        .timestamp
        .and_then(|stamp| header::timestamp_nanos(stamp).or_else(|| header::rfc3164_nanos(stamp, RECEIVED)));
    assert_eq!(nanos, theirs.timestamp.and_then(|stamp| stamp.timestamp_nanos_opt()), "{frame}");
    assert_eq!(text(ours.hostname), theirs.hostname, "{frame}");
    assert_eq!(text(ours.app_name.or(ours.tag)), theirs.appname, "{frame}");
    let procid = theirs.procid.map(|procid| match procid {
        ProcId::PID(pid) => pid.to_string(),
        ProcId::Name(name) => name.to_owned(),
    });
    assert_eq!(text(ours.procid), procid.as_deref(), "{frame}");
    assert_eq!(text(ours.msgid), theirs.msgid, "{frame}");
    assert_eq!(std::str::from_utf8(ours.message), Ok(theirs.msg), "{frame}");

    let elements = ours.structured_data.elements().map(|(id, params)| {
        let unescaped = params.map(|(name, value)| {
            (text(Some(name)).unwrap().to_owned(), String::from_utf8(value.unescaped().into_owned()).unwrap())
        });
        (text(Some(id)).unwrap(), unescaped.collect::<Vec<_>>())
    });
    let theirs = theirs.structured_data.iter().map(|element| {
        let params = element.params().map(|(name, value)| ((*name).to_owned(), value));
        (element.id, params.collect::<Vec<_>>())
    });
    assert_eq!(elements.collect::<Vec<_>>(), theirs.collect::<Vec<_>>(), "{frame}");
}

#[test]
fn rfc5424_headers_read_the_same() {
    let stamps = ["2026-01-20T04:56:26Z", "2026-01-20T05:56:26.360194+01:00", "1985-04-12T19:20:50.52-04:00", "-"];
    let sds = [
        "-",
        "[a@1]",
        r#"[instance@47450 director="" deployment="cf-af8c" group="credhub" az="az1"]"#,
        r#"[a@1][b@2 k="v]\"\\" l="x y"]"#,
    ];
    for (number, stamp) in stamps.iter().enumerate() {
        for (sd_number, sd) in sds.iter().enumerate() {
            let pri = (number * 47 + sd_number * 3) as u16;
            check(&Built::rfc5424(pri, [stamp, "vm-1", "uaa", "rs2", "-"], sd, "hello: [x] world"));
            check(&Built::rfc5424(191 - pri, [stamp, "192.168.0.61", "-", "812", "ID47"], sd, "CEF:0|a|b"));
            check(&Built::rfc5424(14, [stamp, "org.space.app", "83d2297d", "[APP/PROC/WEB/0]", "-"], sd, "GET /"));
        }
    }
}

#[test]
fn rfc3164_headers_read_the_same() {
    let stamps = ["Jan 20 04:56:26", "Jan  9 04:56:26", "2019-06-04T14:16:52-06:00", "2026-01-20T04:56:26.360194Z"];
    for stamp in stamps {
        for pri in [Some(86), Some(0), Some(191), None] {
            check(&Built::rfc3164(pri, stamp, "vm", "sshd", Some("812"), "session opened for user root"));
            check(&Built::rfc3164(pri, stamp, "10.0.10.10", "telemetry", None, "checking ping"));
            check(&Built::rfc3164(pri, stamp, "host-1", "uaa", Some("rs2"), "[2026-01-20T04:56:26Z] uaa - 11 [x]"));
        }
    }
}
