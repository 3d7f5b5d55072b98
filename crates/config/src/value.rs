//! One value: from text, by the kind of its key.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeValue;

use crate::address::Address;
use crate::choices::Choices;
use crate::keys::{Kind, SIZE_MAX};
use crate::nearest::nearest;
use crate::owner::Owner;
use crate::problem::{Fault, alternatives, quoted};
use crate::secret::Secret;
use crate::template::{PathTemplate, resolved};
use crate::test::Expected;
use crate::topic::TopicTemplate;
use crate::values::Values;
use crate::{broker, classes, duration, flags, names, size, url};

/// A checked value.
#[derive(Debug)]
pub(crate) enum Value {
    Bool(bool),
    /// A count, a size in bytes, or permission bits.
    Number(u64),
    Duration(Duration),
    /// `"off"`.
    Off,
    Text(String),
    Texts(Vec<String>),
    Address(Address),
    Ip(IpAddr),
    Path(PathBuf),
    Template(PathTemplate),
    Topic(TopicTemplate),
    Owner(Owner),
    Secret(Secret),
    Properties(BTreeMap<String, String>),
    Fields(Vec<(String, Expected)>),
    Table(Values),
}

/// Checks a value that is no text. `example` is a right value, for the error.
pub(crate) fn from_plain(kind: &Kind, value: &DeValue<'_>, example: &str) -> Result<Value, Fault> {
    match (kind, value) {
        (Kind::Bool, DeValue::Boolean(value)) => Ok(Value::Bool(*value)),
        (Kind::Integer { min, max }, DeValue::Integer(integer)) => {
            let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
            let number = number.filter(|number| (*min..=*max).contains(number));
            number.map(Value::Number).ok_or_else(|| Fault::expected(expected(kind, example)))
        }
        _ => Err(Fault::expected(expected(kind, example))),
    }
}

/// Checks a text, already interpolated. `example` is a right value, for the error; relative paths start at `directory`.
pub(crate) fn from_text(kind: &Kind, text: &str, example: &str, directory: &Path) -> Result<Value, Fault> {
    let with_hint = |hint: Option<String>| {
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        Fault::expected(expected(kind, example) + &hint)
    };
    match kind {
        Kind::Size { min, max } => {
            let bytes = size::parse(text).map_err(with_hint)?;
            if (*min..=*max).contains(&bytes) { Ok(Value::Number(bytes)) } else { Err(with_hint(None)) }
        }
        Kind::Duration { off: true, .. } | Kind::Address { off: true } if text == "off" => Ok(Value::Off),
        Kind::Duration { min, max, .. } => {
            let duration = duration::parse(text).map_err(with_hint)?;
            let is_within = (u128::from(*min)..=u128::from(*max)).contains(&duration.as_millis());
            if is_within { Ok(Value::Duration(duration)) } else { Err(with_hint(None)) }
        }
        Kind::Choice(choices) => choice(choices, text),
        Kind::Text { max } => match (1..=*max).contains(&text.len()) && !text.contains(char::is_control) {
            true => Ok(Value::Text(text.to_owned())),
            false => Err(with_hint(None)),
        },
        Kind::Verbatim { max } | Kind::Condition { max } => match (1..=*max).contains(&text.len()) {
            true => Ok(Value::Text(text.to_owned())),
            false => Err(with_hint(None)),
        },
        Kind::Class => classes::check_class(text).map(|()| Value::Text(text.to_owned())),
        Kind::Flag => flags::check_flag(text).map(|()| Value::Text(text.to_owned())),
        Kind::Instance => names::check_instance(text).map(|()| Value::Text(text.to_owned())),
        Kind::ClassPattern => classes::check_pattern(text).map(|()| Value::Text(text.to_owned())),
        Kind::HostPattern if is_host_pattern(text) => Ok(Value::Text(text.to_owned())),
        Kind::Address { off } => match Address::parse(text, directory)? {
            Address::Unix(_) | Address::Systemd(_) if *off => Err(with_hint(None)),
            address => Ok(Value::Address(address)),
        },
        Kind::Ip => text.parse().map(Value::Ip).map_err(|_| with_hint(None)),
        Kind::Broker => broker::check_broker(text).map(|()| Value::Text(text.to_owned())),
        Kind::Url => url::check_url(text).map(|()| Value::Text(text.to_owned())),
        Kind::Path => path(text, directory).map(Value::Path),
        Kind::Template => PathTemplate::parse(text, directory).map(Value::Template),
        Kind::Topic => TopicTemplate::parse(text).map(Value::Topic),
        Kind::Mode { max } => match u32::from_str_radix(text, 8) {
            Ok(mode) if mode <= *max && text.len() >= 3 && !text.starts_with('+') => Ok(Value::Number(mode.into())),
            _ => Err(with_hint(None)),
        },
        Kind::Owner => Owner::parse(text).map(Value::Owner),
        Kind::Bool if text == "true" || text == "false" => Err(with_hint(Some("without quotes".to_owned()))),
        Kind::Integer { .. } if text.parse::<u64>().is_ok() => Err(with_hint(Some("without quotes".to_owned()))),
        _ => Err(with_hint(None)),
    }
}

