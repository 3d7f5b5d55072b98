//! Batches of more events than are taken apart.

mod support;

use extract::EVENTS_MAX;
use gully_extract as extract;
use record::Flags;

fn list(events: usize) -> String {
    let items = vec![r#"{"auditID":"1","stage":"ResponseComplete","requestURI":"/","verb":"get"}"#; events].join(",");
    format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{items}]}}"#)
}

fn page(events: usize) -> String {
    let event = r#"{"type":"audit.app.start","actor":{"guid":"a"},"target":{"guid":"b"}}"#;
    format!(r#"{{"resources":[{}]}}"#, vec![event; events].join(","))
}

fn check(message: &str, events: usize, limit: bool) {
    let found = support::extract(message.as_bytes(), "raw");
    assert_eq!(found.native["events"].as_array().map(Vec::len), Some(events));
    assert_eq!(found.ecs["events"].as_array().map(Vec::len), Some(events));
    assert_eq!(found.flags.contains(Flags::EVENTS_LIMIT), limit);
}

#[test]
fn the_largest_batch_is_whole() {
    check(&list(EVENTS_MAX), EVENTS_MAX, false);
    check(&page(EVENTS_MAX), EVENTS_MAX, false);
}

#[test]
fn what_comes_after_is_left_out_and_flagged() {
    check(&list(EVENTS_MAX + 1), EVENTS_MAX, true);
    check(&page(3 * EVENTS_MAX), EVENTS_MAX, true);
}
