//! The on-demand broker: how far a task of the director is (on-demand-service-broker `broker/last_operation.go`).
//!
//! `[name] [request] 2019/06/04 20:16:52.493286 BOSH task ID 132 status: processing delete deployment for instance …:
//! Description: … Result: …`. Such a line is written each time somebody asks, so that an operation has many.

use super::{CREATE, DELETE, UPDATE, meaning};
use crate::field::Field;
use crate::meaning::Meaning;
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::{integer, split_once};

const OPERATIONS: [(&[u8], &Meaning); 8] = [
    (b"bind", CREATE),
    (b"create", CREATE),
    (b"delete", DELETE),
    (b"force-delete", DELETE),
    (b"recreate", UPDATE),
    (b"unbind", DELETE),
    (b"update", UPDATE),
    (b"upgrade", UPDATE),
];

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    if read(body.text, out).is_none() {
        out.truncated();
    }
}

/// Gives nothing when the line ends before it is whole.
fn read(line: &[u8], out: &mut Out<'_>) -> Option<()> {
    let (name, rest) = split_once(line.strip_prefix(b"[")?, b"] ")?;
    set(out, "broker.name", name);
    let rest = match rest.strip_prefix(b"[") {
        Some(rest) => {
            let (request, rest) = split_once(rest, b"] ")?;
            set(out, "broker.request_id", request);
            rest
        }
        None => rest,
    };
    let (stamp, rest) = split_once(rest, b" BOSH task ID ")?;
    let stamp = set(out, "log.timestamp", stamp);
    set_time(stamp, out);

    let (task, rest) = split_once(rest, b" status: ")?;
    match integer(task) {
        Some(task) => out.integer("bosh.task_id", task),
        None => _ = set(out, "bosh.task_id", task),
    }
    let (state, rest) = split_once(rest, b" ")?;
    set(out, "bosh.task_state", state);
    out.set_word(Field::EventOutcome, outcome(state));

    let (operation, rest) = split_once(rest, b" deployment for instance ")?;
    out.means(meaning(&OPERATIONS, operation));
    let operation = set(out, "broker.operation", operation);
    out.set(Field::EventAction, operation);

    let (instance, rest) = split_once(rest, b": Description: ")?;
    let instance = set(out, "broker.instance_id", instance);
    out.set(Field::ResourceId, instance);
    out.set_word(Field::ObjectType, "service_instance");
    out.set(Field::ObjectId, instance);

    // The description is the broker's own text; the result holds what scripts print.
    let (description, result) = split_once(rest, b" Result:")?;
    set(out, "bosh.task_description", description);
    let result = set(out, "bosh.task_result", result.strip_prefix(b" ").unwrap_or(result));
    if outcome(state) == "failure" {
        out.set(Field::EventReason, result);
    }
    Some(())
}

fn set(out: &mut Out<'_>, name: &'static str, value: &[u8]) -> Octets {
    let value = out.octets(value);
    out.text(name, value);
    value
}

/// The stamp `yyyy/mm/dd hh:mm:ss.uuuuuu` is in UTC.
fn set_time(stamp: Octets, out: &mut Out<'_>) {
    let mut copy = [0; 40];
    let stamp = out.get(stamp);
    let Some(copy) = copy.get_mut(..stamp.len()) else { return };
    copy.copy_from_slice(stamp);
    for octet in copy.iter_mut() {
        *octet = match *octet {
            b'/' => b'-',
            b' ' => b'T',
            other => other,
        };
    }
    let stamp = out.copy(|decoded| {
        decoded.extend_from_slice(copy);
        decoded.push(b'Z');
    });
    out.set_time(Field::Timestamp, stamp);
}

/// Only states after which nothing more happens have an outcome.
fn outcome(state: &[u8]) -> &'static str {
    match state {
        b"done" => "success",
        b"error" | b"timeout" | b"cancelled" => "failure",
        _ => "unknown",
    }
}
