//! `gully config schema`: the file as a JSON Schema, for editors.

use serde_json::{Map, Value, json};

use crate::keys::{Fallback, Key, Kind, SECTIONS};

/// The JSON Schema (2020-12) of the file, as editors with a TOML plug-in use it.
///
/// It is wider than [`load`](crate::load): ranges of sizes and durations, and what depends on more than one key, are not in
/// it. A text with an interpolation is always right. Keys that are not there yet are in it, and never valid.
#[must_use]
pub fn schema_json() -> String {
    let mut properties = Map::new();
    for section in SECTIONS {
        if section.name.is_empty() {
            properties.extend(table(section.keys));
            continue;
        }
        let one = object(section.keys, section.meaning);
        let schema = match section.named {
            false => one,
            true => json!({
                "type": "object",
                "description": section.meaning,
                "patternProperties": { "^[A-Za-z0-9_-]{1,64}$": one },
                "additionalProperties": false,
            }),
        };
        properties.insert(section.name.to_owned(), schema);
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gully configuration",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    format!("{schema:#}\n")
}

/// Keys that only some words of a selector need are not required.
fn object(keys: &[Key], meaning: &str) -> Value {
    let is_required = |key: &&Key| matches!(key.default, Fallback::Required { .. }) && key.only.is_empty();
    let required = keys.iter().filter(is_required).map(|key| key.name).collect::<Vec<_>>();
    let mut object = json!({
        "type": "object",
        "description": meaning,
        "properties": table(keys),
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

fn table(keys: &[Key]) -> Map<String, Value> {
    keys.iter().map(|key| (key.name.to_owned(), property(key))).collect()
}

fn property(key: &Key) -> Value {
    let mut property = match key.kind {
        Kind::Table(keys) => object(keys, key.meaning),
        _ => of_kind(&key.kind),
    };
    property["description"] = format!("{} At worst: {}", key.meaning, key.worst).into();
    if let Some(default) = default(key) {
        property["default"] = default;
    }
    property
}

/// The default as JSON: texts, numbers, booleans and lists of texts are written alike in TOML.
fn default(key: &Key) -> Option<Value> {
    let Fallback::Value(text) = key.default else { return None };
    serde_json::from_str(text).ok()
}

fn of_kind(kind: &Kind) -> Value {
    let pattern = |pattern: &str| {
        let pattern = format!("{pattern}|\\$\\{{(env|file):");
        json!({ "type": "string", "pattern": pattern })
    };
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Size { .. } => pattern("^[0-9]+([KMGT]i?)?B$"),
        Kind::Duration { off, .. } => {
            let or_off = if *off { "|^off$" } else { "" };
            pattern(&format!("^([0-9]+(w|d|h|m|s|ms))+${or_off}"))
        }
        Kind::Choice(choices) => json!({
            "anyOf": [
                { "enum": choices.now.iter().map(|(word, _)| *word).collect::<Vec<_>>() },
                { "type": "string", "pattern": "\\$\\{(env|file):" },
            ],
        }),
        Kind::Instance => pattern("^[A-Za-z0-9._-]{1,64}$"),
        Kind::Mode { .. } => pattern("^[0-7]{3,5}$"),
        Kind::HostPattern | Kind::ClassPattern | Kind::Address { .. } | Kind::Path | Kind::Template | Kind::Owner => {
            json!({ "type": "string", "minLength": 1 })
        }
        Kind::List { of, min } => json!({ "type": "array", "items": of_kind(of), "minItems": min }),
        Kind::Table(keys) => object(keys, ""),
        Kind::Later => json!({ "not": {} }),
    }
}
