//! `[[test]]`: lines, and what should become of them.

use super::Fallback::{Absent, Required, Value};
use super::{Form, Key, Kind, MIB, Section};
use crate::choices::Transport;

pub(super) const TEST: Section = Section {
    name: "test",
    form: Form::Listed,
    selector: None,
    meaning: "A line, and what should become of it with this configuration. `gully test` runs them all; what is not given is not \
              looked at. Errors count them from 1: `test[3].class`.",
    keys: &[
        Key {
            name: "name",
            kind: Kind::Text { max: 256 },
            default: Required { example: "\"a failed login goes to the SIEM\"" },
            only: &[],
            meaning: "What the test shows, in a sentence; each test has another.",
            worst: "A name that says little helps little when the test fails.",
        },
        Key {
            name: "line",
            kind: Kind::Verbatim { max: MIB as usize },
            default: Required { example: "'<14>1 - - uaa rs2 - - Audit: …'" },
            only: &[],
            meaning: "The message as a sender sends it, without count or line end. Taken as it is: nothing is filled in. Three single quotes around it let it hold quotes of both kinds.",
            worst: "A test proves something of its own line alone.",
        },
        Key {
            name: "transport",
            kind: Kind::Choice(&Transport::CHOICES),
            default: Value("\"auto\""),
            only: &[],
            meaning: "Which header the line has.",
            worst: "A header that the line does not have: it is taken for a part of the message, or of another header.",
        },
        Key {
            name: "listener",
            kind: Kind::Text { max: 64 },
            default: Absent { so: "the first of the configuration", example: "\"drain\"" },
            only: &[],
            meaning: "The listener that takes the line, for conditions that ask for it.",
            worst: "Another listener than in real life: such conditions decide otherwise.",
        },
        Key {
            name: "peer",
            kind: Kind::Ip,
            default: Absent { so: "127.0.0.1", example: "\"192.0.2.1\"" },
            only: &[],
            meaning: "The address that sends the line, for conditions that ask for it.",
            worst: "Another address than in real life: such conditions decide otherwise.",
        },
        Key {
            name: "class",
            kind: Kind::Class,
            default: Absent { so: "any class", example: "\"cf.uaa.audit\"" },
            only: &[],
            meaning: "The class that the line should have.",
            worst: "Not given: not looked at.",
        },
        Key {
            name: "fields",
            kind: Kind::Fields,
            default: Absent {
                so: "any fields",
                example: "{ \"user.name\" = \"alice\", \"syslog.app_name\" = \"uaa\", \"native.uaa.event\" = \"UserAuthenticationFailure\" }",
            },
            only: &[],
            meaning: "Fields and the values that they should have: of the normalised event, of a batch the first; `syslog.` and a member of the header; `native.` and a name of the producer's. Other fields may be there.",
            worst: "Not given: not looked at.",
        },
        Key {
            name: "flags",
            kind: Kind::List { of: &Kind::Flag, min: 0 },
            default: Absent { so: "any flags", example: "[\"truncated_upstream\"]" },
            only: &[],
            meaning: "The flags that the record should have, all of them; [] for none.",
            worst: "Not given: not looked at.",
        },
        Key {
            name: "sinks",
            kind: Kind::List { of: &Kind::Text { max: 64 }, min: 0 },
            default: Absent { so: "any sinks", example: "[\"siem\"]" },
            only: &[],
            meaning: "The sinks that should take the record, all of them; [] for none.",
            worst: "Not given: not looked at.",
        },
    ],
};
