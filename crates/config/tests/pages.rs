//! The pages that are made from the table of keys: they are right configurations, and complete.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use std::path::Path;

use gully_config::{Config, defaults_toml, init_toml, load_text, reference_markdown, schema_json};
use serde_json::Value;

fn loaded(text: &str) -> Config {
    let outcome = load_text(text, None, &|_| None);
    assert_eq!(outcome.problems, [], "{text}");
    outcome.config.unwrap()
}

/// The names of all keys, with tables before what is in them, from the tables of keys in the reference.
fn keys() -> Vec<String> {
    let page = reference_markdown();
    let mut is_of_keys = false;
    let mut names = Vec::new();
    for line in page.lines() {
        match line.strip_prefix("| ") {
            Some(row) if is_of_keys => names.extend(row.strip_prefix('`').and_then(|row| row.split_once('`'))),
            Some(row) => is_of_keys = row.starts_with("Key |"),
            None => is_of_keys &= line.starts_with('|'),
        }
    }
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn the_defaults_are_what_an_empty_file_means() {
    assert_eq!(loaded(&defaults_toml()), Config::embedded());
    assert_eq!(loaded(""), Config::embedded());
}

#[test]
fn the_defaults_name_every_key() {
    let page = defaults_toml();
    let is_table = |key: &str| keys().iter().any(|other| other.starts_with(&format!("{key}.")));
    for key in keys().iter().filter(|key| !is_table(key)) {
        let names = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{key} = "));
        assert!(page.lines().any(names), "{key}");
    }
}

#[test]
fn the_starting_configuration_loads() {
    let config = loaded(&init_toml());
    assert_eq!((config.listeners.len(), config.sinks.len()), (2, 1));
    assert!(init_toml().lines().count() < 80, "it is short");
    assert!(
        init_toml().contains("# How closed files are compressed"),
        "the keys are explained for the kind that stands there"
    );
}

#[test]
fn the_schema_names_every_key() {
    let schema: Value = serde_json::from_str(&schema_json()).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let text = schema_json();
    assert!(keys().len() > 60, "{:?}", keys());
    for key in keys() {
        let name = key.rsplit('.').next().unwrap();
        assert!(text.contains(&format!("\"{name}\": {{")), "{key}");
    }
    let listener = &schema["properties"]["listener"]["patternProperties"]["^[A-Za-z0-9_-]{1,64}$"];
    assert_eq!(listener["required"], serde_json::json!(["address"]));
    assert_eq!(listener["properties"]["frame_bytes_max"]["default"], "256KiB");
    assert_eq!(listener["properties"]["keepalive"]["properties"]["probes"]["maximum"], 127);
    assert_eq!(listener["additionalProperties"], false);
}

/// `GULLY_WRITE_REFERENCE=1` writes the page instead.
#[test]
fn the_reference_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("REFERENCE.md");
    if std::env::var_os("GULLY_WRITE_REFERENCE").is_some() {
        std::fs::write(&path, reference_markdown()).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == reference_markdown(), "REFERENCE.md is old: GULLY_WRITE_REFERENCE=1 cargo test -p gully-config");
}
