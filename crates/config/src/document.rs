//! From a file to a checked configuration.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::checks::check;
use crate::config::Config;
use crate::keys::{EMBEDDED, SECTIONS, section};
use crate::names::is_section_name;
use crate::problem::{Problem, Severity};
use crate::read::{Reader, joined};
use crate::report::Report;
use crate::source::{FILE_BYTES_MAX, Source, read_text};
use crate::value::found;
use crate::values::Values;

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What came of reading a configuration.
#[derive(Debug)]
pub struct Outcome {
    /// The configuration; `None` when any problem is an error.
    pub config: Option<Config>,
    /// Every problem, in the order of the file. Without errors these are warnings.
    pub problems: Vec<Problem>,
}

/// Reads and checks the file at `path`; without one, the configuration is [`Config::embedded`].
///
/// All mistakes are found at once (up to [`ERRORS_MAX`](crate::ERRORS_MAX)), unless the file is no TOML: then only the
/// mistakes in its syntax are told.
/// `environment` answers `${env:X}`. Reads, besides the file, what it refers to (`${file:…}`, certificates, keys), each
/// within a limit; writes nothing, binds nothing, resolves no host name.
/// Worst case: a file of [`FILE_BYTES_MAX`] is held in memory with about ten times its size of parsed values.
#[must_use]
pub fn load(path: Option<&Path>, environment: Environment<'_>) -> Outcome {
    load_with(path, environment, &mut |_, _| ())
}

/// Like [`load`], with `further` checks that need more than this crate knows: certificate chains, limits of the machine.
///
/// `further` runs after all other checks, also when they found errors, so that its own are told in the same go. It then
/// gets the configuration as far as it can be read: without the listeners and sinks that lack what makes them one, and
/// with the default for every other wrong value.
#[must_use]
pub fn load_with(
    path: Option<&Path>,
    environment: Environment<'_>,
    further: &mut dyn FnMut(&Config, &mut Report),
) -> Outcome {
    let text = match path.map(|path| read_text(path, FILE_BYTES_MAX)) {
        None => String::new(),
        Some(Ok(text)) => text,
        Some(Err(fault)) => {
            let mut report = Report::new(path.map(Path::to_owned));
            report.refuse_file(fault);
            return Outcome { config: None, problems: report.into_problems(false) };
        }
    };
    read_document(&text, path, environment, further)
}

/// Like [`load`], for a text that is already in memory and would stand in `file`.
#[must_use]
pub fn load_text(text: &str, file: Option<&Path>, environment: Environment<'_>) -> Outcome {
    read_document(text, file, environment, &mut |_, _| ())
}

fn read_document(
    text: &str,
    file: Option<&Path>,
    environment: Environment<'_>,
    further: &mut dyn FnMut(&Config, &mut Report),
) -> Outcome {
    let mut report = Report::new(file.map(Path::to_owned));
    let source = Source::new(text);
    let Some(document) = parse(&source, &mut report) else {
        return Outcome { config: None, problems: report.into_problems(false) };
    };
    let directory = file.and_then(Path::parent).unwrap_or(Path::new(""));
    let mut reader = Reader { source: Some(&source), directory, environment, report: &mut report };
    let config = Config::from_sections(&Sections::read(&document, &mut reader));
    check(&config, &mut report);
    further(&config, &mut report);
    let problems = report.into_problems(config.strict);
    let is_refused = problems.iter().any(|problem| problem.severity == Severity::Error);
    Outcome { config: (!is_refused).then_some(config), problems }
}

/// Parses the text. A key given twice is reported, and the rest is read as if its first value stood alone; any other
/// mistake in the syntax makes everything after it doubtful.
fn parse<'a>(source: &Source<'a>, report: &mut Report) -> Option<DeTable<'a>> {
    const SYNTAX_PROBLEMS_MAX: usize = 20;
    let (document, errors) = DeTable::parse_recoverable(source.text);
    let is_duplicate = |message: &str| message.starts_with("duplicate key");
    for error in errors.iter().take(SYNTAX_PROBLEMS_MAX) {
        let span = error.span().unwrap_or_default();
        let place = Some(source.place(span.start));
        if is_duplicate(error.message()) {
            let key = source.text.get(span).unwrap_or_default();
            report.error_at(place, key, "it a second time".to_owned(), "each key and section once".to_owned());
        } else {
            let (found, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), "TOML"));
            report.error_at(place, "", format!("a mistake in the syntax: {found}"), expected.to_owned());
        }
    }
    errors.iter().all(|error| is_duplicate(error.message())).then(|| document.into_inner())
}

/// The values of every section, read by the table of keys.
pub(crate) struct Sections {
    pub(crate) top: Values,
    /// By name, in the order of the file.
    pub(crate) listeners: Vec<(String, Values)>,
    pub(crate) sinks: Vec<(String, Values)>,
    pub(crate) journal: Values,
    pub(crate) redaction: Values,
    pub(crate) admin: Values,
    pub(crate) limits: Values,
    pub(crate) drain: Values,
    pub(crate) log: Values,
    /// With their numbers, from 1.
    pub(crate) tests: Vec<(usize, Values)>,
    /// Neither a listener nor a sink is named: the two kinds are the default ones.
    pub(crate) are_embedded: bool,
}

