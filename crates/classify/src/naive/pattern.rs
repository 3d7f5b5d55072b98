//! Layouts as lists of parts, matched in every possible way.

/// A part of a layout.
pub(super) enum Part {
    /// These octets.
    Is(&'static str),
    /// These octets, where `0` stands for any digit.
    Shape(&'static str),
    /// One or more of the octets that the function accepts.
    Some(fn(u8) -> bool),
    /// The other parts, or nothing.
    Maybe(&'static [Self]),
    /// One of these.
    Either(&'static [&'static [Self]]),
    /// Any number of octets, without this one.
    Without(u8),
}

pub(super) const DIGITS: Part = Part::Some(|octet| octet.is_ascii_digit());
pub(super) const BLANKS: Part = Part::Some(|octet| octet == b' ');
pub(super) const CAPITALS: Part = Part::Some(|octet| octet.is_ascii_uppercase());
pub(super) const LETTERS: Part = Part::Some(|octet| octet.is_ascii_lowercase());
pub(super) const HYPHENATED: Part = Part::Some(|octet| octet.is_ascii_lowercase() || octet == b'-');

/// Every place at which `pattern` can end when it begins at the start of `text`, in ascending order.
pub(super) fn ends(pattern: &[Part], text: &[u8]) -> Vec<usize> {
    let mut places = vec![0];
    for part in pattern {
        let mut next: Vec<usize> = places.iter().flat_map(|place| after(part, text, *place)).collect();
        next.sort_unstable();
        next.dedup();
        places = next;
    }
    places
}

/// Every place at which `part` can end when it begins at `start`.
fn after(part: &Part, text: &[u8], start: usize) -> Vec<usize> {
    let rest = &text[start..];
    let run = |accepts: &dyn Fn(u8) -> bool| rest.iter().take_while(|octet| accepts(**octet)).count();
    let from = |pattern: &[Part]| ends(pattern, rest).into_iter().map(move |end| start + end);
    match part {
        Part::Is(expected) if rest.starts_with(expected.as_bytes()) => vec![start + expected.len()],
        Part::Shape(shape) if fits(shape, rest) => vec![start + shape.len()],
        Part::Is(_) | Part::Shape(_) => vec![],
        Part::Some(accepts) => (1..=run(accepts)).map(|len| start + len).collect(),
        Part::Maybe(pattern) => from(pattern).chain([start]).collect(),
        Part::Either(patterns) => patterns.iter().flat_map(|pattern| from(pattern)).collect(),
        Part::Without(octet) => (0..=run(&|other| other != *octet)).map(|len| start + len).collect(),
    }
}

fn fits(shape: &str, text: &[u8]) -> bool {
    text.len() >= shape.len()
        && shape
            .bytes()
            .zip(text)
            .all(|(expected, octet)| if expected == b'0' { octet.is_ascii_digit() } else { expected == *octet })
}
