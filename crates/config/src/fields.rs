//! Fields of a record and the values that they should have.

use toml::de::{DeTable, DeValue};

use crate::problem::Fault;
use crate::read::{Reader, joined};
use crate::test::Expected;
use crate::value::found;

const VALUES: &str = "a text, a whole number, true, false or a list of texts";

impl Reader<'_> {
    /// Reads a table of fields, by dotted names: `"user.name" = "alice"`, and without quotes as well, where TOML makes tables
    /// inside each other of them. In the order of the names.
    pub(crate) fn fields(&mut self, path: &str, table: &DeTable<'_>) -> Vec<(String, Expected)> {
        let mut fields = Vec::new();
        self.fields_below("", path, table, &mut fields);
        fields
    }

    fn fields_below(&mut self, prefix: &str, path: &str, table: &DeTable<'_>, fields: &mut Vec<(String, Expected)>) {
        for (name, value) in table {
            let field = format!("{prefix}{}", name.get_ref());
            let key = joined(path, &field);
            self.saw(&key, name.span().start);
            if let DeValue::Table(inner) = value.get_ref()
                && !inner.is_empty()
            {
                self.fields_below(&format!("{field}."), path, inner, fields);
                continue;
            }
            self.saw(&key, value.span().start);
            match expectation(value.get_ref()) {
                Ok(_) if fields.iter().any(|(earlier, _)| *earlier == field) => {
                    self.report.error(&key, "it a second time", "each field once");
                }
                Ok(expected) => fields.push((field, expected)),
                Err(fault) => {
                    self.report.error(&key, fault.found.unwrap_or_else(|| found(value.get_ref())), fault.expected);
                }
            }
        }
    }
}

fn expectation(value: &DeValue<'_>) -> Result<Expected, Fault> {
    match value {
        DeValue::String(text) => Ok(Expected::Text(text.to_string())),
        DeValue::Boolean(value) => Ok(Expected::Boolean(*value)),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            number.map(Expected::Integer).map_err(|_| Fault::expected("a whole number of at most 64 bits"))
        }
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>();
            texts.map(Expected::Texts).ok_or_else(|| Fault::new("a list of other things than texts", VALUES))
        }
        _ => Err(Fault::expected(VALUES)),
    }
}