impl Sections {
    fn read(document: &DeTable<'_>, reader: &mut Reader<'_>) -> Self {
        let top = reader.top(document);
        let are_embedded = !document.contains_key("listener") && !document.contains_key("sink");
        let (listeners, sinks) = if are_embedded {
            let embedded = DeTable::parse(EMBEDDED).expect("the embedded configuration is TOML").into_inner();
            let source = reader.source.take();
            let read = (reader.named(&embedded, "listener"), reader.named(&embedded, "sink"));
            reader.source = source;
            read
        } else {
            let read = (reader.named(document, "listener"), reader.named(document, "sink"));
            for (kind, sections) in [("listener", &read.0), ("sink", &read.1)] {
                if sections.is_empty() && !reader.report.is_faulty(kind) {
                    let expected =
                        format!("at least one [{kind}.NAME]: naming any listener or sink replaces all default ones");
                    reader.report.error(kind, format!("no {kind}"), expected);
                }
            }
            read
        };
        Self {
            top,
            listeners,
            sinks,
            journal: reader.single(document, "journal"),
            redaction: reader.single(document, "redaction"),
            admin: reader.single(document, "admin"),
            limits: reader.single(document, "limits"),
            drain: reader.single(document, "drain"),
            log: reader.single(document, "log"),
            tests: reader.listed(document, "test"),
            are_embedded,
        }
    }
}

impl Reader<'_> {
    /// Reads the keys outside any section; a name that is neither a key nor a section is reported.
    fn top(&mut self, document: &DeTable<'_>) -> Values {
        let keys = section("").keys.iter().map(|key| key.name).collect::<Vec<_>>();
        let known = keys.iter().copied().chain(SECTIONS.iter().map(|section| section.name).skip(1)).collect::<Vec<_>>();
        let mut top = DeTable::new();
        for (name, value) in document {
            let key = name.get_ref().as_ref();
            if keys.contains(&key) {
                top.insert(name.clone(), value.clone());
            } else if !known.contains(&key) {
                self.unknown_key("", name, &known);
            }
        }
        self.section(section(""), "", &top)
    }

    /// Reads `[name]`.
    fn single(&mut self, document: &DeTable<'_>, name: &str) -> Values {
        let table = document.get_key_value(name).and_then(|(key, value)| {
            self.saw(name, key.span().start);
            self.as_table(name, value, &format!("a section: [{name}]"))
        });
        self.section(section(name), name, table.unwrap_or(&DeTable::new()))
    }

    /// Reads every `[kind.NAME]`, in the order of the file.
    fn named(&mut self, document: &DeTable<'_>, kind: &str) -> Vec<(String, Values)> {
        let Some((key, value)) = document.get_key_value(kind) else { return Vec::new() };
        self.saw(kind, key.span().start);
        let expected = format!("sections with names: [{kind}.NAME]");
        let Some(table) = self.as_table(kind, value, &expected) else { return Vec::new() };
        let mut sections = table.iter().collect::<Vec<_>>();
        sections.sort_by_key(|(name, _)| name.span().start);
        let mut read = Vec::new();
        for (name, value) in sections {
            let path = joined(kind, name.get_ref());
            self.saw(&path, name.span().start);
            if !is_section_name(name.get_ref()) {
                let expected = "a name of 1 to 64 letters, digits, \"_\" and \"-\"";
                self.report.error(&path, "a name that cannot be part of a path or a label", expected);
            }
            let is_key = section(kind).keys.iter().any(|key| key.name == name.get_ref().as_ref());
            let expected = match is_key {
                true => format!("the key inside a section with a name: [{kind}.NAME]"),
                false => format!("a section: [{path}]"),
            };
            if let Some(table) = self.as_table(&path, value, &expected) {
                read.push((name.get_ref().to_string(), self.section(section(kind), &path, table)));
            }
        }
        read
    }

    /// Reads every `[[name]]`, each with its number, from 1.
    fn listed(&mut self, document: &DeTable<'_>, name: &str) -> Vec<(usize, Values)> {
        let Some((key, value)) = document.get_key_value(name) else { return Vec::new() };
        self.saw(name, key.span().start);
        let expected = format!("a list of sections: [[{name}]]");
        let Some(items) = value.get_ref().as_array() else {
            self.report.error(name, found(value.get_ref()), expected);
            return Vec::new();
        };
        let mut read = Vec::new();
        for (number, item) in (1..).zip(items) {
            let path = format!("{name}[{number}]");
            self.saw(&path, item.span().start);
            if let Some(table) = self.as_table(&path, item, &expected) {
                read.push((number, self.section(section(name), &path, table)));
            }
            if self.report.is_full() {
                break;
            }
        }
        read
    }

    fn as_table<'t, 'i>(
        &mut self,
        path: &str,
        value: &'t Spanned<DeValue<'i>>,
        expected: &str,
    ) -> Option<&'t DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.report.error(path, found(value.get_ref()), expected);
        }
        table
    }
}
