//! One line, taken the way of a record: classified, redacted, offered to the sinks. By the functions that the pipeline and
//! the sinks call, so that what is found here is what will happen.

use std::net::SocketAddr;
use std::sync::Arc;

use classify::{Verdict, header};
use config::{Config, Listener};
use extract::Extraction;
use record::{Batch, BatchParts, ClassMask, Entry, Flags, FrameSpan, Lease, Origin, Peer, Record, UnixNanos};
use redact::{Find, Redactor};
use select::{Filter, Judgement};

use crate::cli::Header;
use crate::exit::Failure;
use crate::{settings, sinks};

/// What decides on records in a configuration.
pub(crate) struct Trial {
    redactor: Option<Redactor>,
    sinks: Vec<Candidate>,
}

/// A sink that may take a record.
struct Candidate {
    name: String,
    take: ClassMask,
    filter: Filter,
}

/// A line that came by a listener from a peer.
pub(crate) struct Line<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) header: Header,
    pub(crate) listener: &'a Listener,
    pub(crate) peer: SocketAddr,
}

/// What became of a line: a batch with one record, as sinks get it.
pub(crate) struct Tried {
    batch: Batch,
    /// The rule that decided on its class.
    pub(crate) verdict: Verdict,
    /// The secrets that were replaced, in the line as it came.
    pub(crate) finds: Vec<Find>,
}

/// What a sink does with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It takes it.
    Taken,
    /// It takes none of its class.
    OtherClass,
    /// It does not meet the condition.
    NotWhere,
    /// The list of this name drops it.
    Dropped(&'static str),
}

impl Trial {
    /// What decides in `config`.
    pub(crate) fn new(config: &Config) -> Result<Self, Failure> {
        let candidate = |sink: &config::Sink| {
            Ok(Candidate { name: sink.name.clone(), take: sinks::take(sink), filter: settings::filter(sink)? })
        };
        let sinks = config.sinks.iter().map(candidate).collect::<Result<_, Failure>>()?;
        Ok(Self { redactor: settings::redactor(&config.redaction)?, sinks })
    }

    /// Makes a record of `line`.
    pub(crate) fn record(&self, line: &Line<'_>) -> Tried {
        let kept_bytes = usize::try_from(line.listener.frame_bytes_max).unwrap_or(usize::MAX);
        let frame = &line.octets[..line.octets.len().min(kept_bytes)];
        let verdict = classify_as(frame, line.header);
        let mut flags = verdict.flags;
        if frame.len() < line.octets.len() {
            flags |= Flags::TRUNCATED;
        }
        if std::str::from_utf8(frame).is_err() {
            flags |= Flags::INVALID_UTF8;
        }
        let mut header = verdict.header;
        let mut redacted = Vec::new();
        let redaction = self
            .redactor
            .as_ref()
            .and_then(|redactor| redactor.redact(frame, verdict.class, &verdict.header, &mut redacted));
        let mut finds = Vec::new();
        let octets = match redaction {
            Some(redaction) => {
                finds = self.redactor.iter().flat_map(|it| it.finds(frame, verdict.class, &verdict.header)).collect();
                header = redaction.header;
                flags |= Flags::REDACTED;
                redacted
            }
            None => frame.to_vec(),
        };
        let length = |octets: &[u8]| u32::try_from(octets.len()).unwrap_or(u32::MAX);
        let entry = Entry {
            span: FrameSpan::new(0, length(&octets)),
            original_bytes: length(line.octets),
            class: verdict.class,
            flags,
            header,
        };
        let batch = Batch::new(BatchParts {
            chunk: octets.into(),
            entries: vec![entry],
            origin: Arc::new(origin(line)),
            peers: Vec::new(),
            received_at: UnixNanos::default(),
            lease: Lease::unbounded(),
        });
        Tried { batch, verdict, finds }
    }

    /// What each sink does with `record`, by its name; `extraction` is all of that record's.
    pub(crate) fn choices<'a>(
        &'a self,
        record: &'a Record<'_>,
        extraction: &'a Extraction<'_>,
    ) -> impl Iterator<Item = (&'a str, Choice)> {
        self.sinks.iter().map(|sink| {
            let choice = match sink.take.contains(record.class()) {
                false => Choice::OtherClass,
                true => match sink.filter.judge_with(record, extraction) {
                    Judgement::Selected => Choice::Taken,
                    Judgement::NotWhere => Choice::NotWhere,
                    Judgement::Dropped(list) => Choice::Dropped(list),
                },
            };
            (sink.name.as_str(), choice)
        })
    }
}

impl Tried {
    /// The record.
    pub(crate) fn record(&self) -> Record<'_> {
        self.batch.record(0)
    }
}

/// Classifies `frame`, which has this header.
fn classify_as(frame: &[u8], header: Header) -> Verdict {
    match header {
        Header::Auto => classify::classify(frame),
        Header::Raw => classify::classify_located(frame, header::locate_raw(frame)),
        Header::Rfc5424 => classify::classify_located(frame, header::locate_rfc5424(frame)),
        Header::Rfc3164 => classify::classify_located(frame, header::locate_rfc3164(frame)),
    }
}

fn origin(line: &Line<'_>) -> Origin {
    let (transport, peer) = match line.listener.protocol {
        config::Protocol::Tcp => (record::Transport::Tcp, Peer::Ip(line.peer)),
        config::Protocol::Tls => (record::Transport::Tls, Peer::Ip(line.peer)),
        config::Protocol::Udp => (record::Transport::Udp, Peer::Ip(line.peer)),
        config::Protocol::Unix => (record::Transport::UnixStream, Peer::Unix { uid: 0, pid: 0 }),
        config::Protocol::UnixDatagram => (record::Transport::UnixDatagram, Peer::Unnamed),
    };
    Origin { listener: line.listener.name.as_str().into(), transport, peer, authenticated: None }
}
