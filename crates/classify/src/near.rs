//! Near misses: what in a frame looks like a record of a class that the frame did not get, and why it lost.
//!
//! For people who ask why a line is not what they expected. It searches and allocates, so it has no place on the hot path,
//! and it decides nothing.

use std::fmt;

use memchr::memmem;
use record::{Class, FrameSpan};

use crate::found::Found;
use crate::json::{self, Facts, Object, Outline};
use crate::rule::RuleText;
use crate::{REACH_BYTES, Verdict, carrier, cef, content, k8s, logmessage, message, pks, rule, uaa, ucp};

/// Something that looks like a record of another class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The class that it looks like.
    pub class: Class,
    /// The octets that look so, in the frame.
    pub at: FrameSpan,
    /// Why it lost.
    pub why: Why,
}

/// Why a near miss lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Header or envelope had decided before text was looked at.
    Sender(&'static str),
    /// It begins too far into the message.
    Beyond,
    /// It would be a record, but for what stands before it.
    Before,
    /// It begins like a record and does not go on like one; what the rule asks for.
    Shape(&'static str),
    /// It is text within a JSON string, or a member deeper inside.
    NotOnTop,
    /// The object lacks these members.
    Missing(Vec<&'static str>),
    /// It is a part of a longer line in a container's log.
    Part,
    /// The object that carries it ends before it has shown that it is a carrier.
    CutCarrier,
    /// `kind` or `apiVersion` say that it is something else.
    OtherKind,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sender(rule) => {
                write!(f, "who sent it was decided first, by the rule {rule}; what it says cannot change that")
            }
            Self::Beyond => {
                write!(f, "it begins more than {REACH_BYTES} octets into the message, where no producer puts it")
            }
            Self::Before => f.write_str(
                "it would be one if it stood at the start of the message, or after its producer's log prefix alone",
            ),
            Self::Shape(sentence) => write!(f, "it does not have the whole shape: {sentence}"),
            Self::NotOnTop => {
                f.write_str("it is text inside a string, or a member deeper inside: only the outer record counts")
            }
            Self::Part => f.write_str(
                "it is a part (`P`) of a longer line of a container's log: have the parts joined before they are sent",
            ),
            Self::CutCarrier => f.write_str("what carries it was cut before it showed that it is a carrier"),
            Self::Missing(names) => write!(f, "its object lacks {}", names.join(", ")),
            Self::OtherKind => f.write_str("its kind or apiVersion say that it is something else"),
        }
    }
}

/// What the text of a format looks like.
struct TextSign {
    needle: &'static [u8],
    /// Asks the format's rule about a text.
    decide: fn(&[u8]) -> Option<Found>,
    /// Whether the needle stands behind the line's own beginning, which the rule asks for.
    is_inside: bool,
    rule: &'static RuleText,
}

const TEXT_SIGNS: [TextSign; 7] = [
    TextSign { needle: b"CEF:", decide: cef::decide, is_inside: false, rule: &cef::GENERIC },
    TextSign { needle: b"Audit: ", decide: uaa::decide, is_inside: false, rule: &uaa::LINE },
    TextSign { needle: b" AUDIT: id=\"", decide: k8s::legacy, is_inside: true, rule: &k8s::LEGACY },
    TextSign { needle: b"Action '", decide: of_pks, is_inside: true, rule: &pks::API },
    TextSign { needle: b"BOSH task ID ", decide: of_pks, is_inside: true, rule: &pks::BROKER },
    TextSign { needle: b"Telemetry - ", decide: of_pks, is_inside: true, rule: &pks::AGENT },
    TextSign { needle: b"event_type: LogMessage", decide: |_| None, is_inside: false, rule: &logmessage::PASTED },
];

fn of_pks(text: &[u8]) -> Option<Found> {
    pks::decide(text, b"")
}

impl TextSign {
    /// What the rule says of the record around the needle at `at`, taken alone, and where that begins.
    fn alone(&self, text: &[u8], at: usize) -> Option<(usize, Found)> {
        let first = if self.is_inside { at.saturating_sub(REACH_BYTES) } else { at };
        let mut found = (first..=at).rev().filter_map(|start| Some((start, (self.decide)(&text[start..])?)));
        found.find(|(_, found)| found.text.class != Class::Other)
    }
}

/// Everything in `frame` that looks like a record of a class other than `verdict`'s: at most one find per format.
#[must_use]
pub fn near_misses(frame: &[u8], verdict: &Verdict) -> Vec<NearMiss> {
    let range = message::trimmed(frame, verdict.header.msg as usize);
    let start = range.start;
    let text = &frame[range];
    let mut misses: Vec<_> = TEXT_SIGNS.iter().filter_map(|sign| text_miss(sign, text, verdict)).collect();
    misses.extend(member_misses(text, verdict));
    if let Some(miss) = carried_miss(text, verdict).or_else(|| object_miss(text, verdict)) {
        misses.retain(|other| other.class != miss.class);
        misses.push(miss);
    }
    for miss in &mut misses {
        miss.at = FrameSpan::new(miss.at.start + start as u32, miss.at.end + start as u32);
    }
    misses.sort_by_key(|miss| miss.at.start);
    misses
}

