//! What holds of a frame on its whole way: header, class, redaction, extraction, selection, and every encoding.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use classify::header::{Located, locate, locate_raw};
use classify::{REACH_BYTES, Verdict, classify_located};
use extract::{Extractor, Input, Wanted};
use record::{
    Batch, BatchParts, Class, Dialect, Entry, Flags, FrameSpan, HeaderSpans, JournalId, Lease, Origin, Peer, Record,
    RecordId, Sequence, Transport, UnixNanos,
};
use redact::{Detectors, Find, Redactor};
use select::{Condition, DROP_LISTS, Filter};
use sink::encode::{Encoder, Encoding, JsonOptions};

use crate::lines;

/// All detectors.
static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(Detectors::ALL, b"0123456789abcdef").expect("the key is long enough"));

/// All lists, and a condition that asks for something of everything.
static FILTER: LazyLock<Filter> = LazyLock::new(|| {
    let condition = Condition::parse(CONDITION).unwrap_or_else(|error| panic!("{error}"));
    Filter::new(Some(condition), DROP_LISTS)
});

const CONDITION: &str = r#"
not (syslog.app_name == "none" or peer in_cidr "198.51.100.0/24")
and (event.outcome in ["success", "failure"] or not source.ip in_cidr ["10.0.0.0/8", "fd00::/8"]
    or url.original matches "^/v[0-9]+/.*(token|key)" or user.name starts_with "admin" or exists(native.objectRef.name)
    or native.cef.ext.suser != "a" or http.response.status_code >= 400 or msg matches "(?i)log.?in")
"#;

const JSON: JsonOptions = JsonOptions { embed_json: false, native: false, ecs: false };

const ENCODINGS: [Encoding; 8] = [
    Encoding::Raw,
    Encoding::Syslog,
    Encoding::Json(JSON),
    Encoding::Json(JsonOptions { embed_json: true, ..JSON }),
    Encoding::Json(JsonOptions { native: true, ecs: true, ..JSON }),
    Encoding::Ecs,
    Encoding::Ocsf,
    Encoding::Cef,
];

/// Sends `frame` the whole way, with the header that it has and as if it had none.
///
/// # Panics
/// When a rule is broken: that is the finding.
pub fn check(frame: &[u8]) {
    for locate in [locate, |frame: &[u8]| locate_raw(frame)] {
        let verdict = classify_located(frame, locate(frame));
        encodings(&batch(frame, &verdict.header, &verdict, Flags::NONE));
        if let Some((redacted, header)) = redact(frame, &verdict, locate) {
            encodings(&batch(&redacted, &header, &verdict, Flags::REDACTED));
        }
    }
}

/// The frame without its secrets, and where the parts of its header then lie. Its class is what it was.
fn redact(frame: &[u8], verdict: &Verdict, locate: fn(&[u8]) -> Located) -> Option<(Vec<u8>, HeaderSpans)> {
    let mut out = Vec::new();
    let finds = REDACTOR.finds(frame, verdict.class, &verdict.header);
    let Some(redacted) = REDACTOR.redact(frame, verdict.class, &verdict.header, &mut out) else {
        assert!(finds.is_empty() && out.is_empty(), "finds without a rewritten frame");
        return None;
    };
    assert!(!finds.is_empty() && finds.is_sorted_by(|one, next| one.span.end <= next.span.start), "{finds:?}");
    let again = classify_located(&out, locate(&out));
    if !may_decide(frame, &finds, verdict) {
        assert_eq!(again.class, verdict.class, "redaction changes the class");
    }
    // A frame without a header may come to have one, when what made it too long is replaced.
    let has_header = verdict.header.dialect != Dialect::Unknown;
    if has_header && finds.iter().all(|find| find.span.start >= verdict.header.msg) {
        assert_eq!(again.header, redacted.header, "redaction moves the header");
    }
    Some((out, redacted.header))
}

/// Whether rules about classes look at the octets of a secret: at those of a header, and at the start of a text, where a
/// fingerprint may push out of reach what decides, or bring it within. A long record may reach another limit.
fn may_decide(frame: &[u8], finds: &[Find], verdict: &Verdict) -> bool {
    let is_json = matches!(verdict.class, Class::K8sAudit | Class::UcpAudit | Class::AuditEvent);
    let start = verdict.header.msg as usize + if is_json { 0 } else { 2 * REACH_BYTES };
    frame.len() > 16 * 1024 || finds.iter().any(|find| (find.span.start as usize) < start)
}

fn batch(frame: &[u8], header: &HeaderSpans, verdict: &Verdict, more: Flags) -> Batch {
    let mut flags = verdict.flags | more;
    if std::str::from_utf8(frame).is_err() {
        flags |= Flags::INVALID_UTF8;
    }
    let length = u32::try_from(frame.len()).expect("libFuzzer's inputs are shorter");
    Batch::new(BatchParts {
        chunk: Bytes::copy_from_slice(frame),
        entries: vec![Entry {
            span: FrameSpan::new(0, length),
            original_bytes: length,
            class: verdict.class,
            flags,
            header: *header,
        }],
        origin: Arc::new(Origin {
            listener: "fuzz".into(),
            transport: Transport::Tls,
            peer: Peer::Ip(([192, 0, 2, 7], 40_001).into()),
            authenticated: None,
        }),
        peers: Vec::new(),
        received_at: UnixNanos(1_768_884_986_360_194_999),
        lease: Lease::unbounded(),
    })
}

/// Judges the record, and writes it in every encoding.
fn encodings(batch: &Batch) {
    let record = batch.record(0);
    let input =
        Input { octets: record.octets(), header: record.header(), class: record.class(), flags: record.flags() };
    let mut extractor = Extractor::new();
    let extraction = extractor.extract(&input, Wanted::ALL);
    let judgement = FILTER.judge_with(&record, &extraction);
    assert_eq!(FILTER.judge(&record, &mut Extractor::new()), judgement, "judged otherwise when less is extracted");

    let lines = extraction.events().len().max(1);
    let mut out = Vec::new();
    for encoding in ENCODINGS {
        out.clear();
        let id = RecordId { journal: JournalId(1), sequence: Sequence(1) };
        Encoder::new(encoding).encode(&record, id, &mut out);
        check_encoded(encoding, &record, lines, &out);
    }
}

fn check_encoded(encoding: Encoding, record: &Record<'_>, events: usize, out: &[u8]) {
    match encoding {
        Encoding::Raw => assert!(out.strip_suffix(b"\n") == Some(record.octets()), "raw is altered"),
        Encoding::Syslog => lines::counted(out, record.message()),
        Encoding::Json(_) => lines::json(out, 1),
        Encoding::Ecs | Encoding::Ocsf => lines::json(out, events),
        Encoding::Cef => lines::text(out, events).for_each(|line| assert!(line.starts_with("CEF:0|"), "{line}")),
    }
}
