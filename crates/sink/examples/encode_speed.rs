//! Prints what encoding costs, in nanoseconds per record and gigabytes of frames per second.
//!
//! `cargo run --release -p gully-sink --example encode_speed`

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gully_sink::encode::{Encoder, Encoding, JsonOptions};
use record::{
    Batch, BatchParts, ClassMask, Dialect, Entry, Flags, FrameSpan, HeaderSpans, JournalId, Lease, Origin, Peer, Pri,
    RecordId, Sequence, ShortSpan, Transport, UnixNanos,
};

const BATCH_RECORDS: usize = 100;
const ROUNDS: usize = 2_000;
const REPEATS: usize = 7;

fn main() {
    let cef = "CEF:0|cloud_foundry|cloud_controller_ng|2.54.0|GET /v2/info|GET /v2/info|0|rt=1460690037402 suser=admin \
               suid=64d43b82-7dcc-47ee-881b-54754a05c346 request=/v2/info?order=asc requestMethod=GET src=127.0.0.1 \
               dst=192.0.2.1 cs1Label=userAuthenticationMechanism cs1=oauth-access-token cs2Label=vcapRequestId \
               cs2=c4bac383-7cc9-4d9f-b1c0-1bq8c0baa000 cs3Label=result cs3=success cs4Label=httpStatusCode cs4=200 \
               cs5Label=xForwardedFor cs5=198.51.100.1, 10.0.4.9";
    let instance = r#"[instance@47450 director="" deployment="cf-af8c3af3f5908531ed5a" group="control" az="az1" id="7d008c68-a7b4-4d74-bee7-5d084cde3010"]"#;
    let tags = r#"[tags@47450 app_id="83d2297d-ac52-4387-9217-4302fb6a5d7f" app_name="web" deployment="cf-0a1b2c" index="9a89821d-18b2-4e33-bd5c-0d661cf45317" instance_id="0" ip="10.0.4.9" job="diego-cell" organization_id="aa8d2f63" organization_name="acme" origin="rep" process_id="83d2297d" process_instance_id="8f1c" process_type="web" source_type="APP/PROC/WEB" space_id="6b0d" space_name="prod"]"#;
    let k8s = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1b5bd5a0-3d76-482f-942f-51d1c30ea838","stage":"RequestReceived","requestURI":"/api/v1/namespaces/default/pods?limit=500","verb":"list","user":{"username":"kubernetes-admin","groups":["system:masters","system:authenticated"]},"sourceIPs":["10.0.11.10"],"userAgent":"kubectl/v1.30.1 (linux/amd64) kubernetes/6911225","objectRef":{"resource":"pods","namespace":"default","apiVersion":"v1"},"requestReceivedTimestamp":"2024-05-01T10:00:00.000001Z","stageTimestamp":"2024-05-01T10:00:00.000900Z"}"#;
    let plain = "GET /index.html HTTP/1.1 200 in 3 ms";
    let json = JsonOptions::default();
    let (embedded, fields) =
        (JsonOptions { embed_json: true, ..json }, JsonOptions { native: true, ecs: true, ..json });

    println!("{:<28} {:>8} {:>8} {:>8} {:>8}", "record", "octets", "written", "ns", "GB/s");
    measure("CEF, raw", instance, cef, Encoding::Raw);
    measure("CEF, syslog", instance, cef, Encoding::Syslog);
    measure("CEF, json", instance, cef, Encoding::Json(json));
    measure("app line, json", tags, plain, Encoding::Json(json));
    measure("k8s, json", instance, k8s, Encoding::Json(json));
    measure("k8s, json, embedded", instance, k8s, Encoding::Json(embedded));
    for (name, message) in [("CEF", cef), ("k8s", k8s)] {
        measure(&format!("{name}, json, native and ecs"), instance, message, Encoding::Json(fields));
        for encoding in [Encoding::Ecs, Encoding::Ocsf, Encoding::Cef] {
            measure(&format!("{name}, {encoding}"), instance, message, encoding);
        }
    }
    measure("long text, json", "-", &plain.repeat(1_000), Encoding::Json(json));
    measure("long Japanese text, json", "-", &"東京都".repeat(1_000), Encoding::Json(json));
}

fn measure(name: &str, structured_data: &str, message: &str, encoding: Encoding) {
    let batch = batch(structured_data, message);
    let frame_bytes = batch.record(0).octets().len();
    let mut encoder = Encoder::new(encoding);
    let mut out = Vec::new();
    let mut best_ns = f64::INFINITY;
    for _ in 0..REPEATS {
        let rounds = ROUNDS * 700 / frame_bytes.max(700);
        let start = Instant::now();
        for _ in 0..rounds {
            out.clear();
            for record in batch.records(ClassMask::ALL) {
                let id = RecordId { journal: JournalId(1), sequence: Sequence(record.index() as u64) };
                encoder.encode(&record, id, &mut out);
            }
            black_box(&out);
        }
        best_ns = best_ns.min(start.elapsed().as_nanos() as f64 / (rounds * BATCH_RECORDS) as f64);
    }
    let written = out.len() / BATCH_RECORDS;
    println!("{name:<28} {frame_bytes:>8} {written:>8} {best_ns:>8.0} {:>8.2}", frame_bytes as f64 / best_ns);
}

/// A batch of one record over and over, with its header located as a classifier would.
fn batch(structured_data: &str, message: &str) -> Batch {
    let mut chunk = String::from("<14>1 ");
    let mut field = |text: &str| {
        let start = chunk.len();
        chunk.push_str(text);
        let span = (start, chunk.len());
        chunk.push(' ');
        span
    };
    let short = |(start, end)| ShortSpan::new(start, end).expect("it begins the frame");
    let mut header = HeaderSpans {
        dialect: Dialect::Rfc5424,
        pri: Pri::new(14),
        timestamp: short(field("2026-01-20T04:56:26.360194Z")),
        hostname: short(field("192.168.0.61")),
        app_name: short(field("cloud_controller_ng")),
        procid: short(field("rs2")),
        ..HeaderSpans::default()
    };
    field("-");
    let (start, end) = field(structured_data);
    if structured_data != "-" {
        header.structured_data = FrameSpan::new(start as u32, end as u32);
    }
    header.msg = chunk.len() as u32;
    chunk.push_str(message);

    let class = classify::classify(chunk.as_bytes()).class;
    let length = chunk.len() as u32;
    let entry = |index: u32| Entry {
        span: FrameSpan::new(index * length, (index + 1) * length),
        original_bytes: length,
        class,
        flags: Flags::NONE,
        header,
    };
    Batch::new(BatchParts {
        chunk: Bytes::from(chunk.repeat(BATCH_RECORDS)),
        entries: (0..BATCH_RECORDS as u32).map(entry).collect(),
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
