//! The table of all keys: the one place that says what can be configured.

mod intake;
mod process;
mod sinks;

use crate::choices::Choices;

pub(crate) use process::EMBEDDED;

/// Every section, in the order of the reference.
pub(crate) const SECTIONS: &[&Section] = &[
    &process::TOP,
    &intake::LISTENER,
    &process::JOURNAL,
    &sinks::SINK,
    &process::ADMIN,
    &process::LIMITS,
    &process::DRAIN,
    &process::LOG,
];

/// The section called `name`; the keys outside any section are called ``.
pub(crate) fn section(name: &str) -> &'static Section {
    let found = SECTIONS.iter().find(|section| section.name == name);
    found.expect("only sections of the table are asked for")
}

/// A section of the file.
#[derive(Debug)]
pub(crate) struct Section {
    /// `""` for the keys outside any section.
    pub(crate) name: &'static str,
    /// Whether there are several, each with a name of its own: `[listener.NAME]`.
    pub(crate) named: bool,
    /// The key whose word decides which other keys apply (`Key::only`).
    pub(crate) selector: Option<&'static str>,
    pub(crate) meaning: &'static str,
    pub(crate) keys: &'static [Key],
}

impl Section {
    /// How its header is written.
    pub(crate) fn header(&self) -> String {
        match (self.name, self.named) {
            ("", _) => "the top of the file".to_owned(),
            (name, true) => format!("[{name}.NAME]"),
            (name, false) => format!("[{name}]"),
        }
    }
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) default: Fallback,
    /// The words of the section's selector with which the key applies; empty for all of them.
    pub(crate) only: &'static [&'static str],
    /// One sentence, with its full stop.
    pub(crate) meaning: &'static str,
    /// What it costs at most, or what goes wrong at most; with its full stop.
    pub(crate) worst: &'static str,
}

/// What holds when a key is not given.
#[derive(Debug)]
pub(crate) enum Fallback {
    /// This value, as it would be written in the file.
    Value(&'static str),
    /// No value; `so` says what that means, `example` how one would be written.
    Absent { so: &'static str, example: &'static str },
    /// The key has to be given.
    Required { example: &'static str },
}

impl Fallback {
    /// A right value, as it would be written in the file.
    pub(crate) const fn example(&self) -> &'static str {
        match self {
            Self::Value(text) | Self::Absent { example: text, .. } | Self::Required { example: text } => text,
        }
    }
}

/// What values a key takes.
#[derive(Debug)]
pub(crate) enum Kind {
    Bool,
    /// A whole number.
    Integer {
        min: u64,
        max: u64,
    },
    /// Bytes, with a unit.
    Size {
        min: u64,
        max: u64,
    },
    /// Milliseconds here, a duration with units in the file; `off` is one more word for "none".
    Duration {
        min: u64,
        max: u64,
        off: bool,
    },
    Choice(&'static Choices),
    /// A name that becomes part of paths and labels.
    Instance,
    /// A pattern of host names in certificates.
    HostPattern,
    /// A class, a prefix and `.*`, or `*`.
    ClassPattern,
    /// A host and port, a unix socket or an activated one; with `off`, also that word, and no unix sockets.
    Address {
        off: bool,
    },
    /// A path; relative ones start at the directory of the configuration file.
    Path,
    /// A path with placeholders.
    Template,
    /// Permission bits in octal.
    Mode {
        max: u32,
    },
    /// `user:group`.
    Owner,
    /// A list of at least `min` values, each of one kind.
    List {
        of: &'static Self,
        min: usize,
    },
    /// A table inside the section.
    Table(&'static [Key]),
    /// A later version will have the key; this one refuses it and says so.
    Later,
}

pub(crate) const KIB: u64 = 1 << 10;
pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const GIB: u64 = 1 << 30;
pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const DAY: u64 = 86_400 * SECOND;

/// Not a number any machine has: an upper end that only keeps sums from overflowing.
pub(crate) const SIZE_MAX: u64 = 1 << 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn each(keys: &'static [Key], check: &mut dyn FnMut(&Key)) {
        for key in keys {
            check(key);
            if let Kind::Table(inner) = key.kind {
                each(inner, check);
            }
        }
    }

    #[test]
    fn every_key_is_described_in_whole_sentences() {
        for section in SECTIONS {
            each(section.keys, &mut |key| {
                let is_word = key.name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'_');
                assert!(is_word, "{}", key.name);
                assert!(key.meaning.ends_with('.') && key.worst.ends_with('.'), "{}", key.name);
                assert!(!key.meaning.contains('|') && !key.worst.contains('|'), "{}: breaks the reference", key.name);
            });
        }
    }

    #[test]
    fn names_are_unique_in_their_section() {
        for section in SECTIONS {
            let mut names = section.keys.iter().map(|key| key.name).collect::<Vec<_>>();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{}", section.name);
        }
    }

    #[test]
    fn a_key_for_some_words_belongs_to_a_section_with_a_selector() {
        for section in SECTIONS {
            let selector = section.keys.iter().find(|key| Some(key.name) == section.selector);
            assert_eq!(selector.is_some(), section.selector.is_some());
            for key in section.keys.iter().filter(|key| !key.only.is_empty()) {
                let Some(Key { kind: Kind::Choice(choices), .. }) = selector else { panic!("{}", key.name) };
                let known =
                    |word: &&str| choices.now.iter().any(|(now, _)| now == word) || choices.later.contains(word);
                assert!(key.only.iter().all(known), "{}", key.name);
            }
        }
    }
}
