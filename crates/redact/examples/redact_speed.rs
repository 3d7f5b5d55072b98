//! What redaction costs: lines without and with secrets, and long lines made to be slow.
//!
//! `cargo run --release -p gully-redact --example redact_speed`

use std::hint::black_box;
use std::time::{Duration, Instant};

use gully_redact::{Detectors, Redactor};

const UAA: &str = "<14>1 2026-11-22T05:00:00.1Z 10.0.0.1 uaa rs2 - - [2026-11-22T05:00:00.1Z] uaa - 11 [exec-1] - [,] ....  INFO --- Audit: \
    ClientAuthenticationSuccess ('Client authentication success'): principal=cf, origin=[remoteAddress=10.0.0.6, clientId=cf], identityZoneId=[uaa]";
const KUBERNETES: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"0b0f3c4e","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/pods?limit=500","verb":"list","user":{"username":"system:kube-controller-manager","groups":["system:authenticated"]},"sourceIPs":["10.0.0.6"],"userAgent":"kube-controller-manager/v1.30.0","objectRef":{"resource":"pods","namespace":"default","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-22T05:00:00.123456Z","stageTimestamp":"2026-11-22T05:00:00.123456Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}"#;
const UCP: &str = r#"{"audit":{"auditID":"a","kind":"docker-swarm","level":"metadata","metadata":{"creationTimestamp":null},"requestURI":"/v1.30/containers/json","stage":"RequestReceived","user":{"extra":{"licenseKey":["FHy6u1SSg_U_Fbo24yYUmtbH-ixRlwrpEQpdO_ntmkoz"],"username":["admin"]},"uid":"4ec3c2fc"},"verb":"GET"},"level":"info","msg":"audit"}"#;

/// Long texts of one thing over and over.
const UNITS: &[&str] = &[
    "eyJ",
    "eyJa.",
    "://",
    "://a:",
    "a:b@",
    "password=",
    "password=\"",
    "authorization:",
    "Bearer ",
    "Basic ",
    "cookie:a=",
    "a=b;",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----A ",
    "{\"",
    "{\"a\":",
    "{\"data\":{\"a\":\"b\",",
    "[[",
    "\\",
    "\\u005c",
    "\"",
    "\"password\":",
    " \"",
    ",",
    "a,",
    "{\"requestObject\":{\"data\":{\"a\":\"b\"},",
    "{\"spec\":{\"token\":\"a\"},",
    "{   ",
    ":   ",
    "password=\"\\\"\"",
    "Cookie: a={\"",
    "Cookie: a=\"x",
    "\\\"",
    "\\\\\"",
    "a=\\\"b;",
    "{\\\"name\\\":\\\"a\\\"}, ",
    "\\\"password\\\":\\\"",
];

/// What stands before them: nothing, a text, the string of a JSON text, and one of several cookies.
const HEADS: &[&str] = &["", "I1122 password=a obj: ", "{\"a\":\"password=x\",\"b\":\"", "{\"Cookie\":[\""];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let redactor = Redactor::new(Detectors::ALL, b"0123456789abcdef")?;
    for (name, line) in [("UAA, nothing", UAA), ("Kubernetes, nothing", KUBERNETES), ("UCP, a licence key", UCP)] {
        let (time, found) = cost(&redactor, line.as_bytes(), 2_000);
        println!("{name}: {} octets, {found} found, {} ns", line.len(), time.as_nanos());
    }
    for (name, text) in
        [("short secrets", "x?pwd=a&pwd=a&pwd=a&"), ("a long text", "password=x yyyyyyyyyyyyyyyyyyyyyyyyyy")]
    {
        let time = |bytes: usize| cost(&redactor, in_broken_json(text, bytes).as_bytes(), 1).0;
        println!("eight layers of broken JSON, {name}: 64 KiB {:?}, 1 MiB {:?}", time(1 << 16), time(1 << 20));
    }
    let whole = |bytes: usize| format!("{{\"a\":[{}0]}}", "\"data\",".repeat(bytes / 7));
    let time = |bytes: usize| cost(&redactor, whole(bytes).as_bytes(), 1).0;
    println!(
        "whole JSON with names that matter only when it is cut: 64 KiB {:?}, 1 MiB {:?}",
        time(1 << 16),
        time(1 << 20)
    );
    for unit in UNITS {
        let short = unit.repeat((1 << 16) / unit.len());
        let long = unit.repeat((1 << 20) / unit.len());
        for head in HEADS {
            let time = |text: &str| cost(&redactor, format!("{head}{text} password=x").as_bytes(), 1).0;
            let (short, long) = (time(&short), time(&long));
            println!("{head}{unit}…: 64 KiB {short:?}, 1 MiB {long:?}");
        }
    }
    Ok(())
}

/// `text` over and over in eight layers of JSON, each of which is broken before its string: `bytes` octets and a little.
fn in_broken_json(text: &str, bytes: usize) -> String {
    let quoted = |text: String| text.replace('\\', "\\\\").replace('"', "\\\"");
    (0..8).fold(text.repeat(bytes / text.len()), |text, _| format!("{{\"a\"x,{{\"b\":\"{}\"}}}}", quoted(text)))
}

/// The least time for one redaction, and how much was found.
fn cost(redactor: &Redactor, line: &[u8], rounds: u32) -> (Duration, usize) {
    let verdict = classify::classify(line);
    let mut out = Vec::new();
    let mut least = Duration::MAX;
    for _ in 0..7 {
        let start = Instant::now();
        for _ in 0..rounds {
            out.clear();
            black_box(redactor.redact(black_box(line), verdict.class, &verdict.header, &mut out).is_some());
        }
        least = least.min(start.elapsed() / rounds);
    }
    (least, redactor.finds(line, verdict.class, &verdict.header).len())
}
