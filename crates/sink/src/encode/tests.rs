//! Whole records: what each encoding writes, to the octet.

mod cef;
mod corpus;
mod cost;
mod ecs;
mod fields;
mod ocsf;
mod properties;
mod schema;

use super::*;
use bytes::Bytes;
use record::{
    Batch, BatchParts, Class, Dialect, Entry, Flags, FrameSpan, HeaderSpans, JournalId, Lease, Pri, Sequence,
    ShortSpan, Transport,
};

const ID: RecordId = RecordId { journal: JournalId(0x0123_4567_89ab_cdef), sequence: Sequence(42) };
const PLAIN: JsonOptions = JsonOptions { embed_json: false, native: false, ecs: false };
const JSON: Encoding = Encoding::Json(PLAIN);
const EMBEDDED: Encoding = Encoding::Json(JsonOptions { embed_json: true, ..PLAIN });
const FIELDS: Encoding = Encoding::Json(JsonOptions { native: true, ecs: true, ..PLAIN });
/// 2026-01-20 04:56:26.360194999 UTC.
const RECEIVED_AT: UnixNanos = UnixNanos(1_768_884_986_360_194_999);

/// A record to encode. The places of header fields are found by their text.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) frame: Vec<u8>,
    pub(super) header: HeaderSpans,
    pub(super) class: Class,
    pub(super) flags: Flags,
    pub(super) origin: Origin,
}

impl Sample {
    /// Octets without a header that we know.
    pub(super) fn plain(frame: impl AsRef<[u8]>) -> Self {
        Self {
            frame: frame.as_ref().to_vec(),
            header: HeaderSpans::default(),
            class: Class::Other,
            flags: Flags::NONE,
            origin: Origin {
                listener: "drain".into(),
                transport: Transport::Tcp,
                peer: Peer::Ip("192.0.2.7:40001".parse().unwrap()),
                authenticated: None,
            },
        }
    }

    /// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID SD MSG`, with SD made of at most one run without `] `.
    pub(super) fn rfc5424(frame: &str) -> Self {
        let mut sample = Self::plain(frame);
        let mut place = frame.find(' ').unwrap() + 1;
        let mut field = || {
            let start = place;
            place = start + frame[start..].find(' ').unwrap() + 1;
            if frame[start..].starts_with("- ") { ShortSpan::ABSENT } else { ShortSpan::new(start, place - 1).unwrap() }
        };
        sample.header = HeaderSpans {
            dialect: Dialect::Rfc5424,
            pri: pri(frame),
            timestamp: field(),
            hostname: field(),
            app_name: field(),
            procid: field(),
            msgid: field(),
            ..HeaderSpans::default()
        };
        let sd_length = if frame[place..].starts_with('-') { 0 } else { frame[place..].find("] ").unwrap() + 1 };
        sample.header.structured_data = FrameSpan::new(place as u32, (place + sd_length) as u32);
        sample.header.msg = (place + sd_length.max(1) + 1) as u32;
        sample
    }

    /// An RFC 3164 frame whose fields are these texts, each absent when empty.
    pub(super) fn rfc3164(frame: &str, [timestamp, hostname, tag, pid, message]: [&str; 5]) -> Self {
        let mut sample = Self::plain(frame);
        let mut place = 0;
        let mut field = |text: &str| {
            if text.is_empty() {
                return ShortSpan::ABSENT;
            }
            let start = place + frame[place..].find(text).unwrap();
            place = start + text.len();
            ShortSpan::new(start, place).unwrap()
        };
        sample.header = HeaderSpans {
            dialect: Dialect::Rfc3164,
            pri: pri(frame),
            timestamp: field(timestamp),
            hostname: field(hostname),
            app_name: field(tag),
            procid: field(pid),
            msg: (frame.len() - message.len()) as u32,
            ..HeaderSpans::default()
        };
        sample
    }

    fn of_class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    fn flagged(mut self, flags: Flags) -> Self {
        self.flags |= flags;
        self
    }

    pub(super) fn sent_by(mut self, transport: Transport, peer: Peer) -> Self {
        self.origin.transport = transport;
        self.origin.peer = peer;
        self
    }

    pub(super) fn batch(self) -> Batch {
        let length = self.frame.len() as u32;
        let entry = Entry {
            span: FrameSpan::new(0, length),
            original_bytes: length + 1000,
            class: self.class,
            flags: self.flags,
            header: self.header,
        };
        Batch::new(BatchParts {
            chunk: Bytes::from(self.frame),
            entries: vec![entry],
            origin: Arc::new(self.origin),
            peers: Vec::new(),
            received_at: RECEIVED_AT,
            lease: Lease::unbounded(),
        })
    }

