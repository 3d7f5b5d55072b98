//! `[[test]]`, checked.

use std::net::IpAddr;

use crate::choices::Transport;
use crate::read::joined;
use crate::values::Values;

/// A line, and what should become of it. At least one thing is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Its place among the tests of the file, from 1.
    pub number: usize,
    /// What it shows.
    pub name: String,
    /// The message, as a sender sends it, without count or line end.
    pub line: String,
    /// Which header the line has.
    pub transport: Transport,
    /// The name of the listener that takes it, one of the configuration; `None`: the first.
    pub listener: Option<String>,
    /// The address that sends it; `None`: this machine.
    pub peer: Option<IpAddr>,
    /// The class that it should have, of [`CLASSES`](crate::CLASSES); `None`: any.
    pub class: Option<String>,
    /// Fields that it should have, by their dotted names; whether there are such fields has not been checked.
    pub fields: Vec<(String, Expected)>,
    /// The names of all flags that it should have; `None`: any.
    pub flags: Option<Vec<String>>,
    /// The names of all sinks that should take it, each one of the configuration; `None`: any.
    pub sinks: Option<Vec<String>>,
}

/// The value that a field should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// This text.
    Text(String),
    /// This number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// These words, in this order.
    Texts(Vec<String>),
}

impl Test {
    /// `None` without a name or a line.
    pub(crate) fn from_values(number: usize, values: &Values) -> Option<Self> {
        Some(Self {
            number,
            name: values.text_if_given("name")?,
            line: values.text_if_given("line")?,
            transport: values.word("transport"),
            listener: values.text_if_given("listener"),
            peer: values.ip_if_given("peer"),
            class: values.text_if_given("class"),
            fields: values.fields_if_given("fields").unwrap_or_default(),
            flags: values.texts_if_given("flags"),
            sinks: values.texts_if_given("sinks"),
        })
    }

    /// The full key of one of its fields.
    #[must_use]
    pub fn field_key(&self, name: &str) -> String {
        joined(&self.key("fields"), name)
    }

    /// The full key of one of its keys.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("test[{}].{name}", self.number)
    }
}
