//! What conditions say of records.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test with a place")]

mod support;

use std::net::SocketAddr;

use extract::{Extractor, Input, Wanted};
use gully_select::{Condition, DropList, Filter, Judgement};
use record::{Batch, Flags, Peer};
use support::{batch, batch_flagged, batch_from, corpus};

const UAA: &str = "<14>1 2026-01-20T04:56:26Z 10.0.4.9 uaa rs2 - [instance@47450 director=\"\" deployment=\"cf-1\" \
    group=\"uaa\" az=\"az1\" id=\"7d008c68\"] Audit: UserAuthenticationFailure ('alice'): principal=u-1, \
    origin=[remoteAddress=::ffff:198.51.100.7, clientId=cf], identityZoneId=[uaa]";

const LINE: &str = "<27>Jan 20 04:56:26 vm-1 sshd[812]: session opened";

const K8S: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"jane","groups":["dev","ops"]},"sourceIPs":["2001:db8::1"],"objectRef":{"resource":"pods","apiVersion":"v1"},"responseStatus":{"code":403},"annotations":{"authorization.k8s.io/decision":"forbid","x\/y":"a\"b"}}"#;

fn holds(batch: &Batch, condition: &str) -> bool {
    let condition = Condition::parse(condition).unwrap_or_else(|error| panic!("{condition}: {error}"));
    let record = batch.record(0);
    let mut extractor = Extractor::new();
    let answer = condition.holds(&record, &mut extractor);
    let (octets, header) = (record.octets(), record.header());
    let input = Input { octets, header, class: record.class(), flags: record.flags() };
    let extraction = extractor.extract(&input, Wanted::ALL);
    assert_eq!(condition.holds_with(&record, &extraction), answer, "{condition}: with everything extracted");
    answer
}

/// All of these hold for the line, and with `not` before them none.
#[track_caller]
fn check(line: &str, conditions: &[&str]) {
    let batch = batch(line.as_bytes(), "auto");
    for condition in conditions {
        assert!(holds(&batch, condition), "{condition} does not hold");
        assert!(!holds(&batch, &format!("not ({condition})")), "not ({condition}) holds");
    }
}

#[test]
fn the_header_and_the_way_here() {
    check(
        UAA,
        &[
            r#"class == "cf.uaa.audit""#,
            r#"class in ["other", "cf.uaa.audit"]"#,
            r#"class starts_with "cf.""#,
            r#"class matches "^cf[.]""#,
            r#"class != "other""#,
            r#"listener == "drain""#,
            r#"peer == "192.0.2.7""#,
            r#"peer in_cidr "192.0.2.0/24""#,
            r#"peer != "192.0.2.8""#,
            r#"syslog.hostname == "10.0.4.9""#,
            r#"syslog.hostname in_cidr ["fd00::/8", "10.0.0.0/8"]"#,
            r#"syslog.app_name == "uaa""#,
            r#"syslog.procid == "rs2""#,
            "not exists(syslog.msgid)",
            "not exists(syslog.tag)",
            r#"syslog.facility == "user""#,
            "syslog.facility == 1",
            r#"syslog.severity in ["info", "debug"]"#,
            "syslog.severity >= 6 and syslog.severity <= 6",
            r#"msg starts_with "Audit: ""#,
            r#"msg matches "^Audit: User\\w+""#,
            r"msg matches '\(.alice.\)'",
        ],
    );
    check(
        LINE,
        &[
            r#"class == "other""#,
            r#"syslog.tag == "sshd" and not exists(syslog.app_name) and syslog.procid == "812""#,
            "syslog.severity < 4",
            r#"syslog.severity != "info""#,
            r#"syslog.facility starts_with "dae""#,
            r#"msg == "session opened""#,
        ],
    );
}

#[test]
fn fields_of_the_event() {
    check(
        UAA,
        &[
            r#"event.outcome == "failure""#,
            r#"event.action matches "^User""#,
            r#"user.name in ["bob", "alice"] and user.id == "u-1""#,
            r#"event.category == "authentication""#,
            r#"event.type in ["start"] and event.type == "denied""#,
            r#"source.ip == "198.51.100.7""#,
            r#"source.ip in_cidr "198.51.100.0/24""#,
            r#"not source.ip in_cidr ["10.0.0.0/8", "fd00::/8"]"#,
            r#"platform.deployment starts_with ["cf-", "p-"]"#,
            "source.ip exists and not http.response.status_code exists",
        ],
    );
    check(
        K8S,
        &[
            "http.response.status_code >= 400",
            "http.response.status_code in [401, 403]",
            "http.response.status_code > 402 and http.response.status_code < 404 and http.response.status_code <= 403",
            "http.response.status_code != 200",
            r#"source.ip == "2001:db8:0::1" and source.ip in_cidr "2001:db8::/32""#,
        ],
    );
}

