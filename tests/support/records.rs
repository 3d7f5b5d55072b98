//! The JSON records that gully wrote.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// One line of a JSON file.
#[derive(Debug, Clone)]
pub(crate) struct Record(Value);

impl Record {
    /// The records in all files of `directory`, sorted by id, which is the order in which they were accepted.
    ///
    /// Checks on the way that every line is whole and that each file holds only the class that it is named after.
    #[track_caller]
    pub(crate) fn read_all(directory: &Path) -> Vec<Self> {
        let mut records = Vec::new();
        // No directory, no records: it is made with the first one.
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.expect("the directory can be read").path();
            let class = path.file_stem().and_then(|stem| stem.to_str()).expect("a class is ASCII").to_owned();
            let text = fs::read_to_string(&path).expect("JSON is UTF-8");
            assert!(text.is_empty() || text.ends_with('\n'), "{} ends in the middle of a line", path.display());
            for line in text.lines() {
                let value = serde_json::from_str(line);
                let record = Self(value.unwrap_or_else(|error| panic!("{}: {error}: {line}", path.display())));
                assert_eq!(record.class(), class, "in the file of another class: {line}");
                records.push(record);
            }
        }
        records.sort_by(|a, b| a.text("id").cmp(b.text("id")));
        records
    }

    /// Reads one JSON object.
    #[track_caller]
    pub(crate) fn parse(line: &str) -> Self {
        Self(serde_json::from_str(line).unwrap_or_else(|error| panic!("not JSON: {error}: {line}")))
    }

    /// The member `name`, which must be a string.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no text member {name}: {}", self.0))
    }

    /// `class`.
    #[track_caller]
    pub(crate) fn class(&self) -> &str {
        self.text("class")
    }

    /// `message`.
    #[track_caller]
    pub(crate) fn message(&self) -> &str {
        self.text("message")
    }

    /// The member `name`; null when it is not there.
    pub(crate) fn member(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// The member `name` of `syslog`; null when it is not there.
    pub(crate) fn syslog(&self, name: &str) -> &Value {
        &self.0["syslog"][name]
    }

    /// Whether `flags` holds `flag`.
    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.flags().contains(&flag)
    }

    /// `flags`; absent means none.
    pub(crate) fn flags(&self) -> Vec<&str> {
        self.0["flags"].as_array().map(|flags| flags.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
    }
}
