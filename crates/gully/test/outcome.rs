//! How a test went.

use config::Test;
use extract::Extraction;
use record::Record;
use serde_json::{Value, json};
use sink::encode::{self, JsonOptions, RecordCore};

use super::field;
use crate::trial::{Choice, Tried};

/// A test, and where what was found differs from what it expects.
pub(super) struct Outcome<'a> {
    pub(super) test: &'a Test,
    pub(super) faults: Vec<Fault>,
}

/// One difference.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    /// The key of the test: `class`, `fields."user.name"`.
    pub(super) key: String,
    pub(super) expected: Value,
    /// `null`: there is none.
    pub(super) found: Value,
    /// Why it came out so, for people; may be empty.
    pub(super) why: String,
}

impl<'a> Outcome<'a> {
    /// Compares what became of the line of `test` with what it expects.
    pub(super) fn of<'c>(
        test: &'a Test,
        tried: &Tried,
        extraction: &Extraction<'_>,
        choices: impl Iterator<Item = (&'c str, Choice)>,
    ) -> Self {
        let mut outcome = Self { test, faults: Vec::new() };
        outcome.class(tried);
        outcome.fields(&as_json(&tried.record(), extraction));
        outcome.flags(extraction);
        outcome.sinks(&choices.collect::<Vec<_>>());
        outcome
    }

    /// Of a line that is no record.
    pub(super) fn without_record(test: &'a Test, fault: Fault) -> Self {
        Self { test, faults: vec![fault] }
    }

    pub(super) fn has_passed(&self) -> bool {
        self.faults.is_empty()
    }

    fn class(&mut self, tried: &Tried) {
        let found = tried.record().class().name();
        if let Some(expected) = self.test.class.as_ref().filter(|expected| *expected != found) {
            let rule = tried.verdict.rule;
            self.differs("class", json!(expected), json!(found), format!("{}: {}", rule.name(), rule.sentence()));
        }
    }

    fn fields(&mut self, record: &Value) {
        for (name, expected) in &self.test.fields {
            let (expected, found) = (field::as_json(expected), field::value(record, name).unwrap_or(&Value::Null));
            if *found != expected {
                self.differs(&format!("fields.{name:?}"), expected, found.clone(), String::new());
            }
        }
    }

    fn flags(&mut self, extraction: &Extraction<'_>) {
        let Some(expected) = &self.test.flags else { return };
        let found = extraction.flags().names().collect::<Vec<_>>();
        if !is_same_set(expected, &found) {
            self.differs("flags", json!(expected), json!(found), String::new());
        }
    }

    fn sinks(&mut self, choices: &[(&str, Choice)]) {
        let Some(expected) = &self.test.sinks else { return };
        let taken = choices.iter().filter(|(_, choice)| *choice == Choice::Taken).map(|(name, _)| *name);
        let found = taken.collect::<Vec<_>>();
        if is_same_set(expected, &found) {
            return;
        }
        let refused = choices.iter().filter(|(name, _)| expected.iter().any(|expected| expected == name));
        let why = refused.filter_map(|(name, choice)| Some(format!("{name}: {}", reason(*choice)?)));
        let why = why.collect::<Vec<_>>().join("; ");
        self.differs("sinks", json!(expected), json!(found), why);
    }

    fn differs(&mut self, key: &str, expected: Value, found: Value, why: String) {
        self.faults.push(Fault { key: key.to_owned(), expected, found, why });
    }
}

/// The record as a sink with encoding = "json" and all fields writes it, but for how it came here.
fn as_json(record: &Record<'_>, extraction: &Extraction<'_>) -> Value {
    let options = JsonOptions { native: true, ecs: true, ..JsonOptions::default() };
    let mut text = vec![b'{'];
    encode::write_extracted_core(&RecordCore::from(record), extraction, options, &mut text);
    text.push(b'}');
    serde_json::from_slice(&text).expect("the encoder writes JSON")
}

/// Why a sink does not take a record; `None`: it does.
fn reason(choice: Choice) -> Option<String> {
    match choice {
        Choice::Taken => None,
        Choice::OtherClass => Some("its take does not name the class".to_owned()),
        Choice::NotWhere => Some("its where does not hold".to_owned()),
        Choice::Dropped(list) => Some(format!("its drop list {list} has it")),
    }
}

fn is_same_set(expected: &[String], found: &[&str]) -> bool {
    expected.iter().all(|name| found.contains(&name.as_str()))
        && found.iter().all(|name| expected.iter().any(|expected| expected == name))
}