    /// What `encoding` writes, by both ways to encode, which is also what it writes without framing, framed.
    pub(super) fn encoded(self, encoding: Encoding) -> Vec<u8> {
        let batch = self.batch();
        let mut out = Vec::new();
        encoding.encode(&batch.record(0), ID, &mut out);
        let mut encoder = Encoder::new(encoding);
        let mut twice = Vec::new();
        encoder.encode(&batch.record(0), ID, &mut twice);
        encoder.encode(&batch.record(0), ID, &mut twice);
        assert_eq!(twice, [out.as_slice(), &out].concat(), "the encoder writes the same, record after record");

        let mut message = Vec::new();
        encoding.encode_message(&batch.record(0), ID, &mut message);
        twice.clear();
        Encoder::new(encoding).encode_message(&batch.record(0), ID, &mut twice);
        assert_eq!(twice, message);
        let count = format!("{} ", message.len() + 1);
        let count = if encoding == Encoding::Syslog { count.as_bytes() } else { b"" };
        assert_eq!(out, [count, &message, b"\n"].concat(), "framing is a count and a line feed");
        out
    }
}

fn pri(frame: &str) -> Option<Pri> {
    let (value, _) = frame.strip_prefix('<')?.split_once('>')?;
    Pri::new(value.parse().ok()?)
}

fn check(encoding: Encoding, sample: Sample, expected: impl AsRef<[u8]>) {
    let found = sample.encoded(encoding);
    assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(expected.as_ref()));
    assert_eq!(found, expected.as_ref());
}

/// Checks the members from `class` on; those before it are the same for every sample without a peer of its own.
fn check_json(encoding: Encoding, sample: Sample, expected: &str) {
    let arrival =
        r#""received_at":"2026-01-20T04:56:26.360194Z","listener":"drain","transport":"tcp","peer":"192.0.2.7:40001""#;
    let id = "0123456789abcdef-000000000000002a";
    check(encoding, sample, format!("{{\"v\":1,\"id\":\"{id}\",{arrival},{expected}}}\n"));
}

#[test]
fn json_of_an_rfc5424_message() {
    let frame = r#"<14>1 2026-01-20T04:56:26.36Z vm-1 uaa rs2 - [a@1][b@2 k="v]\"\\" l=""] [x] "quoted""#;
    let sd_end = frame.find(" [x]").unwrap() as u32;
    let mut sample = Sample::rfc5424(&frame.replace("v]", "v)")).of_class(Class::UaaAudit);
    sample.frame = frame.replace("v]", r"v\]").into_bytes();
    sample.header.structured_data.end = sd_end + 1;
    sample.header.msg = sd_end + 2;
    check_json(
        JSON,
        sample,
        concat!(
            r#""class":"cf.uaa.audit","syslog":{"dialect":"rfc5424","pri":14,"facility":"user","severity":"info","version":1,"#,
            r#""timestamp":"2026-01-20T04:56:26.36Z","hostname":"vm-1","app_name":"uaa","procid":"rs2","#,
            r#""sd":{"a@1":{},"b@2":{"k":"v]\"\\","l":""}}},"message":"[x] \"quoted\"","flags":[]"#
        ),
    );
}

