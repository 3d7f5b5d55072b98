//! From frames to a batch in the journal: the one walk over a read while its octets are warm.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use classify::{Verdict, classify};
use journal::Journal;
use listener::Arrival;
use record::{Batch, BatchParts, Class, ClassMask, Entry, Flags, Frame, FrameSpan, Lease, Peer};
use redact::Redactor;
use telemetry::{ListenerMetrics, ProcessMetrics, SinkMetrics};

use crate::credit::Credit;
use crate::redaction::Redaction;

/// What batches cost beside their octets and entries: the batch itself, its reference counts, its place in the journal.
const BATCH_BYTES: u64 = 256;

/// When what is kept of an allocation is less than one part in this many, it is copied out of it: a chunk of which a sink
/// takes one line would otherwise hold its memory, and its credit, for all the others.
const COMPACTION_FACTOR: usize = 4;

/// What all listeners share.
#[derive(Debug)]
pub struct Shared {
    /// Where batches go.
    pub journal: Journal,
    /// Bytes for batches from connections.
    pub stream: Arc<Credit>,
    /// Bytes for unfinished frames of connections.
    pub unfinished: Arc<Credit>,
    /// Bytes for datagrams.
    pub datagram: Arc<Credit>,
    /// Takes secrets out of records before they are stored.
    pub redactor: Option<Redactor>,
    /// What each sink takes, and where it is counted.
    pub sinks: Vec<(ClassMask, Arc<SinkMetrics>)>,
    /// Counts of the whole process.
    pub process: Arc<ProcessMetrics>,
}

/// A listener's way into the pipeline.
#[derive(Debug, Clone)]
pub struct Intake {
    shared: Arc<Shared>,
    metrics: Arc<ListenerMetrics>,
    /// Classes that at least one sink takes. A record of another class is counted and let go here.
    wanted: ClassMask,
}

impl Intake {
    /// The way in for the listener that counts with `metrics`.
    #[must_use]
    pub fn new(shared: Arc<Shared>, metrics: Arc<ListenerMetrics>) -> Self {
        let wanted = shared.sinks.iter().fold(ClassMask::NONE, |all, (take, _)| all.union(*take));
        Self { shared, metrics, wanted }
    }

    /// Classifies the frames, and appends what a sink takes to the journal as one batch, whose memory is taken from `pool`.
    fn admit(&self, arrival: Arrival, pool: &Arc<Credit>) {
        let Arrival { chunk, allocation_bytes, frames, origin, peers, received_at } = arrival;
        let mut tally = Tally::default();
        let mut entries = Vec::with_capacity(frames.len());
        let mut kept_peers = Vec::with_capacity(peers.len());
        let mut redaction = self.shared.redactor.as_ref().map(Redaction::new);
        let text = Utf8::of(&chunk);
        for (index, frame) in frames.iter().enumerate() {
            let octets = frame.span.of(&chunk);
            let verdict = verdict(octets, frame.flags);
            let mut flags = frame.flags | verdict.flags;
            if !text.is_valid(frame, &chunk) {
                flags |= Flags::INVALID_UTF8;
            }
            let is_wanted = self.wanted.contains(verdict.class);
            let mut entry = Entry {
                span: frame.span,
                original_bytes: frame.original_bytes,
                class: verdict.class,
                flags,
                header: verdict.header,
            };
            if is_wanted && let Some(redaction) = &mut redaction {
                redaction.take(&mut entry, octets);
            }
            tally.add(entry.class, entry.flags);
            if !is_wanted {
                continue;
            }
            entries.push(entry);
            kept_peers.extend(peers.get(index));
        }
        self.count(&tally, frames.len(), entries.len());
        if entries.is_empty() {
            return;
        }
        let kept_bytes: usize = entries.iter().map(|entry| entry.span.len()).sum();
        let rewritten = redaction.and_then(|redaction| redaction.finish(&self.metrics));
        let (chunk, chunk_bytes) = if rewritten.is_some() || kept_bytes * COMPACTION_FACTOR < allocation_bytes {
            entries.shrink_to_fit();
            kept_peers.shrink_to_fit();
            (compacted(&chunk, rewritten.unwrap_or_default(), &mut entries, kept_bytes), kept_bytes)
        } else {
            (chunk, allocation_bytes)
        };
        let beside = entries.capacity() * size_of::<Entry>() + kept_peers.capacity() * size_of::<Peer>();
        let lease = pool.take((chunk_bytes + beside) as u64 + BATCH_BYTES);
        self.append(Batch::new(BatchParts { chunk, entries, origin, peers: kept_peers, received_at, lease }));
    }

    fn append(&self, batch: Batch) {
        let records = batch.len() as u64;
        let taken: Vec<_> = self.shared.sinks.iter().map(|(take, _)| batch.counts().within(*take)).collect();
        // Before the append: a driver may deliver a record sooner than we come back from it.
        for ((_, sink), taken) in self.shared.sinks.iter().zip(&taken) {
            sink.taken.add(*taken);
        }
        match self.shared.journal.append(batch) {
            Ok(_) => self.metrics.journaled.add(records),
            // Only when frames arrive after the journal was closed at the end of a stop.
            Err(error) => {
                tracing::warn!(%error, records, "records came too late for the journal");
                self.metrics.dropped.add("shutdown", records);
                for ((_, sink), taken) in self.shared.sinks.iter().zip(taken) {
                    sink.dropped.add("shutdown", taken);
                }
            }
        }
    }

