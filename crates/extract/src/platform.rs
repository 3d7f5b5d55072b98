//! Who sent the record, as the platform says: the one place where platform identity comes out, whatever the source.
//!
//! | the header has | the sender is | read by |
//! | --- | --- | --- |
//! | SD-ID `tags@47450`, a metric's SD-ID first, PROCID `[TYPE/instance]`, or a GUID for APP-NAME without `instance@47450` | an application, or a job, behind a loggregator drain | `drain` |
//! | SD-ID `kubernetes@47450`, or APP-NAME `pod.log/…` | a container behind a TKGI sink | `container` |
//! | SD-ID `instance@47450`, metron's `[job=… index=…]`, TAG `vcap.…` | a job of a BOSH deployment | `job` |
//!
//! The first row that fits is the only one that counts, as in [`classify::header::Provenance`]: an identity is never put
//! together from two senders. A firehose envelope names its sender itself, and is asked where the header has no
//! `instance@47450`; `formats/logmessage.rs` reads it.
//!
//! Only what the sending program writes counts, and never the message, since applications print anything there.

mod container;
mod drain;
mod job;

use header::StructuredData;
use memchr::memchr_iter;
use record::{Class, Dialect, Flags};

use crate::extractor::Input;
use crate::field::Field;
use crate::json::work;
use crate::octets::Octets;
use crate::out::Out;

pub(crate) use drain::{is_drain, name, process, set_app, split_procid};
pub(crate) use job::has_instance;

/// Sets `platform.*` from the header.
pub(crate) fn extract(input: &Input<'_>, out: &mut Out<'_>) {
    if !out.wanted.event {
        return;
    }
    let header = header::fields(input.octets, input.header);
    if is_drain(input, &header) {
        drain::extract(input, &header, out);
    } else if container::is_container(&header) {
        container::extract(&header, out);
    } else if input.class != Class::LogMessage || has_instance(input, &header) {
        job::extract(input, &header, out);
    }
}

/// Structured data that could not be read, with what follows it up to MSG: it stands behind five fields. Where the
/// locator found no end of it, it is the beginning of MSG, which the sending program wrote all the same.
fn damaged_data<'a>(input: &Input<'a>) -> Option<&'a [u8]> {
    /// What lies beyond is nobody's header.
    const LEN_MAX: usize = 4096;

    if !input.flags.contains(Flags::SD_SYNTAX) || input.header.dialect != Dialect::Rfc5424 {
        return None;
    }
    // PRI with VERSION, TIMESTAMP, HOSTNAME, APP-NAME, PROCID and MSGID end with one blank each.
    let start = memchr_iter(b' ', input.octets).nth(5)? + 1;
    let msg = input.header.msg as usize;
    let end = if msg > start { msg } else { input.octets.len() };
    input.octets.get(start..end.min(start + LEN_MAX))
}

fn has_element(data: StructuredData<'_>, id: &[u8]) -> bool {
    work::visit(data.octets().len());
    data.elements().any(|(found, _)| found == id)
}

/// Sets the number of an instance. Some senders write an id in its place: that is left out.
pub(crate) fn set_index(out: &mut Out<'_>, value: Octets) {
    if is_number(out.get(value)) {
        out.set(Field::PlatformInstanceIndex, value);
    }
}

/// Sets the id of a BOSH instance. Old senders write a number in its place: that is left out.
pub(crate) fn set_instance(out: &mut Out<'_>, value: Octets) {
    if !is_number(out.get(value)) {
        out.set(Field::PlatformInstance, value);
    }
}

fn is_number(value: &[u8]) -> bool {
    const DIGITS_MAX: usize = 9;
    (1..=DIGITS_MAX).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}
