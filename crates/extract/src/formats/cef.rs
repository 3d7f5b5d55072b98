//! CEF of any vendor, by the specification's own rules, and what all CEF has in common.

mod escape;
mod extension;
mod header;

use memchr::memchr2_iter;

use crate::field::Field;
use crate::json::work;
use crate::message::Body;
use crate::out::Out;

pub(crate) use escape::{EXTENSION_OF_ONE_LINE, HEADER, NONE};
pub(crate) use extension::{End, Extension, Ordered};
pub(crate) use header::{Header, Signature};

/// Pairs that are told apart; of a record that has more the last of them takes the rest as its value. Products write a few
/// dozen.
const PAIRS_MAX: usize = 128;

/// Takes apart a record of a vendor of which nothing is known.
pub(crate) fn extract(body: &Body<'_>, out: &mut Out<'_>) {
    let header = Header::read(body.text, Header::FIELDS, HEADER);
    let signature = header.report(out);
    let Some(text) = header.extension() else { return out.truncated() };
    let mut extension = read(text, out);
    extension.report(out);
    normalise(&extension, signature, out);
}

/// Keys of the specification's dictionary that say what a field of the event says.
const TEXTS: [(Field, &str); 9] = [
    (Field::EventAction, "act"),
    (Field::EventId, "externalId"),
    (Field::EventReason, "reason"),
    (Field::HttpMethod, "requestMethod"),
    (Field::UrlOriginal, "request"),
    (Field::UserAgent, "requestClientApplication"),
    (Field::UserId, "suid"),
    (Field::UserName, "suser"),
    (Field::UserTargetName, "duser"),
];

fn normalise(extension: &Extension<'_, PAIRS_MAX>, signature: Signature, out: &mut Out<'_>) {
    for (field, name) in TEXTS {
        extension.set(field, name, out);
    }
    if let Some(name) = signature.name {
        out.set(Field::EventAction, name);
    }
    extension.set_time("rt", out);
    extension.set_address(Field::SourceIp, "src", out);
    extension.set_address(Field::DestinationIp, "dst", out);
    extension.set_port(Field::SourcePort, "spt", out);
    let outcome = extension.get("outcome").map_or(&b""[..], |value| out.get(value));
    if let Some(word) = ["success", "failure"].into_iter().find(|word| outcome.eq_ignore_ascii_case(word.as_bytes())) {
        out.set_word(Field::EventOutcome, word);
    }
}

/// The pairs of an extension: a value ends where a blank, a key and a `=` without a backslash begin.
fn read<'a>(text: &'a [u8], out: &mut Out<'_>) -> Extension<'a, PAIRS_MAX> {
    let mut extension = Extension::new();
    // The key whose value is being read, and where that begins.
    let mut open: Option<(&[u8], usize)> = None;
    let mut keys = 0;
    work::visit(text.len());
    let mut escaped = None;
    for at in memchr2_iter(b'=', b'\\', text) {
        work::visit(1);
        if escaped == Some(at) {
            continue;
        }
        if text[at] == b'\\' {
            escaped = Some(at + 1);
            continue;
        }
        let start = open.map_or(0, |(_, start)| start);
        let Some(name) = key_before(&text[start..at], open.is_none()) else { continue };
        if let Some((open, start)) = open {
            let end = at - name.len() - 1;
            push(&mut extension, open, &text[start..end], out);
        }
        open = Some((name, at + 1));
        keys += 1;
        if keys == PAIRS_MAX {
            break;
        }
    }
    if let Some((open, start)) = open {
        push(&mut extension, open, &text[start..], out);
    }
    extension
}

/// Of two pairs with the same key the first counts.
fn push<'a>(extension: &mut Extension<'a, PAIRS_MAX>, name: &'a [u8], raw: &'a [u8], out: &mut Out<'_>) {
    if !extension.has(name) {
        let key = out.octets(name);
        extension.push((name, key), raw, escape::EXTENSION, out);
    }
}

/// The key that `text`, which ends before a `=`, ends with. A blank stands before it, or it is the first.
fn key_before(text: &[u8], is_first: bool) -> Option<&[u8]> {
    let start = text.iter().rposition(|octet| !is_key_octet(*octet)).map_or(0, |before| before + 1);
    work::visit(text.len() - start);
    let (before, name) = text.split_at(start);
    let is_apart = before.ends_with(b" ") || (is_first && before.is_empty());
    let is_key = name.first().is_some_and(|octet| octet.is_ascii_alphanumeric() || *octet == b'_');
    (is_apart && is_key).then_some(name)
}

/// Letters, digits and `_`; dots, brackets and commas occur in keys of some vendors.
const fn is_key_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'.' | b',' | b'[' | b']')
}

#[cfg(test)]
mod tests {
    use record::Class;

    use crate::linear;

    #[test]
    fn work_is_linear() {
        const HEADER: &str = "CEF:0|a|b|c|d|e|5|";
        let full: String = (0..127).map(|number| format!("cs{number}Label=a{number} ")).collect();
        let full = [HEADER, &full].concat();
        linear::check(
            Class::Cef,
            &[
                (HEADER, " a=", ""),
                (HEADER, "=", ""),
                (HEADER, "a", "="),
                (HEADER, "\\", "="),
                (HEADER, "a=", " b="),
                (HEADER, " aLabel=b b=", ""),
                (HEADER, "a= ", "="),
                (HEADER, " a=\\=", ""),
                (&full, " a=", ""),
                ("CEF:0|a|b|c|d|", "\\|", "|e|5|a=b"),
            ],
        );
    }
}
