//! From a name, an operator and its operands to a comparison that is ready to be asked.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::bytes::RegexBuilder;

use crate::check::{Check, Order, Value};
use crate::error::{Mistake, shown};
use crate::limits::REGEX_BYTES_MAX;
use crate::name::{Kind, Name};
use crate::nearest::hint;
use crate::tree::Comparison;

/// What a condition can ask of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    In,
    StartsWith,
    InCidr,
    Matches,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Exists,
}

/// How many operands an operator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    One,
    List,
    /// One without brackets, or a list.
    Either,
}

/// A value that somebody wrote in a condition.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    at: usize,
    literal: Literal,
}

#[derive(Debug, Clone)]
enum Literal {
    Text(String),
    Integer(i64),
}

impl Operator {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Equal,
        Self::NotEqual,
        Self::In,
        Self::StartsWith,
        Self::InCidr,
        Self::Matches,
        Self::Less,
        Self::LessOrEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Exists,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::In => "in",
            Self::StartsWith => "starts_with",
            Self::InCidr => "in_cidr",
            Self::Matches => "matches",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Exists => "exists",
        }
    }

    pub(crate) fn find(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operator| operator.word() == word)
    }

    pub(crate) fn list(operators: &[Self]) -> String {
        operators.iter().map(|operator| operator.word()).collect::<Vec<_>>().join(" ")
    }

    pub(crate) const fn takes(self) -> Takes {
        match self {
            Self::In => Takes::List,
            Self::StartsWith | Self::InCidr => Takes::Either,
            _ => Takes::One,
        }
    }
}

impl Operand {
    pub(crate) fn text(at: usize, text: &str) -> Self {
        Self { at, literal: Literal::Text(text.to_owned()) }
    }

    pub(crate) const fn integer(at: usize, number: i64) -> Self {
        Self { at, literal: Literal::Integer(number) }
    }

    fn as_text(&self) -> Result<&str, Mistake> {
        match &self.literal {
            Literal::Text(text) => Ok(text),
            Literal::Integer(number) => {
                let number = number.to_string();
                Err(Mistake::new(
                    self.at,
                    format!("the number {}", shown(&number)),
                    format!("a text in quotes, \"{number}\""),
                ))
            }
        }
    }

    fn as_integer(&self) -> Result<i64, Mistake> {
        match &self.literal {
            Literal::Integer(number) => Ok(*number),
            Literal::Text(text) => {
                Err(Mistake::new(self.at, format!("the text {}", shown(text)), "a whole number, without quotes"))
            }
        }
    }

    const fn is_integer(&self) -> bool {
        matches!(self.literal, Literal::Integer(_))
    }
}

impl Kind {
    /// The operators that values of this kind can be asked with.
    const fn operators(self) -> &'static [Operator] {
        use Operator::{
            Equal, Exists, Greater, GreaterOrEqual, In, InCidr, Less, LessOrEqual, Matches, NotEqual, StartsWith,
        };
        match self {
            Self::Text => &[Equal, NotEqual, In, StartsWith, Matches, InCidr, Exists],
            Self::Address => &[Equal, NotEqual, In, InCidr, Exists],
            Self::Integer => &[Equal, NotEqual, In, Less, LessOrEqual, Greater, GreaterOrEqual, Exists],
            Self::Words => &[Equal, NotEqual, In, StartsWith, Matches, Exists],
            Self::Level => {
                &[Equal, NotEqual, In, StartsWith, Matches, Less, LessOrEqual, Greater, GreaterOrEqual, Exists]
            }
            Self::Any => Operator::ALL,
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Address => "an address",
            Self::Integer => "a number",
            Self::Words | Self::Level => "words of a list",
            Self::Any => "whatever the producer writes",
        }
    }
}

/// The comparison of `name` by the operator at `at`; for [`Operator::NotEqual`] that of its opposite.
pub(crate) fn comparison(
    name: Name,
    operator: Operator,
    at: usize,
    operands: &[Operand],
) -> Result<Comparison, Mistake> {
    let kind = name.kind();
    if !kind.operators().contains(&operator) {
        let (meaning, operators) = (kind.meaning(), Operator::list(kind.operators()));
        let expected = format!("one of {operators}, since the field is {meaning}");
        return Err(Mistake::new(at, shown(operator.word()), expected));
    }
    if matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In) {
        operands.iter().try_for_each(|operand| refuse_network(operand, operator))?;
    }
    let check = check(kind, operator, operands)?;
    if !matches!(kind, Kind::Words | Kind::Level) {
        refuse_unknown(&name, operator, operands)?;
        return Ok(Comparison::Value(name, check));
    }
    if name == Name::Flags && operator == Operator::NotEqual {
        return Err(Mistake::new(at, "`!=`", "`not flags == \"…\"`, since a record has any number of flags"));
    }
    refuse_unknown(&name, operator, operands)?;
    let bits = places(&name, &check);
    if bits == 0 {
        let values = name.values().unwrap_or_default().join(" ");
        return Err(Mistake::new(at, "a comparison that never holds", format!("one that does for some of {values}")));
    }
    Ok(Comparison::Listed(name, bits))
}

fn check(kind: Kind, operator: Operator, operands: &[Operand]) -> Result<Check, Mistake> {
    match operator {
        Operator::Exists => Ok(Check::Any),
        Operator::Equal | Operator::NotEqual | Operator::In => equality(kind, operands),
        Operator::StartsWith => Ok(Check::Prefixes(texts(operands)?)),
        Operator::InCidr => Ok(Check::Networks(each(operands, network)?)),
        Operator::Matches => regex(first(operands)?),
        Operator::Less => Ok(Check::Order(Order::Less, first(operands)?.as_integer()?)),
        Operator::LessOrEqual => Ok(Check::Order(Order::LessOrEqual, first(operands)?.as_integer()?)),
        Operator::Greater => Ok(Check::Order(Order::Greater, first(operands)?.as_integer()?)),
        Operator::GreaterOrEqual => Ok(Check::Order(Order::GreaterOrEqual, first(operands)?.as_integer()?)),
    }
}