fn span(start: usize, needle: &[u8]) -> FrameSpan {
    FrameSpan::new(start as u32, (start + needle.len()) as u32)
}

/// The rule, when it looked at the sender alone.
fn sender(verdict: &Verdict) -> Option<Why> {
    let by_sender = [&rule::APPLICATION, &rule::CONTAINER, &rule::ENVELOPE, &logmessage::OBJECT, &logmessage::PASTED];
    let name = by_sender.iter().find(|text| text.name == verdict.rule.name())?.name;
    Some(Why::Sender(name))
}

fn text_miss(sign: &TextSign, text: &[u8], verdict: &Verdict) -> Option<NearMiss> {
    let at = memmem::find(text, sign.needle)?;
    let alone = sign.alone(text, at);
    let class = alone.map_or(sign.rule.class, |(_, found)| found.text.class);
    if class == verdict.class {
        return None;
    }
    let why = if let Some(why) = sender(verdict) {
        why
    } else if text.first() == Some(&b'{') {
        Why::NotOnTop
    } else if at >= REACH_BYTES {
        Why::Beyond
    } else if alone.is_some_and(|(start, _)| start > 0) {
        Why::Before
    } else {
        Why::Shape(sign.rule.sentence)
    };
    Some(NearMiss { class, at: span(at, sign.needle), why })
}

/// A record in a carrier that is not whole.
fn carried_miss(text: &[u8], verdict: &Verdict) -> Option<NearMiss> {
    let (found, why) = if let Some(start) = carrier::cri_part(text) {
        (content::inner(&text[start..], false).moved(start), Why::Part)
    } else if text.first() == Some(&b'{') && verdict.class == Class::Other {
        let outline = json::outline(text);
        let carried = carrier::whole_member(text, &outline).filter(|_| outline.is_cut())?;
        (content::unescaped_inner(text, carried), Why::CutCarrier)
    } else {
        return None;
    };
    miss(found, why, verdict)
}

/// A JSON record behind other text.
fn object_miss(text: &[u8], verdict: &Verdict) -> Option<NearMiss> {
    let start = memchr::memchr(b'{', text).filter(|start| *start > 0 && !text.starts_with(b"@cee:"))?;
    let found = content::members(&json::outline(&text[start..]))?.moved(start);
    miss(found, Why::Before, verdict)
}

fn miss(found: Found, why: Why, verdict: &Verdict) -> Option<NearMiss> {
    let class = found.text.class;
    let at = FrameSpan::new(found.start as u32, found.end as u32);
    let why = sender(verdict).unwrap_or(why);
    (class != Class::Other && class != verdict.class).then_some(NearMiss { class, at, why })
}

/// A member that a JSON format is known by, and what its rule asks for beside it.
struct MemberSign {
    needle: &'static [u8],
    rule: &'static RuleText,
    object: Object,
    asks: &'static [(Facts, &'static str)],
}

const REQUEST_EVENT: &[(Facts, &str)] =
    &[(Facts::AUDIT_ID, "auditID"), (Facts::STAGE, "stage"), (Facts::REQUEST_URI, "requestURI"), (Facts::VERB, "verb")];

const MEMBER_SIGNS: [MemberSign; 5] = [
    MemberSign { needle: b"auditID", rule: &k8s::EVENT, object: Object::Top, asks: REQUEST_EVENT },
    MemberSign { needle: b"audit\"", rule: &ucp::RECORD, object: Object::Audit, asks: REQUEST_EVENT },
    MemberSign {
        needle: b"EventList",
        rule: &k8s::LIST,
        object: Object::Top,
        asks: &[
            (Facts::KIND_EVENT_LIST, "kind EventList"),
            (Facts::API_AUDIT, "apiVersion audit.k8s.io/…"),
            (Facts::ITEM, "an object in items"),
        ],
    },
    MemberSign {
        needle: b"event_type",
        rule: &logmessage::OBJECT,
        object: Object::Top,
        asks: &[(Facts::EVENT_TYPE_LOG_MESSAGE, "event_type LogMessage")],
    },
    MemberSign {
        needle: b"actor",
        rule: &crate::audit_event::V3,
        object: Object::Top,
        asks: &[
            (Facts::ACTOR_OBJECT, "the object actor"),
            (Facts::TARGET_OBJECT, "the object target"),
            (Facts::TYPE, "the string type"),
        ],
    },
];

fn member_misses(text: &[u8], verdict: &Verdict) -> Vec<NearMiss> {
    let outline = (text.first() == Some(&b'{')).then(|| json::outline(text));
    let found = MEMBER_SIGNS.iter().filter(|sign| sign.rule.class != verdict.class);
    let found = found.filter_map(|sign| {
        let at = memmem::find(text, sign.needle)?;
        let why = sender(verdict).or_else(|| outline.as_ref().and_then(|outline| lack(sign, outline)));
        Some(NearMiss { class: sign.rule.class, at: span(at, sign.needle), why: why? })
    });
    found.collect()
}