#[test]
fn json_leaves_out_what_the_header_has_not() {
    check_json(
        JSON,
        Sample::rfc5424("<-1>1 - - - - ID47 - text").flagged(Flags::PRI_SYNTAX | Flags::NO_PROVENANCE),
        concat!(
            r#""class":"other","syslog":{"dialect":"rfc5424","version":1,"msgid":"ID47"},"message":"text","#,
            r#""flags":["no_provenance","pri_syntax"]"#
        ),
    );
    check_json(JSON, Sample::plain(""), r#""class":"other","syslog":{"dialect":"unknown"},"message":"","flags":[]"#);
}

#[test]
fn json_of_an_rfc3164_message_has_a_tag() {
    let frame = "<86>Jan 20 04:56:26 vm sshd[812]: session";
    check_json(
        JSON,
        Sample::rfc3164(frame, ["Jan 20 04:56:26", "vm", "sshd", "812", "session"]),
        concat!(
            r#""class":"other","syslog":{"dialect":"rfc3164","pri":86,"facility":"authpriv","severity":"info","#,
            r#""timestamp":"Jan 20 04:56:26","hostname":"vm","procid":"812","tag":"sshd"},"message":"session","flags":[]"#
        ),
    );
}

#[test]
fn names_that_come_twice_have_arrays_in_order() {
    let sd = |data: &str, expected: &str| {
        let sample = Sample::rfc5424(&format!("<14>1 - - - - - {data} m"));
        let expected = format!(
            r#""class":"other","syslog":{{"dialect":"rfc5424","pri":14,"facility":"user","severity":"info","version":1,"sd":{expected}}},"message":"m","flags":[]"#
        );
        check_json(JSON, sample, &expected);
    };
    sd(r#"[a x="1" y="2" x="3"]"#, r#"{"a":{"x":["1","3"],"y":"2"}}"#);
    sd(r#"[a x="1"][b x="2"][a x="3" z="4"]"#, r#"{"a":{"x":["1","3"],"z":"4"},"b":{"x":"2"}}"#);
    sd(r#"[a][b][a][a]"#, r#"{"a":{},"b":{}}"#);
    sd(r#"[a a="1" a="\"" a="3"]"#, r#"{"a":{"a":["1","\"","3"]}}"#);
    // As many names as this make the sieve take a new one for an old one: the result is the same.
    let many = (0..500).map(|number| format!(r#" n{number}="{number}""#)).collect::<String>();
    let expected = (0..500).map(|number| format!(r#""n{number}":"{number}""#)).collect::<Vec<_>>().join(",");
    sd(&format!("[a{many}]"), &format!(r#"{{"a":{{{expected}}}}}"#));
}

#[test]
fn octets_that_are_not_utf8_survive_as_base64() {
    check_json(
        JSON,
        Sample::plain(b"a\xffb").flagged(Flags::INVALID_UTF8),
        "\"class\":\"other\",\"syslog\":{\"dialect\":\"unknown\"},\"message\":\"a\u{fffd}b\",\"flags\":[\"invalid_utf8\"],\"raw_base64\":\"Yf9i\"",
    );
    // In the header, with the message whole.
    let mut sample = Sample::rfc3164("vm: m", ["", "", "vm", "", "m"]);
    sample.frame[1] = 0xff;
    check_json(
        JSON,
        sample,
        "\"class\":\"other\",\"syslog\":{\"dialect\":\"rfc3164\",\"tag\":\"v\u{fffd}\"},\"message\":\"m\",\"flags\":[],\"raw_base64\":\"dv86IG0=\"",
    );
}

#[test]
fn a_truncated_record_tells_its_length_as_sent() {
    check_json(
        JSON,
        Sample::plain("prefix").flagged(Flags::TRUNCATED),
        r#""class":"other","syslog":{"dialect":"unknown"},"message":"prefix","flags":["truncated"],"original_bytes":1006"#,
    );
}

#[test]
fn a_json_message_is_embedded_on_request_only() {
    let frame = "<6>May  1 10:00:00 vm ucp: {\"a\":[1,\n2]}\n";
    let sample = || Sample::rfc3164(frame, ["May  1 10:00:00", "vm", "ucp", "", "{\"a\":[1,\n2]}\n"]);
    let header = concat!(
        r#""class":"other","syslog":{"dialect":"rfc3164","pri":6,"facility":"kern","severity":"info","#,
        r#""timestamp":"May  1 10:00:00","hostname":"vm","tag":"ucp"},"message":"#
    );
    check_json(JSON, sample(), &format!(r#"{header}"{{\"a\":[1,\n2]}}\n","flags":[]"#));
    check_json(EMBEDDED, sample(), &format!(r#"{header}{{"a":[1, 2]}},"flags":[]"#));
    check_json(
        EMBEDDED,
        Sample::plain(r#"{"a":1,}"#),
        r#""class":"other","syslog":{"dialect":"unknown"},"message":"{\"a\":1,}","flags":[]"#,
    );
}

#[test]
fn arrival_names_peer_and_certificate() {
    let line = |sample: Sample| String::from_utf8(sample.encoded(JSON)).unwrap();
    let unix = Sample::plain("x").sent_by(Transport::UnixStream, Peer::Unix { uid: 0, pid: 7 });
    assert!(line(unix).contains(r#""transport":"unix","peer":"unix:uid=0,pid=7","class""#));
    let mut tls = Sample::plain("x").sent_by(Transport::Tls, Peer::Ip("[2001:db8::1]:5".parse().unwrap()));
    tls.origin.authenticated = Some("CN=\"a\"\n".into());
    assert!(line(tls).contains(r#""transport":"tls","peer":"[2001:db8::1]:5","authenticated":"CN=\"a\"\n","class""#));
}

#[test]
fn an_encoder_follows_from_batch_to_batch_and_peer_to_peer() {
    let mut parts = BatchParts {
        chunk: Bytes::from_static(b"ab"),
        entries: Vec::new(),
        origin: Arc::new(Sample::plain("").sent_by(Transport::Udp, Peer::Unnamed).origin),
        peers: ["192.0.2.1:1", "192.0.2.2:2"].map(|text| Peer::Ip(text.parse().unwrap())).to_vec(),
        received_at: UnixNanos(0),
        lease: Lease::unbounded(),
    };
    parts.entries = [FrameSpan::new(0, 1), FrameSpan::new(1, 2)]
        .map(|span| Entry {
            span,
            original_bytes: 1,
            class: Class::Other,
            flags: Flags::NONE,
            header: HeaderSpans::default(),
        })
        .to_vec();
    let batches = [Batch::new(parts), Sample::plain("c").batch()];

    let (mut encoder, mut found, mut expected) = (Encoder::new(JSON), Vec::new(), Vec::new());
    for record in batches.iter().flat_map(|batch| batch.records(record::ClassMask::ALL)) {
        encoder.encode(&record, ID, &mut found);
        JSON.encode(&record, ID, &mut expected);
    }
    assert_eq!(found, expected);
    let text = String::from_utf8(found).unwrap();
    for part in
        ["1970-01-01T00:00:00.000000Z", "2026-01-20T04:56:26.360194Z", "192.0.2.1:1", "192.0.2.2:2", "192.0.2.7:40001"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn raw_is_the_octets_and_a_line_feed() {
    check(Encoding::Raw, Sample::rfc5424("<14>1 - - - - - - text"), "<14>1 - - - - - - text\n");
    check(Encoding::Raw, Sample::plain(b"\xff\r\n\0"), b"\xff\r\n\0\n");
    check(Encoding::Raw, Sample::plain(""), "\n");
}

#[test]
fn an_rfc5424_message_is_counted_and_not_altered() {
    check(Encoding::Syslog, Sample::rfc5424("<14>1 - - - - - - text"), "23 <14>1 - - - - - - text\n");
    check(Encoding::Syslog, Sample::rfc5424("<-1>1 - - - - - - \u{feff}t\nt"), "25 <-1>1 - - - - - - \u{feff}t\nt\n");
}

#[test]
fn any_other_message_gets_an_rfc5424_header() {
    let now = "2026-01-20T04:56:26.360194Z";
    let check = |sample: Sample, header: &str, message: &str| {
        let frame = format!("{header} - - {message}\n");
        check(Encoding::Syslog, sample, format!("{} {frame}", frame.len()));
    };
    check(Sample::plain("plain"), &format!("<13>1 {now} 192.0.2.7 - -"), "plain");
    check(Sample::plain(""), &format!("<13>1 {now} 192.0.2.7 - -"), "");
    let unix = Sample::plain("plain").sent_by(Transport::UnixDatagram, Peer::Unnamed);
    check(unix, &format!("<13>1 {now} - - -"), "plain");

    let frame = "<86>Jan 20 04:56:26 vm sshd[812]: session ";
    let fields = ["Jan 20 04:56:26", "vm", "sshd", "812", "session "];
    check(Sample::rfc3164(frame, fields), &format!("<86>1 {now} vm sshd 812"), "session ");

    let frame = "2019-06-04T14:16:52-06:00 10.0.10.10 broker/rs2 [x] y";
    let fields = ["2019-06-04T14:16:52-06:00", "10.0.10.10", "broker/rs2", "", "[x] y"];
    check(Sample::rfc3164(frame, fields), "<13>1 2019-06-04T14:16:52-06:00 10.0.10.10 broker/rs2 -", "[x] y");

    let tag = "t".repeat(49);
    let frame = format!("<86>Jan 20 04:56:26 vm {tag}[812]: session");
    let fields = ["Jan 20 04:56:26", "vm", &tag, "812", "session"];
    let message = format!("{tag}[812]: session");
    check(Sample::rfc3164(&frame, fields), &format!("<86>1 {now} vm - 812"), &message);

    let frame = "<86>Jan 20 04:56:26 v\u{fc} sshd[812]: session";
    let fields = ["Jan 20 04:56:26", "v\u{fc}", "sshd", "812", "session"];
    check(Sample::rfc3164(frame, fields), &format!("<86>1 {now} 192.0.2.7 sshd 812"), "v\u{fc} sshd[812]: session");
}

#[test]
fn encodings_have_names() {
    for encoding in [Encoding::Raw, Encoding::Syslog, JSON, Encoding::Ecs, Encoding::Ocsf, Encoding::Cef] {
        assert_eq!(encoding.name().parse(), Ok(encoding));
    }
    let error = "xml".parse::<Encoding>().unwrap_err();
    assert_eq!(error.to_string(), "found the encoding \"xml\", expected raw, syslog, json, ecs, ocsf or cef");
}
