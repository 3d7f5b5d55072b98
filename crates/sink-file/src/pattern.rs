//! Paths of a template, read back: what could have been made by this sink, and for which records.

use std::time::SystemTime;

use jiff::civil::Date;
use record::{Class, ClassMask};

use crate::name::Tail;
use crate::period::Period;
use crate::template::checked;

/// A stretch of a name below the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Class,
    Listener,
    /// `2026-11-21`
    Date,
    /// `00` to `23`
    Hour,
}

/// What the paths of one sink look like. `{instance}` is text here: another instance's files are not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Names of directories.
    directories: Vec<Vec<Piece>>,
    /// The file name without its extension.
    stem: Vec<Piece>,
    extension: String,
    /// Classes of which this sink has files at all.
    take: ClassMask,
    /// What a date in the path stands for. None without one: an hour alone comes back the next day.
    period: Option<Period>,
}

/// The class and the listener of a path, where the template has them. Retention counts for each group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) class: Option<Class>,
    pub(crate) listener: Option<String>,
}

/// What the names of a path have said so far. A value that is known already must come again as it was.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading<'a> {
    class: Option<Class>,
    listener: Option<&'a str>,
    date: Option<Date>,
    hour: Option<i8>,
}

impl Pattern {
    /// The pattern of paths made of `pieces`, whose file names end in `extension`.
    pub(crate) fn new(pieces: impl Iterator<Item = Piece>, extension: &str, take: ClassMask) -> Self {
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
        let has = |piece: &Piece| names.iter().flatten().any(|other| other == piece);
        let period = has(&Piece::Date).then(|| if has(&Piece::Hour) { Period::Hour } else { Period::Day });
        let mut stem = names.pop().unwrap_or_default();
        if let Some(Piece::Text(last)) = stem.last_mut() {
            last.truncate(last.strip_suffix(extension).map_or(last.len(), str::len));
        }
        Self { directories: names, stem, extension: extension.to_owned(), take, period }
    }

    /// How many directories there are between the base and a file.
    pub(crate) const fn depth(&self) -> usize {
        self.directories.len()
    }

    pub(crate) const fn period(&self) -> Option<Period> {
        self.period
    }

    /// Reads the name of a directory that is `depth` directories below the base.
    pub(crate) fn read_directory<'a>(&self, depth: usize, name: &'a str, known: Reading<'a>) -> Option<Reading<'a>> {
        let read = |rest: &str| rest.is_empty().then_some(());
        self.read(self.directories.get(depth)?, name, known, &read).map(|(reading, ())| reading)
    }

    /// Reads the name of a file.
    pub(crate) fn read_file<'a>(&self, name: &'a str, known: Reading<'a>) -> Option<(Reading<'a>, Tail)> {
        self.read(&self.stem, name, known, &|rest| Tail::read(rest, &self.extension))
    }

    /// Reads `name` by `pieces`, and what is behind them by `rest`. Where a name can be read in several ways, which takes
    /// two placeholders side by side, the first listing of classes and the shortest listener count.
    fn read<'a, T>(
        &self,
        pieces: &[Piece],
        name: &'a str,
        known: Reading<'a>,
        rest: &dyn Fn(&str) -> Option<T>,
    ) -> Option<(Reading<'a>, T)> {
        let Some((piece, pieces)) = pieces.split_first() else {
            return rest(name).map(|rest| (known, rest));
        };
        let go_on = |name: &'a str, known| self.read(pieces, name, known, rest);
        match piece {
            Piece::Text(text) => go_on(name.strip_prefix(text.as_str())?, known),
            Piece::Class => self
                .take
                .iter()
                .filter(|class| known.class.is_none_or(|known| known == *class))
                .find_map(|class| go_on(name.strip_prefix(class.name())?, Reading { class: Some(class), ..known })),
            Piece::Listener => match known.listener {
                Some(listener) => go_on(name.strip_prefix(listener)?, known),
                None => (1..=name.len())
                    .map_while(|len| checked("listener", name.get(..len)?).ok())
                    .find_map(|listener| go_on(&name[listener.len()..], Reading { listener: Some(listener), ..known })),
            },
            Piece::Date => {
                let (text, name) = split_digits(name, "dddd-dd-dd")?;
                let date = text.parse::<Date>().ok().filter(|date| known.date.is_none_or(|known| known == *date))?;
                go_on(name, Reading { date: Some(date), ..known })
            }
            Piece::Hour => {
                let (text, name) = split_digits(name, "dd")?;
                let hour = text.parse::<i8>().ok().filter(|hour| *hour < 24)?;
                let hour = Some(hour).filter(|hour| known.hour.is_none_or(|known| known == *hour))?;
                go_on(name, Reading { hour: Some(hour), ..known })
            }
        }
    }
}

impl<'a> Reading<'a> {
    /// Only paths of `group`.
    pub(crate) fn of(group: &'a Group) -> Self {
        Self { class: group.class, listener: group.listener.as_deref(), ..Self::default() }
    }

    /// The group that the path belongs to.
    pub(crate) fn group(&self) -> Group {
        Group { class: self.class, listener: self.listener.map(str::to_owned) }
    }