/// What the object of a sign lacks; `None` when it lacks nothing, so that another rule came first.
fn lack(sign: &MemberSign, outline: &Outline) -> Option<Why> {
    let facts = outline.facts(sign.object);
    let missing: Vec<_> = sign.asks.iter().filter(|(fact, _)| !facts.all(*fact)).map(|(_, name)| *name).collect();
    if missing.len() == sign.asks.len() {
        return Some(Why::NotOnTop);
    }
    if !missing.is_empty() {
        return Some(Why::Missing(missing));
    }
    facts.any(Facts::KIND_EVENT_LIST | Facts::KIND_ELSE | Facts::API_ELSE).then_some(Why::OtherKind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify;

    fn check(frame: &str, expected: &[(Class, Why)]) {
        let verdict = classify(frame.as_bytes());
        let found = near_misses(frame.as_bytes(), &verdict);
        let found: Vec<_> = found.into_iter().map(|miss| (miss.class, miss.why)).collect();
        assert_eq!(found, expected, "{frame}");
    }

    const UAA: &str = "Audit: X ('a'): principal=b, origin=[c], identityZoneId=[uaa]";

    #[test]
    fn a_record_has_no_near_miss_of_its_own_class() {
        check(UAA, &[]);
        check("CEF:0|a|b|c|d|e|5|x=y", &[]);
    }

    #[test]
    fn a_quoted_record_loses_to_what_stands_before_it() {
        check(&format!("<14>1 - h app - - - received {UAA}"), &[(Class::UaaAudit, Why::Before)]);
        check(
            &format!("[2024] uaa - 1 [a] ....  INFO --- LoginController: no user x --- {UAA}"),
            &[(Class::UaaAudit, Why::Before)],
        );
        check(
            "<14>1 - h app - - - I saw CEF:0|cloud_foundry|credhub|1|s|n|0|rt=1",
            &[(Class::CredhubCef, Why::Before)],
        );
    }

    #[test]
    fn what_an_application_printed_stays_its_output() {
        let frame = format!("<14>1 - h 7a - - [tags@47450 app_id=\"7a\"] {UAA}");
        check(&frame, &[(Class::UaaAudit, Why::Sender("drain.application"))]);
    }

    #[test]
    fn too_far_in() {
        check(&format!("{}{UAA}", "x".repeat(300)), &[(Class::UaaAudit, Why::Beyond)]);
    }

    #[test]
    fn an_object_lacks_members() {
        let missing = Why::Missing(vec!["stage", "verb"]);
        check(r#"{"auditID":"1","requestURI":"/"}"#, &[(Class::K8sAudit, missing)]);
    }

    #[test]
    fn another_kind_of_object() {
        let frame = r#"{"kind":"Policy","auditID":"1","stage":"s","requestURI":"/","verb":"get"}"#;
        check(frame, &[(Class::K8sAudit, Why::OtherKind)]);
    }

    #[test]
    fn a_record_inside_a_string_is_text() {
        check(r#"{"msg":"{\"auditID\":1}"}"#, &[(Class::K8sAudit, Why::NotOnTop)]);
    }

    #[test]
    fn a_whole_line_behind_other_text_is_not_at_the_start() {
        const SPRING: &str = "2019-05-16 14:59:34.897  INFO 7594 --- [exec-7] i.p.pks";
        for (line, class) in [
            (format!("{SPRING}.cluster.ClusterService : Action 'create-cluster' by user 'a'"), Class::PksApi),
            (format!("{SPRING}.telemetry.Agent : Telemetry - addCluster: x"), Class::PksTelemetry),
            (
                "[broker] [id] 2019/06/04 20:16:52.493286 BOSH task ID 132 status: done delete deployment for instance x"
                    .to_owned(),
                Class::PksBroker,
            ),
            ("2024-05-01T10:00:00.123456Z AUDIT: id=\"1\" ip=\"x\"".to_owned(), Class::K8sAudit),
            (r#"{"auditID":"1","stage":"s","requestURI":"/","verb":"get"}"#.to_owned(), Class::K8sAudit),
        ] {
            check(&line, &[]);
            check(&format!("I saw {line}"), &[(class, Why::Before)]);
        }
    }

    #[test]
    fn what_a_carrier_holds_that_is_not_whole() {
        check(&format!("2024-05-01T10:00:00Z stdout P {UAA}"), &[(Class::UaaAudit, Why::Part)]);
        check(
            r#"2024-05-01T10:00:00Z stdout P {"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","#,
            &[(Class::K8sAudit, Why::Part)],
        );
        check(&format!(r#"{{"log":"{UAA}\n","stream":"std"#), &[(Class::UaaAudit, Why::CutCarrier)]);
    }

    #[test]
    fn a_shape_that_does_not_go_on() {
        check("Audit: nothing special", &[(Class::UaaAudit, Why::Shape(uaa::LINE.sentence))]);
    }
}
