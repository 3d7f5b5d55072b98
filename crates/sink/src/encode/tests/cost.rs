//! What encoding costs: no allocation once warm, and output that grows with its input.

use super::corpus::LINES;
use super::*;

#[test]
fn a_warm_encoder_allocates_nothing() {
    let batches = LINES.iter().map(|line| line.sample().batch()).collect::<Vec<_>>();
    for encoding in [FIELDS, Encoding::Ecs, Encoding::Ocsf, Encoding::Cef] {
        let mut encoder = Encoder::new(encoding);
        let mut out = Vec::new();
        let mut encode_all = || {
            out.clear();
            batches.iter().for_each(|batch| encoder.encode(&batch.record(0), ID, &mut out));
        };
        encode_all();
        let allocations = allocation_counter::measure(encode_all);
        assert_eq!(allocations.count_total, 0, "{encoding}");
    }
}

#[test]
fn a_record_of_tiny_events_gives_no_more_than_the_page_says() {
    let names = ["director", "deployment", "group", "az", "id", "environment", "ip", "index", "origin"];
    let items = [r#"{"a":1}"#; extract::EVENTS_MAX].join(",");
    // The longest texts, and those that are escaped with six octets for each.
    for octet in ["x", "\u{7f}"] {
        let text = octet.repeat(255);
        let params = names.map(|name| format!(r#"{name}="{text}""#)).join(" ");
        let frame = format!(
            r#"<14>1 2026-01-20T04:56:26Z {text} {text} {text} {text} [instance@47450 {params}] {{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{items}]}}"#
        );
        for (encoding, bytes_max) in [
            (FIELDS, 15_000_000),
            (Encoding::Ecs, 35_000_000),
            (Encoding::Ocsf, 24_000_000),
            (Encoding::Cef, 11_000_000),
        ] {
            let out = corpus::located(frame.as_bytes(), "rfc5424").of_class(Class::K8sAudit).encoded(encoding);
            assert!(out.len() <= bytes_max, "{encoding}: {} octets of {}", out.len(), frame.len());
        }
    }
}

#[test]
fn what_the_events_of_a_batch_have_in_common_is_not_multiplied() {
    const EVENTS: usize = 400;

    let long = "x".repeat(100_000);
    let event =
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","verb":"get"}"#;
    let events = [event; EVENTS].join(",");
    let frame = format!(
        r#"<14>1 2026-01-20T04:56:26Z vm audit rs2 - [instance@47450 deployment="{long}"] {{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{events}]}}"#
    );
    for encoding in [FIELDS, Encoding::Ecs, Encoding::Ocsf, Encoding::Cef] {
        let sample = corpus::located(frame.as_bytes(), "rfc5424").of_class(Class::K8sAudit);
        let out = sample.encoded(encoding);
        assert!(out.len() < 8 * frame.len(), "{encoding}: {} octets of {}", out.len(), frame.len());
        let expected = if encoding == FIELDS { 1 } else { EVENTS };
        assert_eq!(out.iter().filter(|octet| **octet == b'\n').count(), expected, "{encoding}");
    }
}
