//! The JSON Schema and the parser agree on Kafka sinks, and on which keys go together.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

use gully_config::{Severity, defaults_toml, init_toml, load_text, schema_json};
use regex_lite::Regex;
use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

const LISTENER: &str = "[listener.a]\naddress = '127.0.0.1:5514'\n";

/// A Kafka sink with every key that needs no file.
const KAFKA: &str = "\
[sink.a]
kind = 'kafka'
take = ['cf.*', 'k8s.audit']
encoding = 'json'
brokers = ['kafka-1:9093', '10.0.0.1:9092', '[::1]:9092']
topic = 'audit.{class}_{listener}-{instance}'
key = 'fixed'
fixed_key = 'k'
timestamp = 'received'
compression = 'snappy'
client_id = 'collector'
queue_bytes = '64MiB'
tls = { verify_name = true }
sasl = { mechanism = 'scram-sha-512', username = 'gully', password = '${env:SECRET}' }
properties = { 'linger.ms' = 20, 'client.rack' = 'a', 'socket.nagle.disable' = false }
";

/// A file sink with what decides on records, and a test of it.
const RECORDS: &str = "\
rejoin = false
[sink.a]
path = '/x/{class}'
encoding = 'json'
fields = ['native', 'ecs']
where = 'user.name == \"a\"'
drop = ['health-probes']
[redaction]
redact = ['jwt']
key = '${env:KEY}'
[[test]]
name = 'one'
line = '<14>1 - - - - - - x'
transport = 'raw'
listener = 'a'
peer = '192.0.2.1'
class = 'other'
fields = { user.name = 'a', 'native.b' = 1, c = true, d = ['e'] }
flags = ['no_pri']
sinks = ['a']
[[test]]
name = 'two'
line = 'y'
sinks = []
";

/// What both refuse, as a change of [`RECORDS`].
const WRONG_RECORDS: &[(&str, &str)] = &[
    ("rejoin = false", "rejoin = 'no'"),
    ("'native', 'ecs'", "'ocsf'"),
    ("'health-probes'", "'health'"),
    ("where = 'user.name == \"a\"'", "where = ''"),
    ("redact = ['jwt']", "redact = 'jwt'"),
    ("'${env:KEY}'", "'0123456789abcdef'"),
    ("[redaction]", "[redacton]"),
    ("line = 'y'\n", ""),
    ("name = 'two'\n", ""),
    ("name = 'two'", "nam = 'two'"),
    ("'raw'", "'tcp'"),
    ("'192.0.2.1'", "'here'"),
    ("class = 'other'", "class = 'others'"),
    ("c = true", "c = 1.5"),
    ("'e'", "5"),
    ("'no_pri'", "'no_prio'"),
    ("sinks = []", "sinks = 'a'"),
];

/// What both accept, as a change of [`KAFKA`].
const RIGHT: &[(&str, &str)] = &[
    ("", ""),
    ("compression = 'snappy'\n", ""),
    ("compression = 'snappy'", "compression = '${env:WORD}'"),
    ("kind = 'kafka'", "kind = '${env:KIND}'"),
    ("'k8s.audit'", "'${env:CLASS}'"),
    ("key = 'fixed'\nfixed_key = 'k'", "key = 'app_name'"),
    ("tls = { verify_name = true }", "tls = {}"),
    ("sasl = {", "# sasl = {"),
    ("properties = {", "# properties = {"),
    (
        "'scram-sha-512', username = 'gully', password = '${env:SECRET}'",
        "'oauthbearer', token_url = 'https://login.example/t', client_id = 'c', client_secret = '${env:SECRET}', scope = 's'",
    ),
    ("'scram-sha-512'", "'plain'"),
    (KAFKA, "[sink.a]\npath = '/x/{class}'\ncompression = 'zstd'\nrotate = { size = '1GiB' }\n"),
    (KAFKA, "[sink.a]\nkind = 'file'\npath = '/x/{class}'\n"),
];