    /// When the date or hour of the path is over.
    pub(crate) fn end(&self, period: Period) -> Option<SystemTime> {
        period.end(self.date?, self.hour.unwrap_or(0))
    }
}

fn last_of(names: &mut [Vec<Piece>]) -> &mut Vec<Piece> {
    names.last_mut().expect("there is a name from the start")
}

/// Splits off a stretch of the shape: `d` is a digit, everything else itself.
fn split_digits<'a>(text: &'a str, shape: &str) -> Option<(&'a str, &'a str)> {
    let (head, rest) = text.split_at_checked(shape.len())?;
    let fits = |(octet, shape): (u8, u8)| if shape == b'd' { octet.is_ascii_digit() } else { octet == shape };
    head.bytes().zip(shape.bytes()).all(fits).then_some((head, rest))
}

#[cfg(test)]
mod tests {
    use crate::PathTemplate;

    use super::*;

    /// Reads `path` by `template`; says class, listener, date and hour, and the tail.
    fn read(template: &str, take: ClassMask, path: &str) -> Option<(String, Tail)> {
        let template = format!("/b/{template}").parse::<PathTemplate>().unwrap();
        let pattern = template.pattern("me", take);
        let mut names = path.split('/').collect::<Vec<_>>();
        let file = names.pop().unwrap();
        assert_eq!(names.len(), pattern.depth(), "{path}");
        let mut reading = Reading::default();
        for (depth, name) in names.iter().enumerate() {
            reading = pattern.read_directory(depth, name, reading)?;
        }
        let (reading, tail) = pattern.read_file(file, reading)?;
        let class = reading.class.map_or("-", |class| class.name());
        let date = reading.date.map_or("-".to_owned(), |date| date.to_string());
        let hour = reading.hour.map_or("-".to_owned(), |hour| hour.to_string());
        Some((format!("{class} {} {date} {hour}", reading.listener.unwrap_or("-")), tail))
    }

    fn check(template: &str, path: &str, expected: Option<&str>) {
        let said = read(template, ClassMask::ALL, path).map(|(said, _)| said);
        assert_eq!(said.as_deref(), expected, "{template} {path}");
    }

    #[test]
    fn a_path_is_read_back_by_its_template() {
        check("{class}/{date}.jsonl", "cef/2026-11-20.jsonl", Some("cef - 2026-11-20 -"));
        check("{class}/{date}.jsonl", "cf.uaa.audit/2026-11-20.jsonl.3.zst", Some("cf.uaa.audit - 2026-11-20 -"));
        check("{listener}-{class}-{date}", "a-b-cef-2026-11-20", Some("cef a-b 2026-11-20 -"));
        check("{listener}/{date}/{hour}.log", "tls/2026-11-20/23.log", Some("- tls 2026-11-20 23"));
        check("{instance}-{date}.log", "me-2026-11-20.log.gz", Some("- - 2026-11-20 -"));
        check("{date}/{class}-{date}.log", "2026-11-20/cef-2026-11-20.log", Some("cef - 2026-11-20 -"));
        check("x-{date}/{hour}.log", "x-2026-11-20/07.20261121T101500Z-1.log.gz", Some("- - 2026-11-20 7"));
    }

    #[test]
    fn what_the_template_could_not_have_made_is_not_read() {
        for path in [
            "cef/2026-11-20.json",
            "cef/2026-13-20.jsonl",
            "cef/2026-02-29.jsonl",
            "cef/20261120.jsonl",
            "cef/2026-11-20.jsonl.bak",
            "cef/x2026-11-20.jsonl",
            "cef/2026-11-2é.jsonl",
            "cefx/2026-11-20.jsonl",
            "CEF/2026-11-20.jsonl",
            "no.such.class/2026-11-20.jsonl",
        ] {
            check("{class}/{date}.jsonl", path, None);
        }
        check("{date}/{hour}", "2026-11-20/24", None);
        check("{date}/{hour}", "2026-11-20/7", None);
        check("{instance}-{date}.log", "you-2026-11-20.log", None);
        check("{listener}/{date}", ".hidden/2026-11-20", None);
        check("{listener}/{date}", "a b/2026-11-20", None);
        check("{listener}/{date}", &format!("{}/2026-11-20", "x".repeat(65)), None);
        check("{date}/{class}-{date}.log", "2026-11-20/cef-2026-11-21.log", None);
        check("{class}/{class}.log", "cef/other.log", None);
        check("{listener}/{listener}.log", "tls/udp.log", None);
    }

    #[test]
    fn a_class_that_the_sink_does_not_take_is_another_sinks() {
        let take = ClassMask::parse("cef").unwrap();
        assert!(read("{class}/{date}", take, "cef/2026-11-20").is_some());
        assert!(read("{class}/{date}", take, "other/2026-11-20").is_none());
    }

    #[test]
    fn an_hour_without_a_date_has_no_end() {
        let period = |template: &str| template.parse::<PathTemplate>().unwrap().pattern("me", ClassMask::ALL).period();
        assert_eq!(period("/b/{class}/{hour}.log"), None);
        assert_eq!(period("/b/{class}.log"), None);
        assert_eq!(period("/b/{date}.log"), Some(Period::Day));
        assert_eq!(period("/b/{date}/{hour}.log"), Some(Period::Hour));
    }
}
