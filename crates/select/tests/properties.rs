//! Conditions of any shape.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use std::sync::LazyLock;

use extract::{Extractor, Input, Wanted};
use gully_select::Condition;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use record::Batch;
use support::{batch, corpus};

const WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "(",
    ")",
    "[",
    "]",
    ",",
    "exists",
    "in",
    "in_cidr",
    "starts_with",
    "matches",
    "==",
    "!=",
    "<=",
    "class",
    "flags",
    "msg",
    "peer",
    "user.name",
    "native.a",
    "http.response.status_code",
    "\"x\"",
    "'('",
    "7",
    "-",
    "\"",
    "\\",
    "Ž",
];

/// Comparisons of every kind, of the record as a whole and of its events.
const COMPARISONS: &[&str] = &[
    "class starts_with \"cf.\"",
    "class in [\"k8s.audit\", \"other\"]",
    "flags == \"truncated_upstream\"",
    "flags in [\"no_provenance\", \"no_pri\"]",
    "exists(syslog.hostname)",
    "syslog.severity <= 4",
    "msg matches \"[0-9]{3}\"",
    "event.outcome == \"failure\"",
    "user.name != \"alice\"",
    "source.ip in_cidr \"10.0.0.0/8\"",
    "http.response.status_code >= 400",
    "exists(native.cef.ext)",
    "native.verb in [\"get\", \"list\"]",
];

static BATCHES: LazyLock<Vec<Batch>> =
    LazyLock::new(|| corpus().iter().map(|line| batch(line.message.as_bytes(), &line.transport)).collect());

/// A condition, and what its comparisons come to when each of [`COMPARISONS`] is known.
#[derive(Debug, Clone)]
enum Shape {
    Comparison(usize),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Shape {
    fn text(&self) -> String {
        let joined = |parts: &[Self], by: &str| {
            parts.iter().map(|part| format!("({})", part.text())).collect::<Vec<_>>().join(by)
        };
        match self {
            Self::Comparison(place) => COMPARISONS[*place].to_owned(),
            Self::Not(part) => format!("not ({})", part.text()),
            Self::All(parts) => joined(parts, " and "),
            Self::Any(parts) => joined(parts, " or "),
        }
    }

    fn value(&self, known: &[bool]) -> bool {
        match self {
            Self::Comparison(place) => known[*place],
            Self::Not(part) => !part.value(known),
            Self::All(parts) => parts.iter().all(|part| part.value(known)),
            Self::Any(parts) => parts.iter().any(|part| part.value(known)),
        }
    }
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = (0..COMPARISONS.len()).prop_map(Shape::Comparison);
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| Shape::Not(Box::new(part))),
            vec(inner.clone(), 1..4).prop_map(Shape::All),
            vec(inner, 1..4).prop_map(Shape::Any),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_with_its_place(words in vec(select(WORDS), 0..30), text in any::<String>()) {
        for text in [words.join(" "), words.concat(), text] {
            if let Err(error) = Condition::parse(&text) {
                let line = text.split('\n').nth(error.line - 1).unwrap();
                prop_assert!(error.column <= line.chars().count() + 1, "{}: {}", text, error);
            }
        }
    }

    /// Without an extraction, with just what is wanted, or with everything: the answer is what the comparisons come to.
    #[test]
    fn a_condition_is_what_its_comparisons_come_to(shape in shape(), line in any::<Index>()) {
        let batch = line.get(&BATCHES);
        let record = batch.record(0);
        let mut extractor = Extractor::new();
        let input =
            Input { octets: record.octets(), header: record.header(), class: record.class(), flags: record.flags() };
        // Of several events each would have its own answers.
        prop_assume!(extractor.extract(&input, Wanted::ALL).events().len() == 1);
        let condition = Condition::parse(&shape.text()).unwrap();
        let mut known = Vec::new();
        for text in COMPARISONS {
            known.push(Condition::parse(text).unwrap().holds(&record, &mut extractor));
        }
        let expected = shape.value(&known);
        prop_assert_eq!(condition.holds(&record, &mut extractor), expected, "{}", condition);
        let extraction = extractor.extract(&input, Wanted::ALL);
        prop_assert_eq!(condition.holds_with(&record, &extraction), expected, "{}", condition);
    }
}