fn equality(kind: Kind, operands: &[Operand]) -> Result<Check, Mistake> {
    let wants_integers = match kind {
        Kind::Integer => true,
        Kind::Address => return Ok(Check::Networks(each(operands, host)?)),
        Kind::Level | Kind::Any => first(operands)?.is_integer(),
        Kind::Text | Kind::Words => false,
    };
    if wants_integers {
        Ok(Check::Integers(each(operands, Operand::as_integer)?))
    } else {
        let mut texts = texts(operands)?;
        texts.sort_unstable();
        Ok(Check::Texts(texts))
    }
}

/// The first operand; the parser has made sure that there is one.
fn first(operands: &[Operand]) -> Result<&Operand, Mistake> {
    operands.first().ok_or_else(|| Mistake::new(0, "nothing", "a value"))
}

fn each<T>(operands: &[Operand], read: impl Fn(&Operand) -> Result<T, Mistake>) -> Result<Box<[T]>, Mistake> {
    operands.iter().map(read).collect()
}

fn texts(operands: &[Operand]) -> Result<Box<[Box<[u8]>]>, Mistake> {
    each(operands, |operand| Ok(operand.as_text()?.as_bytes().into()))
}

/// Bits of the prefix `::ffff:0:0/96`, behind which an address of version 6 is one of version 4 (RFC 4291 section 2.5.5.2).
const MAPPED_BITS: u8 = 96;

fn network(operand: &Operand) -> Result<IpNet, Mistake> {
    let text = operand.as_text()?;
    let mistake = |expected: String| Mistake::new(operand.at, format!("the text {}", shown(text)), expected);
    let network = match (text.parse::<IpNet>(), text.parse::<IpAddr>()) {
        (Ok(network), _) => network,
        (_, Ok(address)) => IpNet::from(address.to_canonical()),
        _ => return Err(mistake("a network such as \"10.0.0.0/8\" or \"fd00::/8\", or an address".to_owned())),
    };
    if let IpNet::V6(mapped) = network
        && let Some(address) = mapped.addr().to_ipv4_mapped()
        && mapped.prefix_len() >= MAPPED_BITS
    {
        let bits = mapped.prefix_len() - MAPPED_BITS;
        let plain = format!("\"{address}/{bits}\": an address of version 4 is one, however it is written");
        return Err(mistake(plain));
    }
    if network.trunc() == network {
        Ok(network)
    } else {
        let (whole, host) = (network.trunc(), network.addr());
        Err(mistake(format!("\"{whole}\" for the network or \"{host}\" for the address")))
    }
}

fn host(operand: &Operand) -> Result<IpNet, Mistake> {
    let text = operand.as_text()?;
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(IpNet::from(address.to_canonical())),
        Err(_) => {
            Err(Mistake::new(operand.at, format!("the text {}", shown(text)), "an address such as \"192.0.2.7\""))
        }
    }
}

/// A network in `==` or `in` would be compared as a text, which nobody means.
fn refuse_network(operand: &Operand, operator: Operator) -> Result<(), Mistake> {
    match &operand.literal {
        Literal::Text(text) if text.contains('/') && text.parse::<IpNet>().is_ok() => {
            let expected = format!("`in_cidr` in place of `{}` for a network", operator.word());
            Err(Mistake::new(operand.at, format!("the text {}", shown(text)), expected))
        }
        _ => Ok(()),
    }
}

/// A word that is not in the name's closed list is a slip.
fn refuse_unknown(name: &Name, operator: Operator, operands: &[Operand]) -> Result<(), Mistake> {
    let Some(values) = name.values() else { return Ok(()) };
    if !matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In) {
        return Ok(());
    }
    for operand in operands {
        let (is_known, found) = match &operand.literal {
            Literal::Text(text) => (values.contains(&text.as_str()), text.clone()),
            Literal::Integer(number) => {
                (usize::try_from(*number).is_ok_and(|place| place < values.len()), number.to_string())
            }
        };
        if !is_known {
            let expected = format!("one of {}{}", values.join(" "), hint(&found, values.iter().copied()));
            return Err(Mistake::new(operand.at, shown(&found), expected));
        }
    }
    Ok(())
}

/// The places of the name's closed list whose words, or numbers, pass.
fn places(name: &Name, check: &Check) -> u64 {
    let passes = |place: usize, word: &str| {
        check.holds(Value::Text(word.as_bytes()))
            || (name.kind() == Kind::Level
                && i64::try_from(place).is_ok_and(|number| check.holds(Value::Integer(number))))
    };
    let values = name.values().unwrap_or_default();
    values.iter().enumerate().filter(|(place, word)| passes(*place, word)).fold(0, |bits, (place, _)| bits | 1 << place)
}

fn regex(operand: &Operand) -> Result<Check, Mistake> {
    let pattern = operand.as_text()?;
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(REGEX_BYTES_MAX).dfa_size_limit(REGEX_BYTES_MAX);
    builder.build().map(Check::Matches).map_err(|error| {
        let what = match error {
            regex::Error::CompiledTooBig(_) => {
                format!("one that takes at most {} KiB when compiled", REGEX_BYTES_MAX >> 10)
            }
            // The last line says it; those before show where.
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                format!("one without this mistake: {}", last.trim_start_matches("error: "))
            }
        };
        Mistake::new(operand.at, format!("the regular expression {}", shown(pattern)), what)
    })
}
