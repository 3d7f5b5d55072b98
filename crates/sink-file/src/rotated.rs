//! Names of rotated files: how they are made, and how they are told from everybody else's.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

const STAMP_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// The name for `live` when it is put aside: `audit.jsonl` becomes `audit.20261121T101500Z-1.jsonl`.
pub(crate) fn rotated_name(live: &str, extension: &str, stamp: &str, number: u32) -> String {
    let stem = live.strip_suffix(extension).unwrap_or(live);
    format!("{stem}.{stamp}-{number}{extension}")
}

/// The stamp for a rotation at `moment`, in UTC.
pub(crate) fn stamp(moment: SystemTime) -> String {
    let moment = Timestamp::try_from(moment).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime(STAMP_FORMAT).to_string()
}

/// A stretch of a path below the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// `2026-11-21`
    Date,
    /// `00` to `23`, or any two digits
    Hour,
}

/// What the rotated files of one class, listener and instance look like, at any date and hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Names of directories.
    pub(crate) directories: Vec<Vec<Piece>>,
    /// The file name up to the stamp.
    stem: Vec<Piece>,
    extension: String,
}

/// What a rotated file's name says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rotation {
    /// When it was put aside.
    pub(crate) at: SystemTime,
    /// The how-manieth in that second.
    pub(crate) number: u32,
    /// Whether it has been compressed.
    pub(crate) is_compressed: bool,
}

impl Pattern {
    /// The pattern of a path made of `pieces`, whose file name ends in `extension`.
    pub(crate) fn new(pieces: impl Iterator<Item = Piece>, extension: &str) -> Self {
        let mut names = vec![Vec::new()];
        for piece in pieces {
            let Piece::Text(text) = piece else {
                last_of(&mut names).push(piece);
                continue;
            };
            for (index, stretch) in text.split('/').enumerate() {
                if index > 0 {
                    names.push(Vec::new());
                }
                if !stretch.is_empty() {
                    last_of(&mut names).push(Piece::Text(stretch.to_owned()));
                }
            }
        }
        let mut stem = names.pop().unwrap_or_default();
        if let Some(Piece::Text(last)) = stem.last_mut() {
            last.truncate(last.strip_suffix(extension).map_or(last.len(), str::len));
        }
        Self { directories: names, stem, extension: extension.to_owned() }
    }

    /// What `name` says, when it is the name of a rotated file of this pattern.
    pub(crate) fn rotation(&self, name: &str) -> Option<Rotation> {
        let rest = strip(&self.stem, name)?.strip_prefix('.')?;
        let (stamp, rest) = rest.split_once('-')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = rest.split_at(digits);
        let suffix = rest.strip_prefix(&*self.extension)?;
        let is_compressed = matches!(suffix, ".zst" | ".gz");
        if !(is_compressed || suffix.is_empty()) || number.starts_with('0') || stamp.len() != 16 {
            return None;
        }
        let civil = DateTime::strptime(STAMP_FORMAT, stamp).ok()?;
        let at = Offset::UTC.to_timestamp(civil).ok()?.as_second();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at).ok()?);
        Some(Rotation { at, number: number.parse().ok()?, is_compressed })
    }
}

fn last_of(names: &mut [Vec<Piece>]) -> &mut Vec<Piece> {
    names.last_mut().expect("there is a name from the start")
}

/// Whether `pieces` describe the whole of `name`.
pub(crate) fn matches(pieces: &[Piece], name: &str) -> bool {
    strip(pieces, name) == Some("")
}

/// What of `name` is left behind `pieces`.
fn strip<'a>(pieces: &[Piece], name: &'a str) -> Option<&'a str> {
    pieces.iter().try_fold(name, |rest, piece| match piece {
        Piece::Text(text) => rest.strip_prefix(text.as_str()),
        Piece::Date => shaped(rest, "dddd-dd-dd"),
        Piece::Hour => shaped(rest, "dd"),
    })
}

/// What of `text` is left behind a stretch of the shape: `d` is a digit, everything else itself.
fn shaped<'a>(text: &'a str, shape: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(shape.len())?;
    let fits = |(octet, shape): (u8, u8)| if shape == b'd' { octet.is_ascii_digit() } else { octet == shape };
    head.bytes().zip(shape.bytes()).all(fits).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(pieces: &[Piece], extension: &str) -> Pattern {
        Pattern::new(pieces.iter().cloned(), extension)
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn the_stamp_stands_before_the_extension_and_reads_back() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_256_100);
        for (live, extension) in [("audit.jsonl", ".jsonl"), ("audit", ""), ("cf.uaa.audit", "")] {
            let name = rotated_name(live, extension, &stamp(at), 12);
            let pattern = pattern(&[text(live)], extension);
            assert_eq!(pattern.rotation(&name), Some(Rotation { at, number: 12, is_compressed: false }), "{name}");
            let compressed = pattern.rotation(&format!("{name}.zst")).unwrap();
            assert!(compressed.is_compressed);
        }
        assert_eq!(rotated_name("audit.jsonl", ".jsonl", &stamp(at), 1), "audit.20261121T101500Z-1.jsonl");
    }

    #[test]
    fn names_of_others_are_not_taken_for_ours() {
        let audit = pattern(&[text("audit.jsonl")], ".jsonl");
        for name in [
            "audit.jsonl",
            "audit.jsonl.1",
            "audit-20261121.jsonl",
            "audit.20261121T101500Z.jsonl",
            "audit.20261121T101500Z-.jsonl",
            "audit.20261121T101500Z-01.jsonl",
            "audit.20261121T101500Z-1.jsonl.bak",
            "audit.20261121T101500Z-1.jsonl.zst.partial",
            "audit.20261121T101500Z-1.json",
            "audit.20261321T101500Z-1.jsonl",
            "audit.2026112T101500Z-1.jsonl",
            "other.20261121T101500Z-1.jsonl",
            "xaudit.20261121T101500Z-1.jsonl",
        ] {
            assert_eq!(audit.rotation(name), None, "{name}");
        }
    }

    #[test]
    fn dates_and_hours_match_any_and_slashes_make_directories() {
        let dated = pattern(&[text("cef/x-"), Piece::Date, text("/"), Piece::Hour, text(".log")], ".log");
        assert_eq!(dated.directories, [vec![text("cef")], vec![text("x-"), Piece::Date]]);
        assert!(matches(&dated.directories[1], "x-2026-11-20") && !matches(&dated.directories[1], "x-2026-11-20b"));
        assert!(!matches(&dated.directories[1], "x-2026-1é-0"));
        assert!(dated.rotation("07.20261121T101500Z-1.log.gz").is_some());
        assert!(dated.rotation("7.20261121T101500Z-1.log").is_none());
    }
}