/// What both refuse, as a change of [`KAFKA`].
const WRONG: &[(&str, &str)] = &[
    ("kind = 'kafka'", "kind = 'rabbit'"),
    ("kind = 'kafka'\n", ""),
    ("kind = 'kafka'", "kind = 'kafka'\npath = '/x'"),
    ("kind = 'kafka'", "kind = 'kafka'\nrotate = {}"),
    ("kind = 'kafka'", "kind = 'kafka'\nflavour = 1"),
    ("brokers = ", "# brokers = "),
    ("topic = ", "# topic = "),
    ("'kafka-1:9093', '10.0.0.1:9092', '[::1]:9092'", ""),
    ("'kafka-1:9093'", "'kafka-1'"),
    ("'kafka-1:9093'", "'SSL://kafka-1:9093'"),
    ("'kafka-1:9093'", "9093"),
    ("audit.", "audit/"),
    ("{instance}", "{date}"),
    ("{instance}", "{tenant}"),
    ("key = 'fixed'", "key = 'user'"),
    ("fixed_key = 'k'", "fixed_key = ''"),
    ("'received'", "'now'"),
    ("'snappy'", "'brotli'"),
    ("'collector'", "5"),
    ("'64MiB'", "64"),
    ("verify_name", "verify_names"),
    ("verify_name = true", "verify_name = 'true'"),
    ("tls = { verify_name = true }", "tls = true"),
    ("'scram-sha-512'", "'scram'"),
    ("mechanism = 'scram-sha-512', ", ""),
    ("'scram-sha-512'", "'oauthbearer'"),
    ("username = 'gully', ", ""),
    ("username = 'gully'", "username = 'gully', scope = 's'"),
    ("username = 'gully'", "username = 'gully', client_secret = '${env:SECRET}'"),
    ("'${env:SECRET}'", "'hunter2'"),
    ("'${env:SECRET}'", "'x${env:SECRET}'"),
    ("'${env:SECRET}'", "5"),
    ("'linger.ms' = 20", "'linger.ms' = 2.5"),
    ("'linger.ms' = 20", "linger.ms = 20"),
    ("'linger.ms'", "acks"),
    ("'linger.ms'", "'ssl.ca.location'"),
    ("'linger.ms'", "'sasl.password'"),
    ("'linger.ms'", "dr_msg_cb"),
    ("'linger.ms'", "'group.id'"),
    (
        "'scram-sha-512', username = 'gully', password = '${env:SECRET}'",
        "'oauthbearer', token_url = 'login.example/t', client_id = 'c', client_secret = '${env:SECRET}'",
    ),
    (KAFKA, "[sink.a]\npath = '/x'\ncompression = 'lz4'\n"),
    (KAFKA, "[sink.a]\npath = '/x'\nbrokers = ['k:1']\n"),
    (KAFKA, "[sink.a]\n"),
];

/// Whether the parser takes `text`.
fn is_parsed(text: &str) -> bool {
    let environment = |name: &str| match name {
        "SECRET" => Some("hunter2".to_owned()),
        "KEY" => Some("0123456789abcdef".to_owned()),
        "WORD" => Some("lz4".to_owned()),
        "KIND" => Some("kafka".to_owned()),
        "CLASS" => Some("cef".to_owned()),
        _ => None,
    };
    load_text(text, None, &environment).problems.iter().all(|problem| problem.severity == Severity::Warning)
}

/// Whether the schema takes `text`.
fn is_valid(schema: &Value, text: &str) -> bool {
    let document = DeTable::parse(text).unwrap().into_inner();
    matches(schema, &Value::Object(object(&document)))
}

#[test]
fn both_take_what_is_right() {
    let schema = serde_json::from_str(&schema_json()).unwrap();
    for (from, to) in RIGHT {
        let text = changed(from, to);
        assert!(is_parsed(&text), "the parser refuses {text}");
        assert!(is_valid(&schema, &text), "the schema refuses {text}");
    }
    for page in [defaults_toml(), init_toml(), format!("{LISTENER}{RECORDS}")] {
        assert!(is_parsed(&page) && is_valid(&schema, &page), "{page}");
    }
}

