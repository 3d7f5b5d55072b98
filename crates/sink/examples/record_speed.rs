//! Prints what is done to a record costs, step by step, for the labelled lines of each class; beside it what others take to
//! read a header and JSON.
//!
//! ```console
//! $ cargo run --release -p gully-sink --example record_speed            # tables, in nanoseconds of CPU time per record
//! $ … --example record_speed -- k8s.audit extract 1000                  # this step alone, 1000 times over all lines
//! ```
//!
//! All steps take turns in each round, and the least of all rounds counts: what disturbs only slows down. The second form
//! is for instruction counts: run it with two numbers of times, under `perf stat` or `valgrind --tool=callgrind`.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use extract::{Extractor, Input, Wanted};
use gully_sink::encode::{Encoder, Encoding, JsonOptions};
use record::{
    Batch, BatchParts, Class, ClassMask, Entry, Flags, FrameSpan, JournalId, Lease, Origin, Peer, Record, RecordId,
    Sequence, Transport, UnixNanos,
};
use redact::{Detectors, Redactor};
use rustix::time::{ClockId, clock_gettime};
use select::{DROP_LISTS, Filter};
use serde_json::Value;
use syslog_loose::Variant;

const ROUNDS: usize = 60;
/// A step is repeated within a round until so many records have been through.
const RECORDS_PER_ROUND: usize = 1_000;

/// A step, and what runs it over all records once.
type Step<'a> = (&'static str, Box<dyn FnMut() + 'a>);

const READING: &[&str] = &["classify", "native", "event", "extract", "syslog_loose", "serde_json"];
const REST: &[&str] =
    &["select", "redact", "redact finds", "raw", "syslog", "json", "json, fields", "ecs", "ocsf", "cef"];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if let (Some(class), Some(step), Some(times)) = (arguments.next(), arguments.next(), arguments.next()) {
        let class = class.parse().expect("the name of a class");
        return alone(class, &step, times.parse().expect("a number of times"));
    }
    let measured: Vec<(Class, Lines, BTreeMap<&str, f64>)> = Class::ALL
        .iter()
        .map(|class| {
            let lines = Lines::of(*class);
            let least = least(&lines);
            (*class, lines, least)
        })
        .collect();
    for columns in [READING, REST] {
        println!("| class | records | octets | {} |", columns.join(" | "));
        println!("| --- |{}", " ---: |".repeat(columns.len() + 2));
        for (class, lines, least) in &measured {
            print!("| {class} | {} | {} |", lines.all.len(), lines.octets());
            columns.iter().for_each(|column| match least.get(column) {
                Some(nanos) => print!(" {nanos:.0} |"),
                None => print!(" n/a |"),
            });
            println!();
        }
        println!();
    }
}

/// Runs one step, for who counts instructions.
fn alone(class: Class, step: &str, times: usize) {
    let lines = Lines::of(class);
    let mut steps = steps(&lines);
    let (_, run) = steps.iter_mut().find(|(name, _)| *name == step).expect("the name of a step");
    (0..times).for_each(|_| run());
}

/// Nanoseconds of CPU time that each step takes for one record.
fn least(lines: &Lines) -> BTreeMap<&'static str, f64> {
    let mut steps = steps(lines);
    let repeats = RECORDS_PER_ROUND.div_ceil(lines.all.len());
    let mut least = BTreeMap::new();
    for _ in 0..ROUNDS {
        for (name, run) in &mut steps {
            let start = cpu_time();
            (0..repeats).for_each(|_| run());
            let nanos = (cpu_time() - start).as_nanos() as f64 / repeats as f64;
            let least = least.entry(*name).or_insert(f64::INFINITY);
            *least = nanos.min(*least);
        }
    }
    let finds = lines.with_finds.len();
    for (name, nanos) in &mut least {
        let records = match *name {
            "redact" => lines.all.len() - finds,
            "redact finds" => finds,
            _ => lines.all.len(),
        };
        *nanos /= records as f64;
    }
    least.retain(|_, nanos| nanos.is_finite());
    least
}

fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

