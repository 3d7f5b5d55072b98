//! Prints what judging costs, in nanoseconds per record and beside the classification of the same record.
//!
//! `cargo run --release -p gully-select --example select_cost`

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use extract::Extractor;
use gully_select::{Condition, DROP_LISTS, Filter};
use record::{Batch, BatchParts, Entry, FrameSpan, Lease, Origin, Peer, Transport, UnixNanos};

/// Few, so that a repeat ends before another process gets the core; the best of many counts.
const ROUNDS: usize = 100;
const REPEATS: usize = 2_000;

const CEF: &str = "<14>1 2026-01-20T04:56:26.360194Z 192.168.0.61 cloud_controller_ng rs2 - [instance@47450 director=\"\" \
    deployment=\"cf-af8c3af3f5908531ed5a\" group=\"control\" az=\"az1\" id=\"7d008c68-a7b4-4d74-bee7-5d084cde3010\"] \
    CEF:0|cloud_foundry|cloud_controller_ng|2.54.0|GET /v3/apps|GET /v3/apps|0|rt=1460690037402 suser=admin \
    suid=64d43b82-7dcc-47ee-881b-54754a05c346 request=/v3/apps?order=asc requestMethod=GET src=127.0.0.1 dst=192.0.2.1 \
    cs1Label=userAuthenticationMechanism cs1=oauth-access-token cs2Label=vcapRequestId \
    cs2=c4bac383-7cc9-4d9f-b1c0-1bq8c0baa000 cs3Label=result cs3=success cs4Label=httpStatusCode cs4=200 \
    cs5Label=xForwardedFor cs5=198.51.100.1, 10.0.4.9";
const K8S: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1b5bd5a0-3d76-482f-942f-51d1c30ea838","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/pods?limit=500","verb":"list","user":{"username":"kubernetes-admin","groups":["system:masters","system:authenticated"]},"sourceIPs":["10.0.11.10"],"userAgent":"kubectl/v1.30.1 (linux/amd64) kubernetes/6911225","objectRef":{"resource":"pods","namespace":"default","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2024-05-01T10:00:00.000001Z","stageTimestamp":"2024-05-01T10:00:00.000900Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}"#;

fn main() {
    let condition = |text: &str| match Condition::parse(text) {
        Ok(condition) => Filter::new(Some(condition), []),
        Err(error) => panic!("{text}: {error}"),
    };
    let filters = [
        ("class", condition(r#"class == "cf.uaa.audit""#)),
        ("class, header, peer", condition(r#"class == "cef" or syslog.severity < 4 or peer in_cidr "10.0.0.0/8""#)),
        ("regex on msg, no hit", condition(r#"msg matches "(?i)no such thing [0-9]+""#)),
        ("two fields", condition(r#"event.outcome == "failure" and not source.ip in_cidr "10.0.0.0/8""#)),
        ("a producer's field", condition(r#"native.objectRef.resource == "secrets" or native.cef.ext.suser == "x""#)),
        ("all drop lists", Filter::new(None, DROP_LISTS)),
    ];
    println!("{:<24} {:>10} {:>10} {:>10} {:>10}", "ns per record (x of classify)", "CEF", "", "k8s", "");
    let classify = [CEF, K8S].map(|line| measure(|| _ = black_box(classify::classify(black_box(line.as_bytes())))));
    println!("{:<24} {:>10.0} {:>10} {:>10.0}", "classify", classify[0], "", classify[1]);
    for (name, filter) in filters {
        let mut extractor = Extractor::new();
        let cost = [CEF, K8S].map(|line| {
            let batch = batch(line);
            let record = batch.record(0);
            measure(|| _ = black_box(filter.judge(&record, &mut extractor)))
        });
        let times = [cost[0] / classify[0], cost[1] / classify[1]];
        println!("{name:<24} {:>10.0} {:>10.1} {:>10.0} {:>10.1}", cost[0], times[0], cost[1], times[1]);
    }
}

/// Nanoseconds of one call, the best of some repeats.
fn measure(mut run: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..REPEATS {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| run());
        best = best.min(start.elapsed().as_nanos() as f64 / ROUNDS as f64);
    }
    best
}

fn batch(line: &str) -> Batch {
    let verdict = classify::classify(line.as_bytes());
    let length = line.len() as u32;
    Batch::new(BatchParts {
        chunk: Bytes::copy_from_slice(line.as_bytes()),
        entries: vec![Entry {
            span: FrameSpan::new(0, length),
            original_bytes: length,
            class: verdict.class,
            flags: verdict.flags,
            header: verdict.header,
        }],
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
