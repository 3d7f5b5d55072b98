//! The published schema and the encoder agree.

use serde_json::Value;

use super::*;

const SCHEMA: &str = include_str!("../../../schema/record-v1.json");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// Checks a record against the schema, and, beyond what the schema asks for, that it names every member.
pub(super) fn check(record: &Value) {
    check_value(record, &schema(), "record");
}

/// Knows the keywords that the schema uses, and no others.
fn check_value(value: &Value, schema: &Value, place: &str) {
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "title" | "description" | "contentEncoding" => true,
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is_of_type(value, name)),
                name => is_of_type(value, name),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_u64().unwrap() >= rule.as_u64().unwrap(),
            "maximum" => value.as_u64().unwrap() <= rule.as_u64().unwrap(),
            "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "uniqueItems" => {
                let items = value.as_array().unwrap();
                items.iter().enumerate().all(|(place, item)| !items[..place].contains(item))
            }
            "items" => {
                value.as_array().into_iter().flatten().for_each(|item| check_value(item, rule, &format!("{place}[]")));
                true
            }
            "properties" => {
                for (name, member) in value.as_object().unwrap() {
                    let member_schema = rule.get(name).unwrap_or_else(|| panic!("{place}.{name} is not in the schema"));
                    check_value(member, member_schema, &format!("{place}.{name}"));
                }
                true
            }
            "additionalProperties" => {
                let members = value.as_object().unwrap();
                members.iter().for_each(|(name, member)| check_value(member, rule, &format!("{place}.{name}")));
                true
            }
            "pattern" => matches_pattern(value.as_str().unwrap(), rule.as_str().unwrap()),
            unknown => panic!("the test does not know the keyword {unknown}"),
        };
        assert!(holds, "{place}: {value} breaks {keyword} {rule}");
    }
}

fn is_of_type(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        unknown => panic!("the test does not know the type {unknown}"),
    }
}

/// Matches the form of pattern that the schema uses: one character or set after another, each once, counted or `+`.
fn matches_pattern(text: &str, pattern: &str) -> bool {
    let mut pattern = pattern.strip_prefix('^').unwrap().strip_suffix('$').unwrap();
    let mut text = text.as_bytes();
    while !pattern.is_empty() {
        let (set, after) = match pattern.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap(),
            None => {
                let unescaped = pattern.strip_prefix('\\').unwrap_or(pattern);
                unescaped.split_at(1)
            }
        };
        let in_set = |octet: u8| {
            let set = set.as_bytes();
            set.contains(&octet)
                || set.windows(3).any(|range| range[1] == b'-' && (range[0]..=range[2]).contains(&octet))
        };
        let (count, after) = match after.strip_prefix('{') {
            Some(counted) => {
                let (count, after) = counted.split_once('}').unwrap();
                (count.parse().unwrap(), after)
            }
            None => match after.strip_prefix('+') {
                Some(after) => (text.iter().take_while(|octet| in_set(**octet)).count().max(1), after),
                None => (1, after),
            },
        };
        if text.len() < count || !text[..count].iter().all(|octet| in_set(*octet)) {
            return false;
        }
        text = &text[count..];
        pattern = after;
    }
    text.is_empty()
}

#[test]
fn every_member_is_described() {
    fn walk(schema: &Value, place: &str) {
        assert!(schema["description"].as_str().is_some_and(|text| text.ends_with('.')), "{place}");
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties.for_each(|(name, member)| walk(member, &format!("{place}.{name}")));
        for inner in ["items", "additionalProperties"] {
            schema.get(inner).into_iter().for_each(|inner_schema| walk(inner_schema, &format!("{place}.{inner}")));
        }
    }
    walk(&schema(), "record");
}

#[test]
fn the_lists_of_names_are_those_of_the_program() {
    let schema = schema();
    let check = |pointer: &str, expected: Vec<&str>| {
        let listed = schema.pointer(pointer).and_then(Value::as_array).unwrap();
        assert_eq!(listed.iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>(), expected, "{pointer}");
    };
    let syslog = "/properties/syslog/properties";
    check("/properties/class/enum", Class::ALL.iter().map(|class| class.name()).collect());
    check("/properties/flags/items/enum", Flags::ALL.iter().map(|(_, name)| *name).collect());
    check(&format!("{syslog}/facility/enum"), record::Facility::ALL.iter().map(|facility| facility.name()).collect());
    check(&format!("{syslog}/severity/enum"), record::Severity::ALL.iter().map(|severity| severity.name()).collect());
    let transports = [Transport::Tcp, Transport::Tls, Transport::Udp, Transport::UnixStream, Transport::UnixDatagram];
    check("/properties/transport/enum", transports.map(Transport::name).to_vec());
    let dialects = [Dialect::Unknown, Dialect::Rfc5424, Dialect::Rfc3164];
    check(&format!("{syslog}/dialect/enum"), dialects.map(Dialect::name).to_vec());
}

#[test]
fn the_page_on_the_record_explains_every_flag() {
    let page = include_str!("../../../RECORD.md");
    let rows = Flags::ALL.iter().map(|(_, name)| format!("| `{name}` | {} |\n", Flags::meaning(name)));
    assert!(page.contains(&rows.collect::<String>()), "the table of flags is not that of the program");
}

#[test]
fn the_page_on_events_has_every_member_of_every_encoding() {
    let page = include_str!("../../../EVENTS.md");
    let section = |title: &str| page.split("\n## ").find(|section| section.starts_with(title)).unwrap();
    let check = |title: &str, names: Vec<&str>| {
        let missing = names.into_iter().filter(|name| !section(title).contains(&format!("`{name}`")));
        assert_eq!(missing.collect::<Vec<_>>(), [""; 0], "{title}");
    };
    let is_field = |name: &&str| extract::Field::from_name(name).is_some();
    check("`ecs`", crate::encode::ecs::names().filter(|name| !is_field(name)).collect());
    check("`ocsf`", crate::encode::ocsf::names().chain(["resources", "observables", "unmapped"]).collect());
    check("`cef`", crate::encode::cef::keys().collect());
    for version in [ECS_VERSION, OCSF_VERSION] {
        assert!(page.contains(&format!("| {version}, in")));
    }
}

#[test]
fn members_come_in_the_order_of_the_schema() {
    let mut sample = Sample::rfc5424(r#"<14>1 2026-01-20T04:56:26Z vm uaa rs2 ID47 [a b="c"] text"#);
    sample.frame[50] = 0xff;
    sample.flags = Flags::TRUNCATED;
    sample.origin.authenticated = Some("name".into());
    let record = serde_json::from_slice::<Value>(&sample.encoded(FIELDS)).unwrap();
    check(&record);
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let schema = schema();
    assert_eq!(names(&record), names(&schema["properties"]));
    let mut listed = names(&schema["properties"]["syslog"]["properties"]);
    // A good RFC 5424 header has neither.
    assert_eq!(listed.split_off(listed.len() - 2), ["tag", "unparsed"]);
    assert_eq!(names(&record["syslog"]), listed);
}

#[test]
#[should_panic(expected = "record.surprise is not in the schema")]
fn a_member_that_the_schema_does_not_name_is_noticed() {
    let mut record = serde_json::from_slice::<Value>(&Sample::plain("x").encoded(JSON)).unwrap();
    check(&record);
    record["surprise"] = Value::Null;
    check(&record);
}
