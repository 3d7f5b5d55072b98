//! `gully config schema`: the file as a JSON Schema, for editors.

use record::Flags;
use serde_json::{Map, Value, json};

use crate::classes::CLASSES;
use crate::keys::{Fallback, Form, Key, Kind, SECTIONS};
use crate::properties::REFUSALS;

/// The JSON Schema (2020-12) of the file, as editors with a TOML plug-in use it.
///
/// It is wider than [`load`](crate::load): ranges of sizes and durations, and what depends on more than a selector such as
/// `kind`, are not in it. A text with an interpolation is always right. Keys that are not there yet are in it, and never
/// valid.
#[must_use]
pub fn schema_json() -> String {
    let mut properties = Map::new();
    for section in SECTIONS {
        if section.name.is_empty() {
            properties.extend(table(section.keys));
            continue;
        }
        let one = object(section.keys, section.selector, section.meaning);
        let schema = match section.form {
            Form::Single => one,
            Form::Listed => json!({ "type": "array", "description": section.meaning, "items": one }),
            Form::Named => json!({
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

fn object(keys: &[Key], selector: Option<&str>, meaning: &str) -> Value {
    let mut object = json!({
        "type": "object",
        "description": meaning,
        "properties": table(keys),
        "additionalProperties": false,
    });
    let required = required(keys.iter().filter(|key| key.only.is_empty()));
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    let key_of_selector = keys.iter().find(|key| Some(key.name) == selector);
    if let Some(Key { name, kind: Kind::Choice(choices), default, .. }) = key_of_selector {
        let words = choices.now.iter().map(|(word, _)| *word);
        let of_words = words.map(|word| of_word(keys, name, word, default)).collect::<Vec<_>>();
        object["allOf"] = of_words.into();
    }
    object
}

/// What the `word` of a selector asks for and refuses.
fn of_word(keys: &[Key], selector: &str, word: &str, default: &Fallback) -> Value {
    let mut chosen = json!({ "properties": { selector: { "const": word } } });
    let is_default = matches!(default, Fallback::Value(default) if default.trim_matches('"') == word);
    if !is_default {
        chosen["required"] = json!([selector]);
    }
    let (applying, others): (Vec<_>, Vec<_>) =
        keys.iter().filter(|key| !key.only.is_empty()).partition(|key| key.only.contains(&word));
    let mut properties = Map::new();
    properties.extend(others.iter().map(|key| (key.name.to_owned(), json!(false))));
    // Of a name with several entries, the one that applies takes the place of the others.
    for key in applying.iter().filter(|key| others.iter().any(|other| other.name == key.name)) {
        properties.insert(key.name.to_owned(), of_kind(&key.kind));
    }
    let mut asked = json!({ "properties": properties });
    let required = required(applying.into_iter());
    if !required.is_empty() {
        asked["required"] = json!(required);
    }
    json!({ "if": chosen, "then": asked })
}

fn required<'a>(keys: impl Iterator<Item = &'a Key>) -> Vec<&'static str> {
    keys.filter(|key| matches!(key.default, Fallback::Required { .. })).map(|key| key.name).collect()
}

fn table(keys: &[Key]) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in keys {
        // Of a name with several entries any may hold, as far as the selector does not say which.
        let entries = keys.iter().filter(|other| other.name == key.name).map(property).collect::<Vec<_>>();
        let any = match <[Value; 1]>::try_from(entries) {
            Ok([one]) => one,
            Err(several) => json!({ "anyOf": several }),
        };
        properties.insert(key.name.to_owned(), any);
    }
    properties
}

fn property(key: &Key) -> Value {
    let mut property = match key.kind {
        Kind::Table { keys, selector } => object(keys, selector, key.meaning),
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
        Kind::Choice(choices) => one_of(choices.now.iter().map(|(word, _)| *word)),
        Kind::Instance => pattern("^[A-Za-z0-9._-]{1,64}$"),
        Kind::Mode { .. } => pattern("^[0-7]{3,5}$"),
        Kind::Broker => pattern("^[A-Za-z0-9._-]+:[0-9]{1,5}$|^\\[[0-9A-Fa-f:.]+\\]:[0-9]{1,5}$"),
        Kind::Topic => pattern("^([A-Za-z0-9._-]|\\{(class|listener|instance)\\})+$"),
        Kind::Url => pattern("^https?://[^/@]+(/[^@]*)?$"),
        Kind::Text { max } => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Kind::Verbatim { max } => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Kind::Condition { max } => json!({ "type": "string", "minLength": 1, "maxLength": max }),
        Kind::Class => one_of(CLASSES.iter().copied()),
        Kind::Flag => one_of(Flags::ALL.iter().map(|(_, name)| *name)),
        Kind::Ip => pattern("^[0-9.]+$|^[0-9A-Fa-f:.]+$"),
        Kind::HostPattern | Kind::ClassPattern | Kind::Address { .. } | Kind::Path | Kind::Template | Kind::Owner => {
            json!({ "type": "string", "minLength": 1 })
        }
        Kind::Secret => json!({ "type": "string", "pattern": "^\\$\\{(env|file):[^{}]+\\}$" }),
        Kind::List { of, min } => json!({ "type": "array", "items": of_kind(of), "minItems": min }),
        Kind::Table { keys, selector } => object(keys, *selector, ""),
        Kind::Properties => json!({
            "type": "object",
            "additionalProperties": { "type": ["string", "integer", "boolean"] },
            "propertyNames": { "not": { "pattern": refused_names() } },
        }),
        Kind::Fields => json!({
            "type": "object",
            "additionalProperties": {
                "type": ["string", "integer", "boolean", "array", "object"],
                "items": { "type": "string" },
            },
        }),
        Kind::Later => json!({ "not": {} }),
    }
}

/// One of these words, or what is filled in.
fn one_of(words: impl Iterator<Item = &'static str>) -> Value {
    json!({
        "anyOf": [
            { "enum": words.collect::<Vec<_>>() },
            { "type": "string", "pattern": "\\$\\{(env|file):" },
        ],
    })
}

/// A pattern of the names of properties that are refused.
fn refused_names() -> String {
    let names = REFUSALS.iter().flat_map(|refusal| refusal.names);
    let patterns = names.map(|name| format!("^(topic\\.)?{}$", name.replace('.', "\\.").replace('*', ".*")));
    patterns.collect::<Vec<_>>().join("|")
}