#[test]
fn both_refuse_what_is_wrong() {
    let schema = serde_json::from_str(&schema_json()).unwrap();
    for (from, to) in WRONG {
        let text = changed(from, to);
        assert!(!is_parsed(&text), "the parser takes {text}");
        assert!(!is_valid(&schema, &text), "the schema takes {text}");
    }
    for (from, to) in WRONG_RECORDS {
        assert!(RECORDS.contains(from), "{from}");
        let text = format!("{LISTENER}{}", RECORDS.replacen(from, to, 1));
        assert!(!is_parsed(&text), "the parser takes {text}");
        assert!(!is_valid(&schema, &text), "the schema takes {text}");
    }
}

fn changed(from: &str, to: &str) -> String {
    assert!(KAFKA.contains(from), "{from}");
    format!("{LISTENER}{}", KAFKA.replacen(from, to, 1))
}

/// As much of JSON Schema (2020-12) as ours uses; a word that it does not know fails the test.
fn matches(schema: &Value, value: &Value) -> bool {
    if let Value::Bool(answer) = schema {
        return *answer;
    }
    let schema = schema.as_object().unwrap();
    schema.iter().all(|(word, wanted)| match word.as_str() {
        "$schema" | "title" | "description" | "default" | "then" => true,
        "type" => match wanted {
            Value::Array(types) => types.iter().any(|wanted| is_of_type(wanted, value)),
            wanted => is_of_type(wanted, value),
        },
        "const" => value == wanted,
        "enum" => wanted.as_array().unwrap().contains(value),
        "pattern" => value.as_str().is_none_or(|text| is_match(wanted, text)),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= wanted.as_u64().unwrap()),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= wanted.as_u64().unwrap()),
        "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|number| number <= wanted.as_i64().unwrap()),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| matches(wanted, item))),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
        "required" => value.as_object().is_none_or(|object| {
            wanted.as_array().unwrap().iter().all(|key| object.contains_key(key.as_str().unwrap()))
        }),
        "properties" => value.as_object().is_none_or(|object| {
            wanted.as_object().unwrap().iter().all(|(key, one)| object.get(key).is_none_or(|value| matches(one, value)))
        }),
        "patternProperties" | "propertyNames" | "additionalProperties" => {
            value.as_object().is_none_or(|object| object.iter().all(|(key, value)| is_key(schema, word, key, value)))
        }
        "anyOf" => wanted.as_array().unwrap().iter().any(|one| matches(one, value)),
        "allOf" => wanted.as_array().unwrap().iter().all(|one| matches(one, value)),
        "not" => !matches(wanted, value),
        "if" => !matches(wanted, value) || matches(&schema["then"], value),
        _ => panic!("{word} is not known here"),
    })
}

/// Whether one member of an object is as the `word` of its schema has it.
fn is_key(schema: &Map<String, Value>, word: &str, key: &str, value: &Value) -> bool {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let by_pattern =
        |key: &str| patterns.and_then(|all| all.iter().find(|(pattern, _)| is_match(&json!(pattern), key)));
    match word {
        "propertyNames" => matches(&schema[word], &json!(key)),
        "patternProperties" => by_pattern(key).is_none_or(|(_, one)| matches(one, value)),
        _ => {
            let is_named = schema.get("properties").is_some_and(|properties| properties.get(key).is_some());
            is_named || by_pattern(key).is_some() || matches(&schema[word], value)
        }
    }
}

fn is_of_type(wanted: &Value, value: &Value) -> bool {
    match wanted.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        other => panic!("the type {other} is not known here"),
    }
}

fn is_match(pattern: &Value, text: &str) -> bool {
    Regex::new(pattern.as_str().unwrap()).unwrap().is_match(text)
}

fn object(table: &DeTable<'_>) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), as_json(value.get_ref()))).collect()
}

/// As an editor's plug-in hands TOML to a JSON Schema.
fn as_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(integer) => json!(i64::from_str_radix(integer.as_str(), integer.radix()).unwrap()),
        DeValue::Float(float) => json!(float.as_str().parse::<f64>().unwrap()),
        DeValue::Boolean(value) => json!(value),
        DeValue::Datetime(value) => json!(value.to_string()),
        DeValue::Array(items) => items.iter().map(|item| as_json(item.get_ref())).collect(),
        DeValue::Table(table) => Value::Object(object(table)),
    }
}
