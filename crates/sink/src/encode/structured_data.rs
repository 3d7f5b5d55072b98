//! STRUCTURED-DATA as a JSON object: SD-ID to PARAM-NAME to PARAM-VALUE.

use std::collections::HashMap;

use header::{Item, StructuredData, Value};

use super::json_string::{write_json_string, write_json_text};

/// Appends the object. A PARAM-NAME that an element repeats has an array of its values, in order; an SD-ID that is
/// repeated is one member, with the parameters of all its elements.
pub(super) fn write(structured_data: StructuredData<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    if !write_without_repeats(structured_data, out) {
        out.truncate(start);
        write_merged(structured_data, out);
    }
}

/// Writes the members as they come. Gives up, and says `false`, when a name may have come before.
fn write_without_repeats(structured_data: StructuredData<'_>, out: &mut Vec<u8>) -> bool {
    let mut seen = Sieve::new();
    let mut element_count = 0;
    out.push(b'{');
    for item in structured_data.items() {
        let is_new = match item {
            Item::Element(id) => {
                if element_count > 0 {
                    out.push(b'}');
                }
                element_count += 1;
                write_name(id, out);
                out.push(b'{');
                seen.insert(0, id)
            }
            Item::Param(name, value) => {
                write_name(name, out);
                write_value(value, out);
                seen.insert(element_count, name)
            }
        };
        if !is_new {
            return false;
        }
    }
    out.extend_from_slice(if element_count > 0 { b"}}" } else { b"}" });
    true
}

/// An item, with the places at which its SD-ID and its PARAM-NAME came first.
struct Placed<'a> {
    element: usize,
    param: usize,
    item: Item<'a>,
}

/// Writes the members with equal names together, each group where its name came first. Sorts, and allocates about a
/// hundred bytes for each name.
fn write_merged(structured_data: StructuredData<'_>, out: &mut Vec<u8>) {
    let mut firsts = HashMap::new();
    let mut element = 0;
    let placed = structured_data.items().enumerate().map(|(place, item)| {
        let param = match item {
            Item::Element(id) => {
                element = *firsts.entry((None, id)).or_insert(place);
                element
            }
            Item::Param(name, _) => *firsts.entry((Some(element), name)).or_insert(place),
        };
        Placed { element, param, item }
    });
    let mut placed = placed.collect::<Vec<_>>();
    // Stable, so that the values of one name stay in the order in which they were sent.
    placed.sort_by_key(|placed| (placed.element, placed.param));

    out.push(b'{');
    for element in placed.chunk_by(|a, b| a.element == b.element) {
        for same_name in element.chunk_by(|a, b| a.param == b.param) {
            match same_name {
                [Placed { item: Item::Element(id), .. }, ..] => {
                    write_name(id, out);
                    out.push(b'{');
                }
                [Placed { item: Item::Param(name, value), .. }] => {
                    write_name(name, out);
                    write_value(*value, out);
                }
                _ => write_repeated(same_name, out),
            }
        }
        out.push(b'}');
    }
    out.push(b'}');
}

/// Writes parameters of one name as an array.
fn write_repeated(params: &[Placed<'_>], out: &mut Vec<u8>) {
    for (place, placed) in params.iter().enumerate() {
        if let Item::Param(name, value) = placed.item {
            if place == 0 {
                write_name(name, out);
            }
            out.push(if place == 0 { b'[' } else { b',' });
            write_value(value, out);
        }
    }
    out.push(b']');
}

/// Writes the name of a member and its colon, with a comma before it unless it is the first of its object.
fn write_name(name: &[u8], out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    write_json_string(name, out);
    out.push(b':');
}

fn write_value(value: Value<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    for piece in value.pieces() {
        write_json_text(piece, out);
    }
    out.push(b'"');
}

/// A set of names that may take a new one for an old one, but never an old one for a new one. Fixed in size.
struct Sieve([u64; 64]);

impl Sieve {
    const fn new() -> Self {
        Self([0; 64])
    }

    /// Adds `name` within `scope`; `false` when it may be in there already.
    fn insert(&mut self, scope: u64, name: &[u8]) -> bool {
        let sample = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(head), Some(tail)) => u64::from_le_bytes(*head) ^ u64::from_le_bytes(*tail).rotate_left(29),
            _ => name.iter().fold(0, |sample, octet| sample << 8 | u64::from(*octet)),
        };
        let hash = (sample ^ (scope << 56) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (word, bit) = ((hash >> 58) as usize, hash >> 52 & 63);
        let is_new = self.0[word] >> bit & 1 == 0;
        self.0[word] |= 1 << bit;
        is_new
    }
}
