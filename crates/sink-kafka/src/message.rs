//! What a record looks like as a Kafka message, its value aside.

use std::io::Write;
use std::sync::Arc;

use ::sink::encode::RECORD_VERSION;
use extract::{Extractor, Field, Input, Wanted};
use header::{Fields, fields, timestamp_nanos};
use rdkafka::message::{Header, OwnedHeaders};
use record::{Class, Origin, Peer, Record, RecordId};

use crate::{Key, TimestampFrom};

const SECOND_NANOS: i64 = 1_000_000_000;
/// A TIMESTAMP may be this much older than the receipt. Brokers delete by timestamp: a very old one could go at once.
const BEFORE_RECEIPT_NANOS: i64 = 86_400 * SECOND_NANOS;
/// A TIMESTAMP may be this much ahead of the receipt. Brokers refuse what is an hour ahead.
const AFTER_RECEIPT_NANOS: i64 = 300 * SECOND_NANOS;

/// A longer name is no key: senders choose names, and the client's queue does not count keys. HOSTNAME has 255 octets at most
/// (RFC 5424 section 6).
const KEY_BYTES_MAX: usize = 255;

/// Who did it, where several are told: the name that people know first.
const ACTORS: [Field; 3] = [Field::UserName, Field::UserId, Field::OauthClient];

/// Writes the key of `record` to `out`, which is empty; false when it has none.
pub(crate) fn write_key(key: &Key, record: &Record<'_>, extractor: &mut Extractor, out: &mut Vec<u8>) -> bool {
    let of_header =
        |field: for<'a> fn(&Fields<'a>) -> Option<&'a [u8]>| field(&fields(record.octets(), record.header()));
    let name = match key {
        Key::None => return false,
        Key::Peer => None,
        Key::Hostname => of_header(|fields| fields.hostname),
        Key::AppName => of_header(|fields| fields.app_name.or(fields.tag)),
        Key::Class => Some(record.class().name().as_bytes()),
        Key::Fixed(octets) => Some(octets.as_slice()),
        Key::Actor => actor(record, extractor),
    };
    match name.filter(|name| name.len() <= KEY_BYTES_MAX) {
        Some(name) => out.extend_from_slice(name),
        None => write_source(record.peer(), out),
    }
    true
}

/// Who did what `record` tells. What applications print tells of nobody, and is not taken apart.
fn actor<'a>(record: &Record<'a>, extractor: &'a mut Extractor) -> Option<&'a [u8]> {
    if matches!(record.class(), Class::LogMessage | Class::Other) {
        return None;
    }
    let input =
        Input { octets: record.octets(), header: record.header(), class: record.class(), flags: record.flags() };
    let extraction = extractor.extract(&input, Wanted { native: false, event: true });
    ACTORS.iter().find_map(|field| extraction.text(*field).filter(|name| !name.is_empty()))
}

/// Who sent, without what changes from connection to connection.
fn write_source(peer: Peer, out: &mut Vec<u8>) {
    match peer {
        Peer::Ip(address) => write!(out, "{}", address.ip()),
        Peer::Unix { uid, .. } => write!(out, "unix:uid={uid}"),
        Peer::Unnamed => write!(out, "unix"),
    }
    .expect("writing into memory does not fail");
}

/// The timestamp of `record`, in milliseconds since 1970.
pub(crate) fn timestamp_millis(from: TimestampFrom, record: &Record<'_>) -> i64 {
    let received = i64::try_from(record.received_at().0).unwrap_or(i64::MAX);
    let told = match from {
        TimestampFrom::Record => told_nanos(record),
        TimestampFrom::Receipt => None,
    };
    let allowed = received.saturating_sub(BEFORE_RECEIPT_NANOS)..=received.saturating_add(AFTER_RECEIPT_NANOS);
    told.filter(|nanos| allowed.contains(nanos)).unwrap_or(received) / 1_000_000
}

/// What the header says. A stamp of RFC 3164 has neither year nor zone, and is not believed.
fn told_nanos(record: &Record<'_>) -> Option<i64> {
    timestamp_nanos(fields(record.octets(), record.header()).timestamp?)
}

/// Makes the headers of messages, and remembers the text of the last peer.
#[derive(Debug, Default)]
pub(crate) struct Headers {
    key: Option<(Arc<Origin>, Peer)>,
    peer: String,
    version: String,
}

impl Headers {
    /// The headers for `record`: who it is, what it is, and how it came.
    pub(crate) fn of(&mut self, record: &Record<'_>, id: RecordId) -> OwnedHeaders {
        let (origin, peer) = (record.origin(), record.peer());
        if !self.key.as_ref().is_some_and(|(known, last)| Arc::ptr_eq(known, origin) && *last == peer) {
            self.peer = peer.to_string();
            self.version = RECORD_VERSION.to_string();
            self.key = Some((Arc::clone(origin), peer));
        }
        let id = id.to_ascii();
        let values: [(&str, &[u8]); 5] = [
            ("gully-id", &id),
            ("gully-class", record.class().name().as_bytes()),
            ("gully-listener", origin.listener.as_bytes()),
            ("gully-peer", self.peer.as_bytes()),
            ("gully-v", self.version.as_bytes()),
        ];
        values.into_iter().fold(OwnedHeaders::new_with_capacity(5), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value) })
        })
    }
}

#[cfg(test)]
mod tests {
    use ::sink::testing::batch_of;
    use classify::header::locate;
    use rdkafka::message::Headers as _;
    use record::{Batch, BatchParts, Class, Entry, Flags, FrameSpan, JournalId, Lease, Sequence};

    use super::*;

