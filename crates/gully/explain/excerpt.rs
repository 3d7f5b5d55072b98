//! Octets as text that is safe to show.

use std::fmt;
use std::ops::Range;

/// The beginning of octets, with everything escaped that a terminal could take for more than text.
pub(super) struct Excerpt<'a>(pub(super) &'a [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_BYTES_MAX: usize = 160;
        let shown = &self.0[..self.0.len().min(SHOWN_BYTES_MAX)];
        shown.iter().try_for_each(|octet| write_octet(*octet, f).map(drop))?;
        if shown.len() < self.0.len() { f.write_str("…") } else { Ok(()) }
    }
}

/// Writes an octet and tells how many characters that took.
fn write_octet(octet: u8, f: &mut impl fmt::Write) -> Result<usize, fmt::Error> {
    match octet {
        b'\\' => f.write_str("\\\\").map(|()| 2),
        b' '..=b'~' => f.write_char(char::from(octet)).map(|()| 1),
        octet => write!(f, "\\x{octet:02x}").map(|()| 4),
    }
}

/// The octets around `marked`, and a line of `^` below those that are marked.
pub(super) fn marked(octets: &[u8], marked: Range<usize>) -> (String, String) {
    const AROUND_BYTES: usize = 48;
    const MARKED_BYTES_MAX: usize = 96;
    let end = marked.end.min(marked.start + MARKED_BYTES_MAX).min(octets.len());
    let shown = marked.start.saturating_sub(AROUND_BYTES)..octets.len().min(end + AROUND_BYTES);
    let (mut text, mut marks) = (String::new(), String::new());
    if shown.start > 0 {
        text.push('…');
        marks.push(' ');
    }
    for index in shown.clone() {
        let width = write_octet(octets[index], &mut text).expect("a String takes everything");
        let mark = if (marked.start..end).contains(&index) { '^' } else { ' ' };
        marks.extend(std::iter::repeat_n(mark, width));
    }
    if shown.end < octets.len() {
        text.push('…');
    }
    (text, marks.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_below_what_they_mark() {
        let (text, marks) = marked(b"a\tCEF:0|", 2..6);
        assert_eq!(text, "a\\x09CEF:0|");
        assert_eq!(marks, "     ^^^^");
    }

    #[test]
    fn long_text_is_shown_around_the_mark() {
        let octets = [b"x".repeat(100), b"CEF:".to_vec(), b"y".repeat(100)].concat();
        let (text, marks) = marked(&octets, 100..104);
        assert!(text.starts_with("…xxx") && text.ends_with("yyy…") && text.contains("CEF:"));
        assert_eq!(marks.chars().filter(|mark| *mark == '^').count(), 4);
    }
}
