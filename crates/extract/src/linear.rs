//! Work is linear in a record's length, also where somebody wants it to be otherwise: octets visited are counted, and no
//! clock is read.

use record::Class;

use crate::json::work;
use crate::{Extractor, Input, Wanted};

const MEBIBYTE: usize = 1024 * 1024;

/// An octet may be visited so many times: a few passes, and a bounded number of looks at each member that it begins.
const VISITS_PER_OCTET: usize = 24;

/// Takes apart a record of a mebibyte for each case: its start, what is repeated, and its end.
#[track_caller]
pub(crate) fn check(class: Class, cases: &[(&str, &str, &str)]) {
    let (mut octets, mut visits) = (0, 0);
    for (start, middle, end) in cases {
        let repeated = middle.repeat((MEBIBYTE - start.len() - end.len()) / middle.len());
        let frame = [*start, &repeated, *end].concat();
        let verdict = classify::classify(frame.as_bytes());
        assert_eq!(verdict.class, class, "{start}");
        let input =
            Input { octets: frame.as_bytes(), header: &verdict.header, class: verdict.class, flags: verdict.flags };
        let mut extractor = Extractor::new();
        let (visited, _) = work::visited(|| extractor.extract(&input, Wanted::ALL).events().len());
        let each = visited / frame.len();
        assert!(each <= VISITS_PER_OCTET, "{each} visits per octet of {start}{middle}{middle}…{end}");
        octets += frame.len();
        visits += visited;
    }
    assert!(visits >= octets / 2, "only {visits} visits to {octets} octets: some work is not counted");
}

#[test]
fn pks_actions() {
    const START: &str = "2020-02-01 08:00:00.120 INFO 7600 --- [t] i.p.C : Action 'create-cluster' by user '";
    let details = [START, "ann', cluster name: 'c', plan name: 'p'. Details: class A {"].concat();
    check(
        Class::PksApi,
        &[
            (&details, " a: b", " }"),
            (&details, " a", " }"),
            (&details, " a: class B {", ""),
            (&details, " a: class B { }", " }"),
            (&details, "\n", "a"),
            (&details, "\n a:\n", "}"),
            (&details, "#012#011", ""),
            (&details, "#012a: b", "#012}"),
            (START, "', cluster name: '", ""),
            (START, "', plan name: '", "'. Details: "),
            (START, "'. Details:", "'"),
        ],
    );
}

#[test]
fn pks_broker_lines() {
    const START: &str = "[b] [r] 2020/02/01 08:00:00.1 BOSH task ID 1 status: done create deployment for instance ";
    const END: &str = ": Description: a Result: b";
    for middle in [": Description:", " Result", ": ", " ", "x"] {
        check(Class::PksBroker, &[(START, middle, ""), (START, middle, END)]);
    }
}

#[test]
fn pks_telemetry() {
    const START: &str =
        "2020-02-01 08:00:00.120 INFO 7600 --- [t] i.p.telemetry.Agent : Telemetry - addCluster: cluster request: ";
    const SERVER: &str = "<14>1 - h telemetry-server rs2 - - 2020-02-01 08:00:00 +0000 [debug]: #0 ";
    let request = [START, "class A {"].concat();
    let entity = [START, "class A { }, cluster entity: ClusterEntity{name='a'"].concat();
    check(
        Class::PksTelemetry,
        &[
            (&request, " a: b", "}"),
            (&entity, ", ", ""),
            (&entity, ", name=", ""),
            (&entity, ", owner=", ""),
            (&entity, ", taskStartedAt=", ""),
            (&entity, "}, plan:", ""),
            (SERVER, " address=\"", ""),
            (SERVER, "\" port=", ""),
            (SERVER, "0", ""),
        ],
    );
}

#[test]
fn what_applications_print() {
    const DRAIN: &str = "<14>1 - o.s.a app [APP/PROC/WEB/0] - [tags@47450";
    const TEXT: &str = "{\"event_type\":\"LogMessage\",\"msg\":\"";
    const PASTED: &str = "{ \\\\n event_type: LogMessage\\\\n msg: ";
    check(
        Class::LogMessage,
        &[
            (DRAIN, " a=\"\"", "] x"),
            (DRAIN, " a=\"\\\"\\\"\"", "] x"),
            (TEXT, "\\\"", "\"}"),
            (TEXT, "\\u0061", "\"}"),
            ("{\"event_type\":\"LogMessage\"", ",\"\":0", "}"),
            ("{\"event_type\":\"LogMessage\",\"a\":", "[", ""),
        ],
    );
    let middles = ["\\\\n ", "\\\\n a: b", "\\\\n origin: ", "\\"];
    for end in ["\\\\n}", "x\\\\n}", ""] {
        check(Class::LogMessage, &middles.map(|middle| (PASTED, middle, end)));
    }
}

#[test]
fn audit_events() {
    const EVENT: &str = "{\"type\":\"audit.app.create\",\"actor\":{},\"target\":{}";
    const V3: &str = "{\"type\":\"a\",\"actor\":{},\"target\":{}},";
    const V2: &str = "{\"entity\":{\"actor\":\"a\",\"actee\":\"b\",\"metadata\":{\"a\":\"";
    let data = [EVENT, ",\"data\":"].concat();
    let page = ["{\"resources\":[", V3].concat();
    check(
        Class::AuditEvent,
        &[
            (EVENT, ",\"guid\":\"\"", "}"),
            (EVENT, ",\"\":{}", "}"),
            (&data, "{\"\":[", ""),
            ("{\"resources\":[", V3, "{}]}"),
            (&page, "{\"metadata\":{},\"entity\":{}},", "{}]}"),
            (V2, "\\\\a", "\"}}}"),
        ],
    );
}

#[test]
fn senders() {
    check(
        Class::Other,
        &[
            ("<14>1 - h a rs2 - [instance@47450", " id=\"\"", "] x"),
            ("<14>1 - h a rs2 - [instance@47450 az=\"\"\"", " id=\"", "\"] x"),
            ("<14>1 - h pod.log/a - - [kubernetes@47450", " namespace_name=\"\"", "] x"),
            ("<14>1 - h a [1] - [gauge@47450 a=\"b\"][tags@47450", " index=\"a\"", "] "),
        ],
    );
}
