//! Jobs of BOSH deployments: syslog-release's `instance@47450`, and what older platforms wrote.

use std::ops::Range;

use header::Fields;
use memchr::memmem;
use record::Dialect;

use super::{damaged_data, has_element, name, set_index};
use crate::extractor::Input;
use crate::field::Field;
use crate::json::work;
use crate::out::Out;

const INSTANCE: &[u8] = b"instance@47450";

/// The parameters in the order in which the forwarder writes them.
const PARAMS: [Param; 6] = [
    Param { name: b"director", needle: b" director=\"", field: Field::PlatformDirector },
    Param { name: b"environment", needle: b" environment=\"", field: Field::PlatformEnvironment },
    Param { name: b"deployment", needle: b" deployment=\"", field: Field::PlatformDeployment },
    Param { name: b"group", needle: b" group=\"", field: Field::PlatformJob },
    Param { name: b"az", needle: b" az=\"", field: Field::PlatformAz },
    Param { name: b"id", needle: b" id=\"", field: Field::PlatformInstance },
];

struct Param {
    name: &'static [u8],
    needle: &'static [u8],
    field: Field,
}

/// Whether the header has the element of a job, be it damaged.
pub(crate) fn has_instance(input: &Input<'_>, header: &Fields<'_>) -> bool {
    has_element(header.structured_data, INSTANCE) || damaged_element(input).is_some()
}

fn damaged_element<'a>(input: &Input<'a>) -> Option<&'a [u8]> {
    damaged_data(input)?.strip_prefix(b"[")?.strip_prefix(INSTANCE)
}

pub(super) fn extract(input: &Input<'_>, header: &Fields<'_>, out: &mut Out<'_>) {
    // A second element would be of another sender.
    if let Some((_, params)) = header.structured_data.elements().find(|(id, _)| *id == INSTANCE) {
        for (sent, value) in params {
            work::visit(sent.len() + value.as_sent().len());
            if let Some(param) = PARAMS.iter().find(|param| param.name == sent) {
                let value = out.param(value);
                out.set(param.field, value);
            }
        }
    }
    if let Some(element) = damaged_element(input) {
        salvage(element, out);
    }
    if header.dialect == Dialect::Rfc3164 {
        job_block(input, out);
    }
    // The agents' own convention for lines that go to syslog directly.
    if let Some(job) = name(header).and_then(|name| name.strip_prefix(b"vcap.")) {
        let job = out.octets(job);
        out.set(Field::PlatformJob, job);
    }
}

/// The forwarder's template does not escape its values, so that a quote or bracket in one spoils the element. What is
/// certain is taken all the same: a value between two parameters, each of which is there once.
fn salvage(element: &[u8], out: &mut Out<'_>) {
    for (index, param) in PARAMS.iter().enumerate() {
        let Some(found) = only_place(element, param.needle) else { continue };
        let rest = &element[found.end..];
        // Whatever of the forwarder's names comes next ends the value, if it is one that can.
        let next =
            PARAMS.iter().enumerate().filter_map(|(other, param)| Some((memmem::find(rest, param.needle)?, other)));
        let value = match next.min() {
            Some((end, other)) if other > index && only_place(element, PARAMS[other].needle).is_some() => {
                rest[..end].strip_suffix(b"\"")
            }
            // The last one ends with the element; another may follow.
            None if index + 1 == PARAMS.len() => memmem::find(rest, b"\"]").map(|end| &rest[..end]),
            _ => None,
        };
        if let Some(value) = value {
            let value = out.octets(value);
            out.set(param.field, value);
        }
    }
}

/// Where `needle` is in `text`, if it is there exactly once.
fn only_place(text: &[u8], needle: &[u8]) -> Option<Range<usize>> {
    let mut places = memmem::find_iter(text, needle);
    let first = places.next()?;
    places.next().is_none().then_some(first..first + needle.len())
}

/// metron-agent's `[job=<job> index=<n>]` between tag and line. The locator has left it out of MSG.
fn job_block(input: &Input<'_>, out: &mut Out<'_>) {
    let (tag, msg) = (input.header.app_name, input.header.msg as usize);
    let tag_end = usize::from(tag.start) + usize::from(tag.len);
    let Some(between) = input.octets.get(tag_end..msg).filter(|_| !tag.is_absent()) else { return };
    // metron writes no colon: behind one, it is the beginning of what was logged.
    if between.starts_with(b":") {
        return;
    }
    let Some((_, block)) = crate::text::split_once(between, b"[job=") else { return };
    let Some(block) = block.split(|octet| *octet == b']').next() else { return };
    let (job, index) = crate::text::split_once(block, b" index=").unwrap_or((block, b""));
    let (job, index) = (out.octets(job), out.octets(index));
    out.set(Field::PlatformJob, job);
    set_index(out, index);
}
