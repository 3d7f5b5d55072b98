//! The text of a configuration file: read within a limit, and lines and columns in it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::problem::Fault;
use crate::report::Place;

/// The longest configuration file that is read, in bytes: 1 MiB. A longer one is refused unread.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// A configuration text and where its lines begin.
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    /// A byte order mark at the front is not part of the text.
    pub(crate) fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let after_line_feeds = text.match_indices('\n').map(|(line_feed, _)| line_feed + 1);
        Self { text, line_starts: std::iter::once(0).chain(after_line_feeds).collect() }
    }

    /// The line and column of the octet at `offset`; the end of the text for an offset beyond it.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let before = self.text[start..].char_indices().take_while(|(column, _)| start + column < offset);
        Place { line, column: before.count() + 1 }
    }
}

/// Reads `path` as text, at most `bytes_max` of it.
pub(crate) fn read_text(path: &Path, bytes_max: u64) -> Result<String, Fault> {
    let octets = read_octets(path, bytes_max)?;
    if let Some(offset) = octets.iter().position(|octet| *octet == 0) {
        return Err(Fault::new(format!("a NUL octet at byte {offset}"), "a text file in UTF-8"));
    }
    String::from_utf8(octets).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Fault::new(format!("octets that are not UTF-8 at byte {offset}"), "a text file in UTF-8")
    })
}

/// Reads the whole of `path`, at most `bytes_max` of it. Pipes and devices work too: never more than the limit is read.
pub(crate) fn read_octets(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: std::io::Error| {
        Fault::new(format!("{} ({error})", path.display()), "the path of a file that this user may read")
    };
    let mut octets = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(bytes_max + 1).read_to_end(&mut octets).map_err(unreadable)?;
    if octets.len() as u64 > bytes_max {
        let found = format!("{}, which is longer than {bytes_max} bytes", path.display());
        return Err(Fault::new(found, format!("at most {bytes_max} bytes")));
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, offset: usize, line: usize, column: usize) {
        assert_eq!(Source::new(text).place(offset), Place { line, column }, "{text:?} at {offset}");
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        check("a = 1\nb = 2", 0, 1, 1);
        check("a = 1\nb = 2", 6, 2, 1);
        check("a = 1\nb = 2", 10, 2, 5);
        check("a = 1\r\nb = 2", 7, 2, 1);
        check("", 0, 1, 1);
    }

    #[test]
    fn columns_are_characters() {
        check("ü = 1", 3, 1, 3);
    }

    #[test]
    fn an_offset_beyond_the_text_is_its_end() {
        check("a\n", 99, 2, 1);
    }
}