#[test]
fn fields_by_the_producers_names() {
    check(
        K8S,
        &[
            r#"native.verb == "list""#,
            r#"native.user.username == "jane""#,
            r#"native.user.groups == "ops" and native.user.groups == "dev""#,
            r#"native.user.groups != "admin""#,
            r#"not native.user.groups != "ops""#,
            "native.responseStatus.code >= 400",
            "native.responseStatus.code == 403",
            r#"native.responseStatus.code == "403""#,
            r#"native.objectRef.resource in ["pods", "secrets"]"#,
            r#"native.annotations.authorization.k8s.io/decision == "forbid""#,
            r#"native.annotations."x/y" == "a\"b""#,
            "exists(native.annotations) and not exists(native.annotations.z)",
        ],
    );
    check(
        UAA,
        &[
            r#"native.uaa.identity_zone == "uaa""#,
            r#"native.uaa.origin_fields.clientId == "cf""#,
            r#"native.uaa.origin_fields.remoteAddress in_cidr "198.51.100.0/24""#,
            "not exists(native.verb)",
        ],
    );
}

#[test]
fn what_is_missing_makes_comparisons_false_and_not_turns_them_round() {
    let batch = batch(LINE.as_bytes(), "auto");
    for comparison in [
        r#"user.name == "a""#,
        r#"user.name != "a""#,
        r#"user.name in ["a"]"#,
        r#"user.name starts_with """#,
        r#"user.name matches """#,
        r#"source.ip in_cidr ["0.0.0.0/0", "::/0"]"#,
        r#"source.ip == "192.0.2.7""#,
        "http.response.status_code < 1",
        "http.response.status_code != 1",
        "exists(user.name)",
        r#"native.x != "a""#,
        "native.x > 1",
        r#"syslog.msgid != "a""#,
        r#"flags == "truncated""#,
    ] {
        assert!(!holds(&batch, comparison), "{comparison}");
        assert!(holds(&batch, &format!("not {comparison}")), "not {comparison}");
    }
    let unix = batch_from(LINE.as_bytes(), Peer::Unnamed);
    assert!(!holds(&unix, r#"peer in_cidr ["0.0.0.0/0", "::/0"]"#) && !holds(&unix, "exists(peer)"));
    let mapped = batch_from(LINE.as_bytes(), Peer::Ip("[::ffff:10.1.2.3]:9".parse::<SocketAddr>().unwrap()));
    assert!(holds(&mapped, r#"peer in_cidr "10.0.0.0/8""#));
}

#[test]
fn and_binds_stronger_than_or_and_not_strongest() {
    let batch = batch(LINE.as_bytes(), "auto");
    let (yes, no) = ("exists(msg)", "exists(user.name)");
    for (condition, expected) in [
        (format!("{yes} or {yes} and {no}"), true),
        (format!("({yes} or {yes}) and {no}"), false),
        (format!("not {no} and {no}"), false),
        (format!("not ({no} and {no})"), true),
        (format!("not not {yes}"), true),
        (format!("{no} or {no} or {yes}"), true),
        (format!("{yes}\n  and not\t{no}"), true),
    ] {
        assert_eq!(holds(&batch, &condition), expected, "{condition}");
    }
}

#[test]
fn flags_are_those_that_show_at_last() {
    let flagged = batch_flagged(LINE.as_bytes(), "auto", Flags::TRUNCATED | Flags::NO_PRI);
    assert!(holds(&flagged, r#"flags == "truncated" and flags in ["no_pri", "version"] and exists(flags)"#));
    assert!(!holds(&flagged, r#"flags == "version""#));
    let cut: Vec<_> = corpus().into_iter().filter(|line| line.message.len() > 300).collect();
    let mut seen = 0;
    for line in cut {
        let mut end = line.message.len() / 2;
        while !line.message.is_char_boundary(end) {
            end -= 1;
        }
        let batch = batch(&line.message.as_bytes()[..end], &line.transport);
        let record = batch.record(0);
        let input =
            Input { octets: record.octets(), header: record.header(), class: record.class(), flags: record.flags() };
        let expected = Extractor::new().extract(&input, Wanted::ALL).flags().contains(Flags::TRUNCATED_UPSTREAM);
        assert_eq!(holds(&batch, r#"flags == "truncated_upstream""#), expected, "{}", line.id);
        seen += u32::from(expected);
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn a_condition_holds_for_a_batch_when_it_holds_for_one_of_its_events() {
    let event =
        |verb: &str, user: &str| K8S.replace(r#""verb":"list""#, &format!(r#""verb":"{verb}""#)).replace("jane", user);
    let list = |events: &[String]| {
        format!(
            r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{}]}}"#,
            events.join(",")
        )
    };
    let batch = |events: &[String]| batch(list(events).as_bytes(), "raw");
    let two = batch(&[event("get", "alice"), event("delete", "bob")]);
    for (condition, expected) in [
        (r#"user.name == "bob""#, true),
        (r#"user.name == "alice" and event.action == "get""#, true),
        (r#"user.name == "alice" and event.action == "delete""#, false),
        (r#"native.user.username == "bob" and native.verb == "delete""#, true),
        (r#"native.user.username == "bob" and native.verb == "get""#, false),
        (r#"not user.name == "bob""#, true),
        (r#"not user.name in ["alice", "bob"]"#, false),
        (r#"msg matches "alice" and user.name == "bob""#, true),
    ] {
        assert_eq!(holds(&two, condition), expected, "{condition}");
    }
    let none = batch(&[]);
    assert!(!holds(&none, "exists(user.name)") && holds(&none, "not exists(user.name)"));
}

#[test]
fn a_filter_asks_the_condition_first_and_then_the_lists_in_their_order() {
    let lists = ["uaa-client-logins", "kubernetes-watches", "kubernetes-system-reads"]
        .map(|name| DropList::named(name).unwrap());
    let filter = Filter::new(Some(Condition::parse(r#"not event.action == "delete""#).unwrap()), lists);
    assert!(filter.reasons().eq(["where", "uaa-client-logins", "kubernetes-watches", "kubernetes-system-reads"]));
    let watch = |verb: &str| {
        let system = K8S.replace("jane", "system:kube-scheduler").replace("403", "200").replace("forbid", "allow");
        system.replace(r#""verb":"list""#, &format!(r#""verb":"{verb}""#))
    };
    for (line, expected) in [
        (watch("watch"), Judgement::Dropped("kubernetes-watches")),
        (watch("list"), Judgement::Dropped("kubernetes-system-reads")),
        (watch("delete"), Judgement::NotWhere),
        (K8S.to_owned(), Judgement::Selected),
        (LINE.to_owned(), Judgement::Selected),
    ] {
        let batch = batch(line.as_bytes(), "auto");
        assert_eq!(filter.judge(&batch.record(0), &mut Extractor::new()), expected, "{line}");
    }
    assert!(Filter::default().is_empty() && Filter::new(None, []).is_empty() && !filter.is_empty());
}

#[test]
fn what_needs_no_extraction_is_known() {
    let wanted = |condition: &str| Condition::parse(condition).unwrap().wanted();
    for cheap in
        [r#"class == "cef""#, "exists(peer)", r#"msg matches "x""#, r#"flags == "truncated""#, "syslog.severity < 4"]
    {
        assert_eq!(wanted(cheap), None, "{cheap}");
    }
    for (condition, native, event) in [
        (r#"user.name == "a""#, false, true),
        ("exists(native.a)", true, false),
        (r#"class == "cef" and exists(native.a) or event.outcome == "failure""#, true, true),
        (r#"flags == "truncated_upstream""#, false, false),
    ] {
        assert_eq!(wanted(condition), Some(Wanted { native, event }), "{condition}");
    }
}

/// Warm, judging allocates nothing: for every labelled line, every kind of comparison and all lists.
#[test]
fn judging_allocates_nothing() {
    let condition = r#"class == "cef" or not source.ip in_cidr "192.0.2.0/24" and not user.name in ["a", "b"]
        and not native.annotations.authorization.k8s.io/reason starts_with "no" and not native.user.groups == "x"
        and http.response.status_code != 7 and not msg matches "(?i)no such thing [0-9]+" or exists(native.data.a)"#;
    let filter = Filter::new(Some(Condition::parse(condition).unwrap()), gully_select::DROP_LISTS);
    let batches: Vec<_> = corpus().iter().map(|line| batch(line.message.as_bytes(), &line.transport)).collect();
    let mut extractor = Extractor::new();
    let mut judge_all = || {
        for batch in &batches {
            std::hint::black_box(filter.judge(&batch.record(0), &mut extractor));
        }
    };
    judge_all();
    assert_eq!(allocation_counter::measure(judge_all).count_total, 0);
}

#[test]
fn a_batch_with_more_events_than_are_looked_at_is_selected() {
    let list = |events: usize| {
        let items =
            vec![r#"{"auditID":"1","stage":"ResponseComplete","requestURI":"/","verb":"get"}"#; events].join(",");
        format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{items}]}}"#)
    };
    let judge = |events: usize, condition: &str| {
        let filter = Filter::new(Some(Condition::parse(condition).unwrap()), []);
        filter.judge(&batch(list(events).as_bytes(), "raw").record(0), &mut Extractor::new())
    };
    const OF_EVENTS: &str = r#"event.action == "delete""#;
    assert_eq!(judge(extract::EVENTS_MAX, OF_EVENTS), Judgement::NotWhere);
    assert_eq!(judge(extract::EVENTS_MAX + 1, OF_EVENTS), Judgement::Selected);
    assert_eq!(judge(extract::EVENTS_MAX + 1, r#"class == "cef""#), Judgement::NotWhere);
}
