//! A section of the document, read by the table of keys.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document::Environment;
use crate::interpolate::interpolate;
use crate::keys::{Fallback, Key, Kind, SECTIONS, Section};
use crate::names::key_part;
use crate::nearest::nearest;
use crate::problem::{Fault, alternatives, quoted};
use crate::report::{Place, Report};
use crate::secret::{Secret, is_reference};
use crate::source::Source;
use crate::value::{Value, expected, found, from_plain, from_text};
use crate::values::Values;

/// Reads sections, and reports everything that is wrong in them.
pub(crate) struct Reader<'a> {
    /// `None` for text of our own, whose places would mean nothing to anybody.
    pub(crate) source: Option<&'a Source<'a>>,
    /// Where relative paths start.
    pub(crate) directory: &'a Path,
    pub(crate) environment: Environment<'a>,
    pub(crate) report: &'a mut Report,
}

/// What the table's selector says about which keys apply.
enum Selected {
    /// The table has no selector.
    Everything,
    Word(String),
    /// Its value was wrong: nothing more is said about keys that belong to some words only.
    Unknown,
}

impl Reader<'_> {
    /// Reads `table`, which is `section` and has the full key `path`.
    pub(crate) fn section(&mut self, section: &'static Section, path: &str, table: &DeTable<'_>) -> Values {
        self.table(section.keys, section.selector, path, table)
    }

    /// Reports `name`, which is no key of the place where it stands.
    pub(crate) fn unknown_key(&mut self, path: &str, name: &Spanned<impl AsRef<str>>, known: &[&str]) {
        if self.report.is_full() {
            return;
        }
        let (key, place) = (name.get_ref().as_ref(), self.place(name.span().start));
        let expected = match nearest(key, known.iter().copied()) {
            Some(near) => format!("{near:?}"),
            None => match SECTIONS.iter().find(|section| section.keys.iter().any(|other| other.name == key)) {
                Some(section) => format!("{key:?} in {}", section.header()),
                None => format!("one of {}", alternatives(known.iter().copied())),
            },
        };
        self.report.error_at(place, &joined(path, key), "an unknown key".to_owned(), expected);
    }

    /// The place of the octet at `offset`.
    pub(crate) fn place(&self, offset: usize) -> Option<Place> {
        self.source.map(|source| source.place(offset))
    }

    /// Remembers the place of the key `path`.
    pub(crate) fn saw(&mut self, path: &str, offset: usize) {
        if let Some(place) = self.place(offset) {
            self.report.saw(path, place);
        }
    }

    fn table(
        &mut self,
        keys: &'static [Key],
        selector: Option<&'static str>,
        path: &str,
        table: &DeTable<'_>,
    ) -> Values {
        let mut values = Values::default();
        let mut selected = Selected::Everything;
        let is_selector = |key: &&Key| Some(key.name) == selector;
        for key in keys.iter().filter(is_selector).chain(keys.iter().filter(|key| !is_selector(key))) {
            // Of a name with several entries only one is looked at.
            if !std::ptr::eq(key, entry(keys, key.name, &selected)) {
                continue;
            }
            let key_path = joined(path, key.name);
            let given = table.get_key_value(key.name);
            let value = match given {
                Some((name, value)) => {
                    self.saw_value(&key_path, name.span().start, value);
                    self.given(keys, key, &key_path, value, selector, &selected)
                }
                None => self.absent(key, &key_path, &selected),
            };
            if is_selector(&key) {
                selected = match &value {
                    Some(Value::Text(word)) => Selected::Word(word.clone()),
                    _ => Selected::Unknown,
                };
                values.is_unusable = matches!(selected, Selected::Unknown);
            }
            if let Some(value) = value.or_else(|| self.default(key, &key_path)) {
                values.insert(key.name, value);
            }
        }
        self.unknown_keys(path, table, keys, &selected);
        values
    }

    /// Reports the keys of `table` that `keys` does not have. Suggests those that apply.
    fn unknown_keys(&mut self, path: &str, table: &DeTable<'_>, keys: &'static [Key], selected: &Selected) {
        let mut known = Vec::new();
        for key in keys.iter().filter(|key| applies(key, selected) != Some(false)) {
            if !known.contains(&key.name) {
                known.push(key.name);
            }
        }
        let is_unknown = |name: &str| keys.iter().all(|key| key.name != name);
        for name in table.keys().filter(|name| is_unknown(name.get_ref())) {
            self.unknown_key(path, name, &known);
        }
    }

    /// Remembers the place of the key `path`: that of its value, or of its name when the value is a table.
    fn saw_value(&mut self, path: &str, name_offset: usize, value: &Spanned<DeValue<'_>>) {
        let is_table = matches!(value.get_ref(), DeValue::Table(_));
        self.saw(path, if is_table { name_offset } else { value.span().start });
    }

    fn given(
        &mut self,
        keys: &'static [Key],
        key: &'static Key,
        path: &str,
        value: &Spanned<DeValue<'_>>,
        selector: Option<&str>,
        selected: &Selected,
    ) -> Option<Value> {
        match (applies(key, selected), selected) {
            (Some(true), _) => self.value(&key.kind, path, value, key.default.example()),
            (None, _) | (_, Selected::Everything | Selected::Unknown) => None,
            (Some(false), Selected::Word(word)) => {
                let selector = selector.unwrap_or_default();
                let found = format!("it with {selector} = {word:?}");
                let entries = keys.iter().filter(|other| other.name == key.name);
                let words = entries.flat_map(|entry| entry.only.iter().copied());
                self.report.error(path, found, format!("it only with {selector} = {}", alternatives(words)));
                None
            }
        }
    }

    fn absent(&mut self, key: &'static Key, path: &str, selected: &Selected) -> Option<Value> {
        if let (Fallback::Required { example }, Some(true)) = (&key.default, applies(key, selected)) {
            self.report.error(path, "nothing", format!("{} = {example}", key.name));
        }
        self.default(key, path)
    }

    /// The value of a key that the file does not give, or gives wrongly.
    fn default(&mut self, key: &'static Key, path: &str) -> Option<Value> {
        let Fallback::Value(text) = key.default else { return None };
        let value = DeValue::parse(text).expect("defaults of the table are TOML");
        // The text is ours: it has no place in the file.
        let source = self.source.take();
        let value = self.value(&key.kind, path, &value, text);
        self.source = source;
        value
    }

    fn value(&mut self, kind: &'static Kind, path: &str, value: &Spanned<DeValue<'_>>, example: &str) -> Option<Value> {
        match (kind, value.get_ref()) {
            (Kind::Later, other) => {
                let expected = "no such key: it is not there yet, a later version will have it";
                self.report.error(path, found(other), expected);
                None
            }
            (Kind::Table { keys, selector }, DeValue::Table(table)) => {
                Some(Value::Table(self.table(keys, *selector, path, table)))
            }
            (Kind::Properties, DeValue::Table(table)) => Some(Value::Properties(self.properties(path, table))),
            (Kind::Fields, DeValue::Table(table)) => Some(Value::Fields(self.fields(path, table))),
            (Kind::Secret, other) => self.secret(path, other, example),
            (Kind::List { of, min }, DeValue::Array(items)) => {
                if items.len() < *min {
                    let expected = format!("at least {min}, such as {example}");
                    self.report.error(path, "an empty list", expected);
                    return None;
                }
                let mut texts = Vec::new();
                for item in items {
                    match self.scalar(of, path, item, example) {
                        Some(Value::Text(text)) => texts.push(text),
                        _ if self.report.is_full() => break,
                        _ => {}
                    }
                }
                Some(Value::Texts(texts))
            }
            _ => self.scalar(kind, path, value, example),
        }
    }

    fn scalar(&mut self, kind: &Kind, path: &str, value: &Spanned<DeValue<'_>>, example: &str) -> Option<Value> {
        let mut shown = match kind.holds_secrets() {
            true => "a value that is not shown".to_owned(),
            false => found(value.get_ref()),
        };
        let checked = match value.get_ref() {
            DeValue::String(raw) => {
                self.saw_text(path, value, raw);
                self.text(kind, path, raw, example, &mut shown)
            }
            other => from_plain(kind, other, example),
        };
        checked
            .map_err(|fault| {
                let place = self.place(value.span().start);
                self.report.error_at(place, path, fault.found.unwrap_or(shown), fault.expected);
            })
            .ok()
    }

    /// Remembers where the text of `path` begins behind its quotes, where it stands there as it is: without escapes, and with
    /// nothing to fill in.
    fn saw_text(&mut self, path: &str, value: &Spanned<DeValue<'_>>, raw: &str) {
        let Some(source) = self.source else { return };
        let written = &source.text[value.span()];
        if let Some(offset) = written.find(raw).filter(|_| !raw.contains("${")) {
            self.report.saw_text(path, source.place(value.span().start + offset));
        }
    }

    /// A secret stands in a variable or a file; whatever else is found in its place may be one, and is not shown.
    fn secret(&mut self, path: &str, value: &DeValue<'_>, example: &str) -> Option<Value> {
        let raw = value.as_str().filter(|raw| is_reference(raw));
        let filled = match raw.map(|raw| (raw, interpolate(raw, self.directory, self.environment))) {
            None => Err(Fault::new(
                "a secret in the configuration itself, which is not shown",
                expected(&Kind::Secret, example),
            )),
            Some((raw, Ok(filled))) if filled.text.is_empty() => {
                Err(Fault::new(format!("{raw}, which is empty"), "a value that is not empty"))
            }
            Some((raw, Ok(filled))) => {
                self.report.keep_secret(path, format!("the value of {raw}, which is not shown"));
                Ok(Value::Secret(Secret::new(filled.text, filled.file)))
            }
            Some((_, Err(fault))) => Err(fault),
        };
        filled.map_err(|fault| self.report.error(path, fault.found.unwrap_or_default(), fault.expected)).ok()
    }

    /// `shown` becomes what may be shown of the text: what was filled in from a variable, but nothing from a file.
    fn text(&mut self, kind: &Kind, path: &str, raw: &str, example: &str, shown: &mut String) -> Result<Value, Fault> {
        if matches!(kind, Kind::List { .. } | Kind::Table { .. } | Kind::Properties | Kind::Fields) {
            return Err(Fault::expected(expected(kind, example)));
        }
        if matches!(kind, Kind::Verbatim { .. }) {
            return from_text(kind, raw, example, self.directory);
        }
        let filled = interpolate(raw, self.directory, self.environment)?;
        if filled.is_secret() {
            *shown = format!("the value of {}, which is not shown", quoted(raw));
            self.report.keep_secret(path, shown.clone());
        } else if filled.text != raw {
            *shown = format!("{} (from {})", quoted(&filled.text), quoted(raw));
        }
        from_text(kind, &filled.text, example, self.directory).map_err(|mut fault| {
            if filled.is_secret() {
                fault = Fault::expected(expected(kind, example));
            }
            fault
        })
    }
}

/// The entry of `keys` for `name`: where there are several, the one that applies.
fn entry(keys: &'static [Key], name: &str, selected: &Selected) -> &'static Key {
    let entries = || keys.iter().filter(|key| key.name == name);
    let applying = entries().find(|key| applies(key, selected) == Some(true));
    applying.or_else(|| entries().next()).expect("only names of the table are asked for")
}

/// Whether `key` applies; `None` when that cannot be told.
fn applies(key: &Key, selected: &Selected) -> Option<bool> {
    match selected {
        _ if key.only.is_empty() => Some(true),
        Selected::Everything => Some(true),
        Selected::Word(word) => Some(key.only.contains(&word.as_str())),
        Selected::Unknown => None,
    }
}

/// `path` and `name` as one key.
pub(crate) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { key_part(name) } else { format!("{path}.{}", key_part(name)) }
}