/// What would be right, as the end of "expected …".
pub(crate) fn expected(kind: &Kind, example: &str) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Integer { .. } | Kind::Choice(_) => describe(kind),
        Kind::Size { .. } | Kind::Duration { .. } => {
            let described = describe(kind);
            let (noun, range) = described.split_once(", ").unwrap_or((&described, ""));
            // "off" by default, but no duration.
            let example = if example == "\"off\"" { "\"1h\"" } else { example };
            format!("{noun} such as {example} ({range})")
        }
        Kind::Table { .. } => "a table".to_owned(),
        // Empty by default, which shows nothing of what goes in.
        _ if example == "[]" => describe(kind),
        Kind::List { of, .. } => format!("a list such as {example}: each {}", describe(of)),
        _ => format!("{}, such as {example}", describe(kind)),
    }
}

/// The kind in a few words: `a size, 480B to 16MiB`.
pub(crate) fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Size { min, max: SIZE_MAX } => format!("a size, at least {}", size::show(*min)),
        Kind::Size { min, max } => format!("a size, {} to {}", size::show(*min), size::show(*max)),
        Kind::Duration { min, max, off } => {
            let show = |milliseconds: &u64| duration::show(Duration::from_millis(*milliseconds));
            let or_off = if *off { ", or \"off\"" } else { "" };
            format!("a duration, {} to {}{or_off}", show(min), show(max))
        }
        Kind::Choice(choices) => {
            let later = match choices.later {
                [] => String::new(),
                later => format!(
                    "{}{} later",
                    if choices.now.is_empty() { "" } else { "; " },
                    alternatives(later.iter().copied())
                ),
            };
            alternatives(choices.now.iter().map(|(word, _)| *word)) + &later
        }
        Kind::Text { max } => format!("a text of 1 to {max} octets without control characters"),
        Kind::Verbatim { max } => format!("a text of 1 to {max} octets, as it is"),
        Kind::Condition { max } => format!("a condition of 1 to {max} octets"),
        Kind::Class => "a class".to_owned(),
        Kind::Flag => "a flag of records".to_owned(),
        Kind::Instance => "a name".to_owned(),
        Kind::HostPattern => "a host name, or \"*.\" and a domain of two labels or more".to_owned(),
        Kind::ClassPattern => "a class, a prefix and \".*\", or \"*\"".to_owned(),
        Kind::Address { off: false } => "an address".to_owned(),
        Kind::Address { off: true } => "\"host:port\" or \"off\"".to_owned(),
        Kind::Ip => "an IPv4 or IPv6 address".to_owned(),
        Kind::Broker => "\"host:port\" or \"[v6]:port\"".to_owned(),
        Kind::Url => "a URL".to_owned(),
        Kind::Path => "a path".to_owned(),
        Kind::Template => "a path with placeholders".to_owned(),
        Kind::Topic => "a topic with placeholders".to_owned(),
        Kind::Mode { max } => format!("permission bits in octal, at most \"{max:04o}\""),
        Kind::Owner => "an owner".to_owned(),
        Kind::List { of, .. } => format!("a list: each {}", describe(of)),
        Kind::Secret => "\"${env:NAME}\" or \"${file:/path}\" alone".to_owned(),
        Kind::Table { .. } => "a table".to_owned(),
        Kind::Properties => "a table of texts, whole numbers, true and false".to_owned(),
        Kind::Fields => "a table of texts, whole numbers, true and false, and lists of texts".to_owned(),
        Kind::Later => "nothing yet, a later version will have it".to_owned(),
    }
}

/// `value` in a few words, for "found …".
pub(crate) fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(value) => format!("the date {value}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn choice(choices: &Choices, text: &str) -> Result<Value, Fault> {
    let now = || choices.now.iter().map(|(word, _)| *word);
    if now().any(|word| word == text) {
        return Ok(Value::Text(text.to_owned()));
    }
    if choices.later.contains(&text) {
        let instead = if choices.now.is_empty() { "nothing".to_owned() } else { alternatives(now()) };
        return Err(Fault::expected(format!("{instead}: {text:?} is not there yet, a later version will have it")));
    }
    let near = nearest(text, now()).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    Err(Fault::expected(format!("{}{near}", alternatives(now()))))
}

fn path(text: &str, directory: &Path) -> Result<PathBuf, Fault> {
    if text.trim_start().starts_with("-----BEGIN") {
        return Err(Fault::new("the content of a PEM file", "the path of the file"));
    }
    if text.is_empty() || text.contains('\0') {
        return Err(Fault::expected("a path"));
    }
    Ok(resolved(text, directory))
}

/// RFC 6125 §6.4.3, as narrow as browsers have it: `*` alone, as the whole first label, before at least two more.
fn is_host_pattern(text: &str) -> bool {
    let (host, labels_min) = text.strip_prefix("*.").map_or((text, 1), |domain| (domain, 2));
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"_-".contains(&octet))
    };
    host.len() <= 253 && host.split('.').count() >= labels_min && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_a_whole_first_label() {
        for name in ["host", "host.example.com", "*.diego.internal", "a_b-c.x"] {
            assert!(is_host_pattern(name), "{name}");
        }
        for name in ["", "*", "*.com", "a.*.com", "a*.example.com", "a..b", ".a", "a.", "ü.com", "a b"] {
            assert!(!is_host_pattern(name), "{name}");
        }
    }

    #[test]
    fn a_mode_is_octal() {
        let kind = Kind::Mode { max: 0o777 };
        let mode = |text| from_text(&kind, text, "\"0640\"", Path::new(""));
        assert!(matches!(mode("0640"), Ok(Value::Number(0o640))));
        assert!(matches!(mode("600"), Ok(Value::Number(0o600))));
        for text in ["", "0", "680", "rw-r-----", "01777", "+640", "0o640"] {
            assert!(mode(text).is_err(), "{text}");
        }
    }
}
