//! What a mistake in a condition is told.

use gully_select::limits::{
    COMPARISONS_MAX, CONDITION_BYTES_MAX, LIST_MAX, NATIVE_PARTS_MAX, NESTING_MAX, REGEXES_MAX,
};
use gully_select::{Condition, ConditionError};

fn mistake(condition: &str) -> ConditionError {
    Condition::parse(condition).expect_err(condition)
}

/// `condition` is refused with the line `message`, where `…` stands for anything.
fn check(condition: &str, message: &str) {
    let found = mistake(condition).to_string();
    let (start, end) = message.split_once('…').unwrap_or((message, ""));
    let is_it =
        if message.contains('…') { found.starts_with(start) && found.ends_with(end) } else { found == message };
    assert!(is_it, "{condition}\n   found: {found}\nexpected: {message}");
}

#[test]
fn names() {
    check(
        r#"event.outcom == "failure""#,
        "column 1: found `event.outcom`, expected the name of a field, or native.… did you mean event.outcome?",
    );
    check(r#"class == "cef" and src == "x""#, "column 20: found `src`, expected the name of a field, or native.…");
    check(r#"Class == "cef""#, "column 1: found `Class`, expected …; did you mean class?");
    check("native. exists", "column 1: found `native.`, expected 1 to 32 parts after native., none of them empty");
    check("native.a..b exists", "column 1: found `native.a..b`, expected 1 to 32 parts…");
    check("exists(source.ipp)", "column 8: found `source.ipp`, expected …; did you mean source.ip?");
}

#[test]
fn the_shape_of_a_condition() {
    check("", "column 1: found the end of the condition, expected the name of a field, `not`, `exists` or `(`");
    check("class", "column 6: found the end of the condition, expected an operator: == != in …");
    check("class class", "column 7: found `class`, expected an operator: …");
    check(r#"(class == "cef""#, "column 16: found the end of the condition, expected `and`, `or` or `)`");
    check(r#"class == "cef")"#, "column 15: found `)`, expected `and`, `or` or the end of the condition");
    check(r#"class == "cef" and"#, "column 19: found the end of the condition, expected the name of a field, …");
    check(
        r#"class == "cef" AND flags exists"#,
        "column 16: found `AND`, expected `and`, `or` or the end of the condition",
    );
    check(r#"class == "cef" && flags exists"#, "column 16: found `&&`, expected `and`");
    check(r#"class = "cef""#, "column 7: found `=`, expected `==`");
    check("not", "column 4: found the end of the condition, expected the name of a field, …");
    check("exists class", "column 8: found `class`, expected `(` and the name of a field");
    check(r#""cef" == class"#, "column 1: found the text `cef`, expected the name of a field, …");
    check("class == cef", "column 10: found `cef`, expected a text in quotes, \"cef\", or a number");
    check("msg == \"a\"\nand msgg == \"b\"", "line 2, column 5: found `msgg`, expected …; did you mean msg?");
    check("user.name == \"Žofie\" und", "column 22: found `und`, expected `and`, `or` or the end of the condition");
}

#[test]
fn lists() {
    check(r#"class in "cef""#, "column 10: found the text `cef`, expected a list: in [\"…\", \"…\"]");
    check(r#"class == ["cef"]"#, "column 10: found a list, expected one value; `in` compares with a list");
    check(r#"msg != ["a"]"#, "column 8: found a list, expected one value; a list is written `not … in […]`");
    check("class in []", "column 10: found an empty list, expected at least one value");
    check(r#"class in ["cef" "other"]"#, "column 17: found the text `other`, expected `,` or `]`");
    check(r#"class in ["cef""#, "column 16: found the end of the condition, expected `,` or `]`");
    check(r#"msg matches ["a"]"#, "column 13: found a list, expected one value");
}

#[test]
fn values_that_do_not_fit_the_field() {
    check(
        r#"http.response.status_code == "403""#,
        "column 30: found the text `403`, expected a whole number, without quotes",
    );
    check("user.name == 7", "column 14: found the number `7`, expected a text in quotes, \"7\"");
    check("native.x in [1, \"a\"]", "column 17: found the text `a`, expected a whole number, without quotes");
    check("native.x in [\"a\", 1]", "column 19: found the number `1`, expected a text in quotes, \"1\"");
    check(
        r#"http.response.status_code starts_with "4""#,
        "column 27: found `starts_with`, expected one of == != in < <= > >= exists, since the field is a number",
    );
    check(
        r#"source.ip matches "10""#,
        "column 11: found `matches`, expected one of == != in in_cidr exists, since the field is an address",
    );
    check(
        "user.name > 3",
        "column 11: found `>`, expected one of == != in starts_with matches in_cidr exists, since the field is text",
    );
    check(r#"class == "cef.x""#, "column 10: found `cef.x`, expected one of cf.cloud_controller.cef …");
    check(r#"class == "k8s.audti""#, "column 10: found `k8s.audti`, expected …; did you mean k8s.audit?");
    check(
        r#"class starts_with "foo.""#,
        "column 7: found a comparison that never holds, expected one that does for some of …",
    );
    check(r#"flags == "truncatd""#, "column 10: found `truncatd`, expected …; did you mean truncated?");
    check(
        r#"flags != "truncated""#,
        "column 7: found `!=`, expected `not flags == \"…\"`, since a record has any number of flags",
    );
    check(r#"syslog.severity == "error""#, "column 20: found `error`, expected one of emerg …");
    check("syslog.severity == 9", "column 20: found `9`, expected one of emerg …");
    check(r#"event.outcome == "failed""#, "column 18: found `failed`, expected one of success failure unknown");
}

#[test]
fn networks() {
    check(
        r#"not source.ip in ["10.0.0.0/8"]"#,
        "column 19: found the text `10.0.0.0/8`, expected `in_cidr` in place of `in` for a network",
    );
    check(
        r#"peer == "fd00::/8""#,
        "column 9: found the text `fd00::/8`, expected `in_cidr` in place of `==` for a network",
    );
    check(r#"syslog.hostname == "10.0.0.0/8""#, "column 20: found …in place of `==` for a network");
    check(
        r#"source.ip == "localhost""#,
        "column 14: found the text `localhost`, expected an address such as \"192.0.2.7\"",
    );
    check(
        r#"source.ip in_cidr "10.0.0.0/33""#,
        "column 19: found the text `10.0.0.0/33`, expected a network such as …",
    );
    check(
        r#"source.ip in_cidr ["fd00::/8", "10.0.0.1/8"]"#,
        "column 32: found the text `10.0.0.1/8`, expected \"10.0.0.0/8\" for the network or \"10.0.0.1\" for the address",
    );
    check(
        r#"source.ip in_cidr "::ffff:0:0/96""#,
        "column 19: found the text `::ffff:0:0/96`, expected \"0.0.0.0/0\": an address of version 4 is one, however it is written",
    );
    check(
        r#"peer in_cidr "::ffff:10.0.0.0/104""#,
        "column 14: found the text `::ffff:10.0.0.0/104`, expected \"10.0.0.0/8\": …",
    );
}

#[test]
fn regular_expressions() {
    check(
        r#"msg matches "(a""#,
        "column 13: found the regular expression `(a`, expected one without this mistake: unclosed group",
    );
    check(
        r#"msg matches "(\\w{100}){100}""#,
        "column 13: found the regular expression …, expected one that takes at most 1024 KiB when compiled",
    );
    check(r#"msg matches "\d""#, "column 14: found `\\\\d`, expected one of …or the text stands in '…'");
}

#[test]
fn what_is_too_large_is_refused_and_what_is_not_is_read() {
    let nested = |levels: usize| format!("{}exists(msg){}", "(".repeat(levels), ")".repeat(levels));
    let many = |count: usize, one: &str, by: &str| vec![one; count].join(by);
    let list = |count: usize| format!("msg in [{}]", many(count, "\"a\"", ", "));
    let long = |octets: usize| format!("msg == \"{}\"", "a".repeat(octets - 9));
    let native = |parts: usize| format!("exists(native.{})", many(parts, "a", "."));
    let regexes = |count: usize| many(count, "msg matches \"a\"", " or ");
    for (make, max, message) in [
        (
            &nested as &dyn Fn(usize) -> String,
            NESTING_MAX,
            "found deeper nesting, expected at most 32 levels of `not` and `(`",
        ),
        (&|count| format!("{}exists(msg)", "not ".repeat(count)), NESTING_MAX, "found deeper nesting, …"),
        (
            &|count| many(count, "exists(msg)", " and "),
            COMPARISONS_MAX,
            "found too many comparisons, expected at most 256 …",
        ),
        (&list, LIST_MAX, "found a longer list, expected at most 1024 values"),
        (&long, CONDITION_BYTES_MAX, "found a condition of 16385 octets, expected at most 16384"),
        (&native, NATIVE_PARTS_MAX, "found …1 to 32 parts after native., none of them empty"),
        (&regexes, REGEXES_MAX, "found another regular expression, expected at most 16 in a condition"),
    ] {
        Condition::parse(&make(max)).unwrap();
        let found = mistake(&make(max + 1));
        let line = format!("found {}, expected {}", found.found, found.expected);
        let (start, end) = message.split_once('…').unwrap_or((message, message));
        assert!(line.starts_with(start) && line.ends_with(end), "{line}\n{message}");
    }
}

#[test]
fn what_is_shown_of_a_condition_is_short() {
    let long = "x".repeat(10_000);
    assert!(mistake(&format!("{long} == 1")).to_string().len() < 300);
    assert!(mistake(&format!("event.outcome == \"{long}\"")).to_string().len() < 300);
    assert!(mistake(&format!("msg matches \"({long}\"")).to_string().len() < 300);
}