fn steps(lines: &Lines) -> Vec<Step<'_>> {
    let all = || lines.all.records(ClassMask::ALL);
    let mut steps: Vec<Step<'_>> = vec![(
        "classify",
        Box::new(move || all().for_each(|record| _ = black_box(classify::classify(black_box(record.octets()))))),
    )];
    for (name, wanted) in [
        ("native", Wanted { native: true, event: false }),
        ("event", Wanted { native: false, event: true }),
        ("extract", Wanted::ALL),
    ] {
        let mut extractor = Extractor::new();
        let mut extract = move |record: Record<'_>| {
            let (octets, header) = (record.octets(), record.header());
            let input = Input { octets, header, class: record.class(), flags: record.flags() };
            black_box(extractor.extract(&input, wanted).events().len());
        };
        steps.push((name, Box::new(move || all().for_each(&mut extract))));
    }

    steps.push((
        "syslog_loose",
        Box::new(move || {
            all().for_each(|record| {
                let text = std::str::from_utf8(record.octets()).unwrap_or_default();
                black_box(syslog_loose::parse_message(black_box(text), Variant::Either));
            });
        }),
    ));
    let pointers = pointers(lines.class);
    if !pointers.is_empty() {
        steps.push(("serde_json", Box::new(move || all().for_each(|record| pick(record.message(), pointers)))));
    }

    let (filter, mut extractor) = (Filter::new(None, DROP_LISTS), Extractor::new());
    steps.push((
        "select",
        Box::new(move || all().for_each(|record| _ = black_box(filter.judge(&record, &mut extractor)))),
    ));
    for (name, batch) in [("redact", &lines.without_finds), ("redact finds", &lines.with_finds)] {
        let redactor = redactor();
        let mut out = Vec::new();
        let mut redact = move |record: Record<'_>| {
            out.clear();
            black_box(redactor.redact(record.octets(), record.class(), record.header(), &mut out));
        };
        if !batch.is_empty() {
            steps.push((name, Box::new(move || batch.records(ClassMask::ALL).for_each(&mut redact))));
        }
    }
    let json = JsonOptions::default();
    for (name, encoding) in [
        ("raw", Encoding::Raw),
        ("syslog", Encoding::Syslog),
        ("json", Encoding::Json(json)),
        ("json, fields", Encoding::Json(JsonOptions { native: true, ecs: true, ..json })),
        ("ecs", Encoding::Ecs),
        ("ocsf", Encoding::Ocsf),
        ("cef", Encoding::Cef),
    ] {
        let (mut encoder, mut out) = (Encoder::new(encoding), Vec::new());
        let mut encode = move |record: Record<'_>| {
            out.clear();
            let id = RecordId { journal: JournalId(1), sequence: Sequence(record.index() as u64) };
            encoder.encode(&record, id, &mut out);
            black_box(&out);
        };
        steps.push((name, Box::new(move || all().for_each(&mut encode))));
    }
    steps
}

fn redactor() -> Redactor {
    Redactor::new(Detectors::ALL, b"0123456789abcdef").expect("the key is long enough")
}

/// Reads `message` as JSON and looks up members, as one would who has no extractor.
fn pick(message: &[u8], pointers: &[&str]) {
    let Ok(value) = serde_json::from_slice::<Value>(black_box(message)) else { return };
    pointers.iter().for_each(|pointer| _ = black_box(value.pointer(pointer)));
}

/// The members of a JSON class that the normalised event is made of.
fn pointers(class: Class) -> &'static [&'static str] {
    match class {
        Class::K8sAudit | Class::UcpAudit => &[
            "/auditID",
            "/stage",
            "/verb",
            "/requestURI",
            "/user/username",
            "/user/uid",
            "/user/groups",
            "/impersonatedUser/username",
            "/sourceIPs/0",
            "/userAgent",
            "/objectRef/resource",
            "/objectRef/namespace",
            "/objectRef/name",
            "/objectRef/uid",
            "/objectRef/apiVersion",
            "/responseStatus/code",
            "/responseStatus/reason",
            "/stageTimestamp",
            "/annotations/authorization.k8s.io~1decision",
            "/annotations/authorization.k8s.io~1reason",
        ],
        Class::AuditEvent => &[
            "/guid",
            "/created_at",
            "/type",
            "/actor/guid",
            "/actor/type",
            "/actor/name",
            "/target/guid",
            "/target/type",
            "/target/name",
            "/space/guid",
            "/organization/guid",
            "/data",
        ],
        _ => &[],
    }
}

/// The labelled lines of a class.
struct Lines {
    class: Class,
    all: Batch,
    without_finds: Batch,
    with_finds: Batch,
}

impl Lines {
    fn of(class: Class) -> Self {
        let frames = frames(class);
        let redactor = redactor();
        let (with, without): (Vec<_>, Vec<_>) = frames.iter().partition(|frame| {
            let verdict = classify::classify(frame);
            !redactor.finds(frame, verdict.class, &verdict.header).is_empty()
        });
        Self { class, all: batch(frames.iter()), without_finds: batch(without), with_finds: batch(with) }
    }

    /// Of a frame, on average.
    fn octets(&self) -> usize {
        self.all.chunk().len() / self.all.len()
    }
}

fn batch<'a>(frames: impl IntoIterator<Item = &'a Vec<u8>>) -> Batch {
    let (mut chunk, mut entries) = (Vec::new(), Vec::new());
    for frame in frames {
        let start = chunk.len() as u32;
        chunk.extend_from_slice(frame);
        let verdict = classify::classify(frame);
        let is_utf8 = std::str::from_utf8(frame).is_ok();
        entries.push(Entry {
            span: FrameSpan::new(start, chunk.len() as u32),
            original_bytes: frame.len() as u32,
            class: verdict.class,
            flags: verdict.flags | if is_utf8 { Flags::NONE } else { Flags::INVALID_UTF8 },
            header: verdict.header,
        });
    }
    Batch::new(BatchParts {
        chunk: Bytes::from(chunk),
        entries,
        origin: Arc::new(Origin {
            listener: "drain".into(),
            transport: Transport::Tls,
            peer: Peer::Ip(([192, 0, 2, 7], 40_001).into()),
            authenticated: None,
        }),
        peers: Vec::new(),
        received_at: UnixNanos(1_768_884_986_360_194_999),
        lease: Lease::unbounded(),
    })
}

/// The labelled lines that are of `class` when their header is looked for.
fn frames(class: Class) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .expect("the corpus is part of the project")
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut frames = Vec::new();
    for file in files {
        for line in std::fs::read_to_string(file).expect("the corpus is UTF-8").lines() {
            let line: Value = serde_json::from_str(line).expect("the corpus is JSON");
            let frame = line["message"].as_str().expect("a message").as_bytes().to_vec();
            if line["class"] == class.name() && classify::classify(&frame).class == class {
                frames.push(frame);
            }
        }
    }
    frames
}
