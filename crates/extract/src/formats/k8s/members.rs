//! Members of a JSON object as fields of the record, by the names that the producer gave them.
//!
//! A member of an object inside is named by both, `user.username`. `None` means, as for the scanner, that the text ends
//! or breaks here.

use crate::json::{Kind, Scanner, Text};
use crate::octets::Octets;
use crate::out::Out;

/// The full name of the member `name` of `object`; of none, when it is the record itself.
pub(crate) fn full_name(object: Option<Octets>, name: &Text<'_>, out: &mut Out<'_>) -> Octets {
    let name = out.decode(name);
    object.map_or(name, |object| out.join(&[object, Octets::Word("."), name]))
}

/// A member with text, which is given back, or with anything else, which stays as the producer wrote it. A `null` is no
/// member.
pub(crate) fn value(name: Octets, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<Option<Octets>> {
    match value.kind()? {
        Kind::Null => value.skip().map(|_| None),
        Kind::String => {
            let text = out.decode(&value.string()?);
            out.pair(name, text);
            Some(Some(text))
        }
        _ => {
            let octets = value.skip()?;
            out.pair_json(name, octets);
            Some(None)
        }
    }
}

/// A member that no rule knows. One with a full stop in its name could pass for another and is left out.
pub(crate) fn other(object: Option<Octets>, name: &Text<'_>, value: &mut Scanner<'_>, out: &mut Out<'_>) -> Option<()> {
    let own = out.decode(name);
    if out.get(own).contains(&b'.') {
        return value.skip().map(drop);
    }
    let name = full_name(object, name, out);
    self::value(name, value, out).map(drop)
}

/// A member that is an object, as the producer wrote it, while `read` looks into it. Of an object that was cut, the
/// members that are there. Anything else is treated as [`value`] does.
pub(crate) fn object(
    name: Octets,
    value: &mut Scanner<'_>,
    out: &mut Out<'_>,
    read: impl FnOnce(&mut Scanner<'_>, &mut Out<'_>) -> Option<()>,
) -> Option<()> {
    if value.kind()? != Kind::Object {
        return self::value(name, value, out).map(drop);
    }
    let mut start = value.clone();
    match value.octets_of(|value| read(value, out)) {
        Some(octets) => {
            out.pair_json(name, octets);
            Some(())
        }
        None => start.members(|member, value| {
            let name = full_name(Some(name), member, out);
            self::value(name, value, out).map(drop)
        }),
    }
}

/// A member that is an array of texts; `first` gets the first. Of an array that was cut, the texts that are there.
/// Anything else is treated as [`value`] does.
pub(crate) fn list(name: Octets, value: &mut Scanner<'_>, out: &mut Out<'_>, first: impl FnOnce(Octets)) -> Option<()> {
    if value.kind()? != Kind::Array {
        return self::value(name, value, out).map(drop);
    }
    let mut first = Some(first);
    out.pair_array(name);
    let whole = value.elements(|element| {
        if let Some(text) = element.string_or_skip()? {
            let text = out.decode(&text);
            out.element(text);
            if let Some(first) = first.take() {
                first(text);
            }
        }
        Some(())
    });
    out.end();
    whole
}
