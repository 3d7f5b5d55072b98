//! The table of all keys: the one place that says what can be configured.

mod intake;
mod kafka;
mod process;
mod redaction;
mod sinks;
mod test;

use crate::choices::Choices;

pub(crate) use process::EMBEDDED;

/// Every section, in the order of the reference.
pub(crate) const SECTIONS: &[&Section] = &[
    &process::TOP,
    &intake::LISTENER,
    &process::JOURNAL,
    &sinks::SINK,
    &redaction::REDACTION,
    &process::ADMIN,
    &process::LIMITS,
    &process::DRAIN,
    &process::LOG,
    &test::TEST,
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
    pub(crate) form: Form,
    /// The key whose word decides which other keys apply (`Key::only`).
    pub(crate) selector: Option<&'static str>,
    pub(crate) meaning: &'static str,
    pub(crate) keys: &'static [Key],
}

/// How often a section stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Once.
    Single,
    /// Several times, each with a name of its own: `[listener.NAME]`.
    Named,
    /// Several times, in an order: `[[test]]`.
    Listed,
}

impl Section {
    /// How its header is written.
    pub(crate) fn header(&self) -> String {
        match (self.name, self.form) {
            ("", _) => "the top of the file".to_owned(),
            (name, Form::Single) => format!("[{name}]"),
            (name, Form::Named) => format!("[{name}.NAME]"),
            (name, Form::Listed) => format!("[[{name}]]"),
        }
    }
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) default: Fallback,
    /// The words of the selector with which the key applies; empty for all of them. A name that means something else with
    /// another word has an entry for each meaning.
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
    /// 1 to `max` octets without control characters.
    Text {
        max: usize,
    },
    /// 1 to `max` octets, whatever they are; nothing is filled in.
    Verbatim {
        max: usize,
    },
    /// A condition on records, of 1 to `max` octets. What it says is checked by who can evaluate it.
    Condition {
        max: usize,
    },
    /// The name of a flag of a record.
    Flag,
    /// The name of a class.
    Class,
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
    /// An address of the Internet Protocol, without a port.
    Ip,
    /// A host and port to connect to.
    Broker,
    /// `http://` or `https://`.
    Url,
    /// A path; relative ones start at the directory of the configuration file.
    Path,
    /// A path with placeholders.
    Template,
    /// The name of a Kafka topic, with placeholders.
    Topic,
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
    /// What nobody may read: it stands in a variable or a file, never in the configuration itself.
    Secret,
    /// A table inside the section.
    Table {
        keys: &'static [Key],
        /// As that of a section.
        selector: Option<&'static str>,
    },
    /// A table of librdkafka's properties, whose names are not ours.
    Properties,
    /// A table of fields of a record and the values that they should have. Nothing is filled in.
    Fields,
    /// A later version will have the key; this one refuses it and says so.
    Later,
}

impl Kind {
    /// A table whose keys all apply.
    const fn table(keys: &'static [Key]) -> Self {
        Self::Table { keys, selector: None }
    }

    /// Whether what is found in its place may be a secret, in the wrong form.
    pub(crate) fn holds_secrets(&self) -> bool {
        match self {
            Self::Secret | Self::Properties => true,
            Self::Table { keys, .. } => keys.iter().any(|key| key.kind.holds_secrets()),
            _ => false,
        }
    }
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

    /// Calls `check` for the keys of every section and table, together with their selector.
    fn each_table(check: &mut dyn FnMut(&'static [Key], Option<&'static str>)) {
        fn visit(
            keys: &'static [Key],
            selector: Option<&'static str>,
            check: &mut dyn FnMut(&'static [Key], Option<&'static str>),
        ) {
            check(keys, selector);
            for key in keys {
                if let Kind::Table { keys, selector } = key.kind {
                    visit(keys, selector, check);
                }
            }
        }
        SECTIONS.iter().for_each(|section| visit(section.keys, section.selector, check));
    }

    #[test]
    fn every_key_is_described_in_whole_sentences() {
        each_table(&mut |keys, _| {
            for key in keys {
                let is_word = key.name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'_');
                assert!(is_word, "{}", key.name);
                assert!(key.meaning.ends_with('.') && key.worst.ends_with('.'), "{}", key.name);
                assert!(!key.meaning.contains('|') && !key.worst.contains('|'), "{}: breaks the reference", key.name);
            }
        });
    }

    #[test]
    fn a_name_means_one_thing_with_each_word() {
        each_table(&mut |keys, _| {
            for (index, key) in keys.iter().enumerate() {
                for other in keys[..index].iter().filter(|other| other.name == key.name) {
                    let is_apart = !key.only.is_empty() && key.only.iter().all(|word| !other.only.contains(word));
                    assert!(is_apart && !other.only.is_empty(), "{}", key.name);
                }
            }
        });
    }

    #[test]
    fn a_key_for_some_words_belongs_to_a_table_with_a_selector() {
        each_table(&mut |keys, selector| {
            let key_of_selector = keys.iter().find(|key| Some(key.name) == selector);
            assert_eq!(key_of_selector.is_some(), selector.is_some());
            for key in keys.iter().filter(|key| !key.only.is_empty()) {
                let Some(Key { kind: Kind::Choice(choices), .. }) = key_of_selector else { panic!("{}", key.name) };
                let known = |word: &&str| choices.now.iter().any(|(now, _)| now == word);
                assert!(key.only.iter().all(known), "{}", key.name);
            }
        });
    }
}
