//! Telemetry: what the API reports of new clusters, and the log of the server that collects it.

use memchr::memmem;

use super::{Fault, after, print, spring};
use crate::field::Field;
use crate::json::work;
use crate::meaning::Meaning;
use crate::message::Body;
use crate::octets::Octets;
use crate::out::Out;
use crate::text::{find, rsplit_once, split_once};

const REPORT: &Meaning = &Meaning::new(&["configuration"], &["info"], 6002, 99);
const SERVER: &Meaning = &Meaning::new(&["network"], &["info"], 6002, 99);
const CONNECTION: &Meaning = &Meaning::new(&["network"], &["info", "connection"], 6002, 99);

pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let end = match spring::split(body.text) {
        Some((prefix, text)) => {
            prefix.report(out);
            out.means(REPORT);
            agent(text, out)
        }
        None => server(body.text, out).ok_or(Fault::Cut),
    };
    if end == Err(Fault::Cut) {
        out.truncated();
    }
}

/// `Telemetry - addCluster: cluster request: …, cluster entity: …, plan: …`. What else the agent writes is a message.
fn agent(text: &[u8], out: &mut Out<'_>) -> Result<(), Fault> {
    let text = after(text, b"Telemetry - ")?;
    let message = |text, out: &mut Out<'_>| {
        let text = out.octets(text);
        out.text("telemetry.message", text);
    };
    let Some((action, rest)) = split_once(text, b": ") else {
        message(text, out);
        return Ok(());
    };
    let name = out.octets(action);
    out.text("telemetry.action", name);
    out.set(Field::EventAction, name);
    if action != b"addCluster" {
        message(rest, out);
        return Ok(());
    }
    let rest = object("telemetry.request", after(rest, b"cluster request: ")?, out)?;
    let rest = entity(after(rest, b", cluster entity: ClusterEntity{")?, out)?;
    object("telemetry.plan", after(rest, b", plan: ")?, out).map(drop)
}

fn object<'a>(name: &'static str, text: &'a [u8], out: &mut Out<'_>) -> Result<&'a [u8], Fault> {
    out.object(name);
    let rest = print::members(text, out);
    out.end();
    rest
}

/// The members of a cluster, in the order in which they are printed.
const ENTITY: [(&[u8], &str, &[Field]); 13] = [
    (b"name", "telemetry.cluster.name", &[Field::ClusterName, Field::ObjectName]),
    (b"uuid", "telemetry.cluster.uuid", &[Field::ClusterId, Field::ObjectId]),
    (b"owner", "telemetry.cluster.owner", &[]),
    (b"brokerOperationId", "telemetry.cluster.brokerOperationId", &[]),
    (b"lastActionDescription", "telemetry.cluster.lastActionDescription", &[]),
    (b"planId", "telemetry.cluster.planId", &[]),
    (b"lastAction", "telemetry.cluster.lastAction", &[]),
    (b"lastActionState", "telemetry.cluster.lastActionState", &[]),
    (b"masterIps", "telemetry.cluster.masterIps", &[]),
    (b"parameters", "telemetry.cluster.parameters", &[]),
    (b"networkProfileUuid", "telemetry.cluster.networkProfileUuid", &[]),
    (b"computeProfileUuid", "telemetry.cluster.computeProfileUuid", &[]),
    (b"taskStartedAt", "telemetry.cluster.taskStartedAt", &[]),
];

/// `name='logs', uuid='…', …}`, values quoted without escapes, if at all. A value ends where a member follows that comes
/// later in the order.
fn entity<'a>(text: &'a [u8], out: &mut Out<'_>) -> Result<&'a [u8], Fault> {
    out.set_word(Field::ObjectType, "cluster");
    let (mut index, mut rest) = member(text, 0).ok_or(Fault::Cut)?;
    loop {
        let next = memmem::find_iter(rest, b", ").find_map(|at| Some((at, member(&rest[at + 2..], index + 1)?)));
        work::visit(next.map_or(rest.len(), |(at, _)| at));
        let (_, name, fields) = ENTITY[index];
        let Some((end, (next_index, next_rest))) = next else {
            let end = find(rest, b"}, plan: ").ok_or(Fault::Cut)?;
            set(name, fields, &rest[..end], out);
            return Ok(&rest[end + 1..]);
        };
        set(name, fields, &rest[..end], out);
        (index, rest) = (next_index, next_rest);
    }
}

/// Which member begins here, of those from `first` on, and what follows its `=`.
fn member(text: &[u8], first: usize) -> Option<(usize, &[u8])> {
    let later = ENTITY.iter().enumerate().skip(first);
    later.into_iter().find_map(|(index, (key, ..))| Some((index, text.strip_prefix(*key)?.strip_prefix(b"=")?)))
}

fn set(name: &'static str, fields: &[Field], value: &[u8], out: &mut Out<'_>) {
    // Some values have only the second quote: a slip of the producer's.
    let value = value.strip_prefix(b"'").unwrap_or(value);
    let value = out.octets(value.strip_suffix(b"'").unwrap_or(value));
    out.text(name, value);
    fields.iter().for_each(|field| out.set(*field, value));
}

/// fluentd: `2019-06-04 21:41:05 +0000 [debug]: #0 connection established address="10.0.11.21" port=33366`.
fn server(line: &[u8], out: &mut Out<'_>) -> Option<()> {
    let (stamp, rest) = split_once(line, b" [")?;
    let stamp = out.octets(stamp);
    out.text("log.timestamp", stamp);
    set_time(stamp, out);
    out.means(SERVER);
    let (level, rest) = split_once(rest, b"]: #")?;
    let level = out.octets(level);
    out.text("log.level", level);
    out.set(Field::LogLevel, level);
    let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let (worker, rest) = rest.split_at(digits);
    let worker = out.octets(worker);
    out.text("fluentd.worker", worker);
    let text = rest.strip_prefix(b" ")?;
    let peer = rsplit_once(text, b" address=\"").and_then(|(text, peer)| Some((text, split_once(peer, b"\" port=")?)));
    let text = peer.map_or(text, |(text, _)| text);
    if text == b"connection established" {
        out.means(CONNECTION);
    }
    let text = out.octets(text);
    out.text("telemetry.message", text);
    if let Some((_, (address, port))) = peer {
        let address = out.octets(address);
        out.text("telemetry.address", address);
        out.set_address(Field::SourceIp, address);
        if let Some(port) = crate::text::integer(port).filter(|_| !out.is_open(port)) {
            out.integer("telemetry.port", port);
            out.set_integer(Field::SourcePort, port);
        }
    }
    Some(())
}

/// The stamp `yyyy-mm-dd hh:mm:ss +zzzz`.
fn set_time(stamp: Octets, out: &mut Out<'_>) {
    let Ok(stamp) = <[u8; 25]>::try_from(out.get(stamp)) else { return };
    let stamp = out.copy(|decoded| {
        for part in [&stamp[..10], b"T", &stamp[11..19], &stamp[20..23], b":", &stamp[23..]] {
            decoded.extend_from_slice(part);
        }
    });
    out.set_time(Field::Timestamp, stamp);
}