    /// A batch with one record, whose header was found.
    fn batch(frame: &str) -> Batch {
        batch_as(Class::CloudControllerCef, frame)
    }

    fn batch_as(class: Class, frame: &str) -> Batch {
        let like = batch_of(&[(class, frame)]);
        let length = u32::try_from(frame.len()).unwrap();
        let entry = Entry {
            span: FrameSpan::new(0, length),
            original_bytes: length,
            class,
            flags: Flags::NONE,
            header: locate(frame.as_bytes()).spans,
        };
        Batch::new(BatchParts {
            chunk: like.chunk().clone(),
            entries: vec![entry],
            origin: Arc::clone(like.origin()),
            peers: Vec::new(),
            received_at: like.received_at(),
            lease: Lease::unbounded(),
        })
    }

    #[test]
    fn records_of_one_source_have_one_key() {
        let full = "<13>1 2026-11-21T10:00:00Z host-1 app-1 - - - text";
        let nil = "<13>1 - - - - - - text";
        let long = format!("<13>1 - {} app-1 - - - text", "h".repeat(KEY_BYTES_MAX + 1));
        let cases = [
            (Key::None, full, None),
            // The test's peer is 127.0.0.1:1; the port changes with each connection.
            (Key::Peer, full, Some("127.0.0.1")),
            (Key::Hostname, full, Some("host-1")),
            (Key::Hostname, nil, Some("127.0.0.1")),
            (Key::Hostname, &long, Some("127.0.0.1")),
            (Key::AppName, full, Some("app-1")),
            (Key::AppName, "<13>Nov 21 10:00:00 host-1 tag-1[7]: text", Some("tag-1")),
            (Key::AppName, nil, Some("127.0.0.1")),
            (Key::Class, full, Some("cf.cloud_controller.cef")),
            (Key::Fixed(b"all".to_vec()), full, Some("all")),
        ];
        for (key, frame, expected) in cases {
            let batch = batch(frame);
            let mut octets = Vec::new();
            let has_key = write_key(&key, &batch.record(0), &mut Extractor::new(), &mut octets);
            let found = has_key.then(|| String::from_utf8(octets).unwrap());
            assert_eq!(found.as_deref(), expected, "{key:?} {frame}");
        }
    }

    #[test]
    fn records_of_one_actor_have_one_key() {
        let uaa = |event: &str, rest: &str| {
            format!(
                "<14>1 - h uaa rs2 - - Audit: {event}, origin=[remoteAddress=192.0.2.1{rest}], identityZoneId=[uaa]"
            )
        };
        let login = |name: &str| uaa(&format!("UserAuthenticationFailure ('{name}'): principal=7"), ", clientId=cf");
        let client =
            uaa("ClientAuthenticationSuccess ('Client authentication success'): principal=cf", ", clientId=cf");
        let cases = [
            (Class::UaaAudit, login("alice"), "alice"),
            (Class::UaaAudit, client, "cf"),
            (Class::UaaAudit, login(&"a".repeat(KEY_BYTES_MAX + 1)), "127.0.0.1"),
            (Class::LogMessage, login("alice"), "127.0.0.1"),
            (Class::CloudControllerCef, "<14>1 - - - - - - CEF:0|".to_owned(), "127.0.0.1"),
        ];
        let mut extractor = Extractor::new();
        for (class, frame, expected) in cases {
            let mut octets = Vec::new();
            assert!(write_key(&Key::Actor, &batch_as(class, &frame).record(0), &mut extractor, &mut octets));
            assert_eq!(String::from_utf8(octets).unwrap(), expected, "{frame}");
        }
    }

    #[test]
    fn a_timestamp_is_believed_when_it_is_near_the_receipt() {
        let received = batch("").received_at().0 / 1_000_000;
        let received = i64::try_from(received).unwrap();
        assert_eq!(received, 1_795_256_100_000, "2026-11-21T10:15:00Z");
        let cases = [
            ("2026-11-21T10:14:59.250Z", received - 750),
            ("2026-11-20T10:15:00Z", received - 86_400_000),
            ("2026-11-20T10:14:59Z", received),
            ("2026-11-21T10:20:00Z", received + 300_000),
            ("2026-11-21T10:20:01Z", received),
            ("2026-11-21T12:14:00+02:00", received - 60_000),
            ("-", received),
            ("1970-01-01T00:00:00Z", received),
        ];
        for (stamp, expected) in cases {
            let batch = batch(&format!("<13>1 {stamp} h a - - - text"));
            assert_eq!(timestamp_millis(TimestampFrom::Record, &batch.record(0)), expected, "{stamp}");
            assert_eq!(timestamp_millis(TimestampFrom::Receipt, &batch.record(0)), received);
        }
        let old_header = batch("<13>Nov 21 10:14:00 h a: text");
        assert_eq!(timestamp_millis(TimestampFrom::Record, &old_header.record(0)), received);
    }

    #[test]
    fn headers_name_the_record_and_its_way_here() {
        let batch = batch("<13>1 - - - - - - text");
        let id = RecordId { journal: JournalId(1), sequence: Sequence(2) };
        let mut headers = Headers::default();
        for _ in 0..2 {
            let made = headers.of(&batch.record(0), id);
            let found =
                made.iter().map(|header| (header.key, String::from_utf8(header.value.unwrap().to_vec()).unwrap()));
            let expected = [
                ("gully-id", "0000000000000001-0000000000000002"),
                ("gully-class", "cf.cloud_controller.cef"),
                ("gully-listener", "test"),
                ("gully-peer", "127.0.0.1:1"),
                ("gully-v", "1"),
            ];
            assert!(found.eq(expected.map(|(key, value)| (key, value.to_owned()))));
        }
    }
}
