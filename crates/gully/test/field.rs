//! What a test calls a field, and its value in the JSON record.

use config::Expected;
use extract::Field;
use serde_json::Value;

/// MSG; in the record it is called `message`, which is also a field of the normalised event.
const MSG: &str = "msg";
const NATIVE: &str = "native.";
const SYSLOG: &str = "syslog.";

/// The members of the record's `syslog` object; those of `sd` have names of their own.
const SYSLOG_MEMBERS: [&str; 13] = [
    "dialect",
    "pri",
    "facility",
    "severity",
    "version",
    "timestamp",
    "hostname",
    "app_name",
    "procid",
    "msgid",
    "sd",
    "tag",
    "unparsed",
];

/// Whether there can be a field called `name`; else what is right.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_below = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
    if name == MSG || is_below(NATIVE) || Field::from_name(name).is_some() {
        return Ok(());
    }
    if let Some(member) = name.strip_prefix(SYSLOG) {
        let member = member.split('.').next().unwrap_or_default();
        return match SYSLOG_MEMBERS.contains(&member) {
            true => Ok(()),
            false => Err(format!("a member of the header, after \"syslog.\": {}", SYSLOG_MEMBERS.join(", "))),
        };
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let alike = Field::ALL
        .iter()
        .map(|field| field.name())
        .filter(|known| known.rsplit('.').next() == Some(last) || known.starts_with(&format!("{name}.")));
    let alike = alike.collect::<Vec<_>>();
    let hint = if alike.is_empty() { String::new() } else { format!("; there are {}", alike.join(", ")) };
    Err(format!("a field of the normalised event, \"msg\", or a name after \"syslog.\" or \"native.\"{hint}"))
}

/// The value of the field called `name` in the JSON `record`; of a batch that of the first event.
pub(super) fn value<'a>(record: &'a Value, name: &str) -> Option<&'a Value> {
    if name == MSG {
        return record.get("message");
    }
    if let Some(path) = name.strip_prefix(NATIVE) {
        return below(record.get("native")?, path);
    }
    if let Some(path) = name.strip_prefix(SYSLOG) {
        return below(record.get("syslog")?, path);
    }
    let ecs = record.get("ecs")?;
    let event = ecs.get("events").map_or(Some(ecs), |events| events.get(0))?;
    event.get(name)
}

/// The value at `path`, a name or several with dots between them; names may have dots themselves. Elements of lists count
/// from 0.
fn below<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(path).or_else(|| {
            members.iter().find_map(|(name, value)| below(value, path.strip_prefix(name)?.strip_prefix('.')?))
        }),
        Value::Array(items) => {
            let (index, rest) = path.split_once('.').map_or((path, None), |(index, rest)| (index, Some(rest)));
            let item = items.get(index.parse::<usize>().ok()?)?;
            rest.map_or(Some(item), |rest| below(item, rest))
        }
        _ => None,
    }
}

/// An expected value as JSON.
pub(super) fn as_json(expected: &Expected) -> Value {
    match expected {
        Expected::Text(text) => text.as_str().into(),
        Expected::Integer(number) => (*number).into(),
        Expected::Boolean(value) => (*value).into(),
        Expected::Texts(texts) => texts.clone().into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(name: &str, expected: Value) {
        let record = json!({
            "message": "the text",
            "syslog": { "hostname": "h", "sd": { "instance@47450": { "group": "uaa" } } },
            "native": { "uaa.event": "E", "uaa.origin_fields": { "client.id": "cf" }, "list": [{ "a": 1 }, "b"], "a": { "b": 1 }, "a.b": 2 },
            "ecs": { "user.name": "alice", "event.category": ["iam"] },
        });
        assert_eq!(value(&record, name).unwrap_or(&Value::Null), &expected, "{name}");
    }

    #[test]
    fn a_name_leads_to_its_value() {
        check("msg", json!("the text"));
        check("message", Value::Null);
        check("user.name", json!("alice"));
        check("user.id", Value::Null);
        check("event.category", json!(["iam"]));
        check("syslog.hostname", json!("h"));
        check("syslog.sd.instance@47450.group", json!("uaa"));
        check("native.uaa.event", json!("E"));
        check("native.uaa.origin_fields.client.id", json!("cf"));
        check("native.list.0.a", json!(1));
        check("native.list.1", json!("b"));
        check("native.list.2", Value::Null);
        check("native.list.b", Value::Null);
        check("native.a.b", json!(2));
        check("native.uaa", Value::Null);
    }

    #[test]
    fn of_a_batch_the_first_event_counts() {
        let record = json!({ "ecs": { "events": [{ "user.name": "a" }, { "user.name": "b" }] } });
        assert_eq!(value(&record, "user.name"), Some(&json!("a")));
        assert_eq!(value(&json!({ "ecs": { "events": [] } }), "user.name"), None);
    }

    #[test]
    fn a_name_that_nothing_has_is_refused_with_those_that_are_like_it() {
        for name in ["msg", "user.name", "message", "syslog.sd.x.y", "syslog.tag", "native.x"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for (name, expected) in [
            ("usr.name", "; there are "),
            ("user", "user.name"),
            ("syslog.appname", "app_name"),
            ("native.", "a name after"),
            ("", "a field of the normalised event"),
        ] {
            let told = check_name(name).unwrap_err();
            assert!(told.contains(expected), "{name}: {told}");
        }
    }
}