    fn count(&self, tally: &Tally, accepted: usize, wanted: usize) {
        self.metrics.accepted.add(accepted as u64);
        self.metrics.dropped.add("no_sink", (accepted - wanted) as u64);
        tally.publish(&self.metrics, &self.shared.process);
    }
}

impl listener::Intake for Intake {
    fn may_read(&self) -> bool {
        self.shared.stream.is_left()
    }

    fn readable(&self) -> impl Future<Output = ()> + Send {
        self.shared.stream.left()
    }

    fn hold(&self, bytes: u64) -> Lease {
        self.shared.unfinished.take(bytes)
    }

    fn jammed(&self) -> bool {
        !self.shared.unfinished.is_left()
    }

    fn offer(&self, arrival: Arrival) {
        self.admit(arrival, &self.shared.stream);
    }

    fn offer_datagrams(&self, arrival: Arrival) {
        if self.shared.datagram.is_left() {
            return self.admit(arrival, &self.shared.datagram);
        }
        let datagrams = arrival.frames.len() as u64;
        self.metrics.accepted.add(datagrams);
        self.metrics.dropped.add("memory", datagrams);
    }
}

/// The verdict on a frame. What broke a framing is evidence of just that, and what is in the middle of a line was written by anybody: no
/// content in either makes it an audit record.
fn verdict(octets: &[u8], flags: Flags) -> Verdict {
    let mut verdict = classify(if flags.contains(Flags::BROKEN_FRAMING) { b"" } else { octets });
    if flags.contains(Flags::BROKEN_FRAMING) || flags.contains(Flags::CONTINUATION) {
        verdict.class = Class::Other;
    }
    verdict
}

/// Copies the frames of `entries`, `bytes` octets in all, out of `chunk`, and has the entries point to the copy. Those that were
/// redacted are in `rewritten` already.
fn compacted(chunk: &Bytes, rewritten: Vec<u8>, entries: &mut [Entry], bytes: usize) -> Bytes {
    let mut copy = rewritten;
    copy.reserve_exact(bytes - copy.len());
    for entry in entries.iter_mut().filter(|entry| !entry.flags.contains(Flags::REDACTED)) {
        let start = copy.len() as u32;
        copy.extend_from_slice(entry.span.of(chunk));
        entry.span = FrameSpan::new(start, copy.len() as u32);
    }
    // Rewriting may have made it larger than it had to be, and it is kept as long as its records are.
    copy.shrink_to_fit();
    Bytes::from(copy)
}

/// Whether frames of a chunk are UTF-8, asked once for the whole chunk: at memory speed, and mostly the answer for all.
struct Utf8 {
    whole: bool,
}

impl Utf8 {
    fn of(chunk: &Bytes) -> Self {
        Self { whole: simdutf8::basic::from_utf8(chunk).is_ok() }
    }

    fn is_valid(&self, frame: &Frame, chunk: &Bytes) -> bool {
        // A frame of a valid chunk is valid unless a border of it cuts a character in two.
        let starts_character = |at: u32| chunk.get(at as usize).is_none_or(|octet| octet & 0xc0 != 0x80);
        let uncut = starts_character(frame.span.start) && starts_character(frame.span.end);
        (self.whole && uncut) || simdutf8::basic::from_utf8(frame.span.of(chunk)).is_ok()
    }
}

/// Counts of one batch, added up before they are published.
struct Tally {
    classes: [u64; Class::COUNT],
    flags: [u64; 64],
}

impl Default for Tally {
    fn default() -> Self {
        Self { classes: [0; Class::COUNT], flags: [0; 64] }
    }
}

impl Tally {
    fn add(&mut self, class: Class, flags: Flags) {
        self.classes[class.index()] += 1;
        for index in flags.indexes() {
            self.flags[index] += 1;
        }
    }

    fn publish(&self, listener: &ListenerMetrics, process: &ProcessMetrics) {
        for (counter, count) in process.classified.iter().zip(self.classes) {
            counter.add(count);
        }
        for ((_, name), count) in Flags::ALL.iter().zip(self.flags) {
            if count > 0 {
                listener.flagged.add(name, count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_out_of_the_middle_of_a_line_or_broke_a_framing_is_no_audit_record() {
        let record = br#"<30>1 2026-11-22T05:04:58.416478Z manager-1 ucp-controller 1 ucp-controller - {"audit":{"auditID":"f-1","kind":"docker-swarm","level":"metadata","metadata":{"creationTimestamp":null},"requestReceivedTimestamp":"2026-11-22T05:04:58.316157Z","requestURI":"/v1.40/secrets/db","sourceIPs":["192.0.2.66:1"],"stage":"RequestReceived","user":{"uid":"b","username":"admin"},"verb":"DELETE"},"level":"info","msg":"audit","time":"2026-11-22T05:04:58Z"}"#;
        let class = |flags| verdict(record, flags).class;
        assert_eq!(class(Flags::NONE), Class::UcpAudit);
        assert_eq!(class(Flags::TRUNCATED_UPSTREAM), Class::UcpAudit, "a first piece tells what it is");
        assert_eq!(class(Flags::CONTINUATION | Flags::UNTERMINATED), Class::Other);
        assert_eq!(class(Flags::BROKEN_FRAMING | Flags::TRUNCATED), Class::Other);
        assert_eq!(verdict(record, Flags::CONTINUATION).header.app_name.of(record), b"ucp-controller");
    }
}
