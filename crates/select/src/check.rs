//! What a value is compared with.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::bytes::Regex;

/// A value of a record.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a [u8]),
    Integer(i64),
    Address(IpAddr),
    /// An object or array: it is there, and there is nothing to compare.
    Structure,
}

/// What can be said of one value.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    /// It is there.
    Any,
    /// It is one of these texts, which are sorted.
    Texts(Box<[Box<[u8]>]>),
    Prefixes(Box<[Box<[u8]>]>),
    Matches(Regex),
    /// It is an address in one of these networks.
    Networks(Box<[IpNet]>),
    /// It is one of these numbers.
    Integers(Box<[i64]>),
    /// It is a number of which this is true.
    Order(Order, i64),
}

/// How a number lies to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Check {
    /// Whether `value` passes. Allocates nothing, but for what a regex needs when it is first used; linear in the value.
    pub(crate) fn holds(&self, value: Value<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Texts(texts) => with_text(value, |text| texts.binary_search_by(|known| (**known).cmp(text)).is_ok()),
            Self::Prefixes(prefixes) => with_text(value, |text| prefixes.iter().any(|prefix| text.starts_with(prefix))),
            Self::Matches(regex) => with_text(value, |text| regex.is_match(text)),
            Self::Networks(networks) => {
                address(value).is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
            }
            Self::Integers(numbers) => integer(value).is_some_and(|number| numbers.contains(&number)),
            Self::Order(order, than) => integer(value).is_some_and(|number| match order {
                Order::Less => number < *than,
                Order::LessOrEqual => number <= *than,
                Order::Greater => number > *than,
                Order::GreaterOrEqual => number >= *than,
            }),
        }
    }
}

/// `value` as text: a number in decimal digits. An address is none, since it can be written in several ways.
fn with_text(value: Value<'_>, check: impl FnOnce(&[u8]) -> bool) -> bool {
    match value {
        Value::Text(text) => check(text),
        Value::Integer(number) => check(itoa::Buffer::new().format(number).as_bytes()),
        Value::Address(_) | Value::Structure => false,
    }
}

fn integer(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(number),
        Value::Text(text) => std::str::from_utf8(text).ok()?.parse().ok(),
        Value::Address(_) | Value::Structure => None,
    }
}

/// `value` as an address; one of version 4 that is written as version 6 is taken for what it is.
fn address(value: Value<'_>) -> Option<IpAddr> {
    const LONGEST: usize = 45;
    let address: IpAddr = match value {
        Value::Address(address) => address,
        Value::Text(text) if text.len() <= LONGEST => std::str::from_utf8(text).ok()?.parse().ok()?,
        Value::Text(_) | Value::Integer(_) | Value::Structure => return None,
    };
    Some(address.to_canonical())
}
