use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn embedded(message: &[u8]) -> Option<String> {
    let mut out = b"before".to_vec();
    let is_taken = write_embedded_object(message, &mut out);
    let text = String::from_utf8(out).unwrap();
    let text = text.strip_prefix("before").unwrap();
    assert!(is_taken || text.is_empty(), "what is not taken leaves nothing behind: {text}");
    is_taken.then(|| text.to_owned())
}

fn check(message: &str, expected: &str) {
    assert_eq!(embedded(message.as_bytes()).as_deref(), Some(expected), "{message}");
}

fn check_refused(message: impl AsRef<[u8]>) {
    let message = message.as_ref();
    assert_eq!(embedded(message), None, "{}", message.escape_ascii());
}

#[test]
fn a_name_that_comes_twice_stays_as_the_page_says() {
    for text in [r#"{"a":1,"a":2}"#, r#"{"b":{"a":"1","a":"2"}}"#, r#"{"a":1,"\u0061":2}"#] {
        check(text, text);
    }
}

#[test]
fn an_object_is_taken_as_it_is() {
    check("{}", "{}");
    check(r#"{"a":1}"#, r#"{"a":1}"#);
    check(r#"  {"a" : [ ] , "b":{}} "#, r#"{"a" : [ ] , "b":{}}"#);
    let all =
        r#"{"k":[1,-0,0.10,1E+2,-1.5e-7,true,false,null,"",{"x":[[]]}],"k":"\"\\\/\b\f\n\r\t\u00e9\uD83E\udd80"}"#;
    check(all, all);
    check(r#"{"big":123456789012345678901234567890}"#, r#"{"big":123456789012345678901234567890}"#);
    check(r#"{"東":"🦀"}"#, r#"{"東":"🦀"}"#);
}

#[test]
fn an_object_in_several_lines_becomes_one_line() {
    check("{\n\t\"a\":\r\n [1,\n2]\n}\r\n", r#"{  "a":   [1, 2] }"#);
    check("{\"a\u{202e}\":\"\u{7f}\u{9b}\u{2028}\"}", r#"{"a\u202e":"\u007f\u009b\u2028"}"#);
}

#[test]
fn what_is_no_object_is_not_taken() {
    for message in [
        "",
        " ",
        "[1]",
        "1",
        "\"a\"",
        "null",
        "text",
        "{",
        "}",
        "{]",
        "[}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,}",
        "{1:2}",
        "{'a':1}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1}x",
        "{\"a\":1}{\"a\":1}",
        "{\"a\":1 2}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "{\"a\":[1 2]}",
        "{\"a\":\"b}",
        "{\"a\":tru}",
        "{\"a\":nulll}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":+1}",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}",
        "{\"a\":1e+}",
        "{\"a\":0x1}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u+123\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\0\"}",
        "{\"a\"::1}",
        "{\"a\",1}",
        "\u{feff}{}",
        "{\u{a0}}",
        "{\"a\":\"\\",
    ] {
        check_refused(message);
    }
    check_refused(b"{\"a\":\"\xff\"}");
    check_refused(b"{\"a\":\"\xe6\x9d\"}");
}

#[test]
fn a_value_of_any_kind_is_taken_where_one_is_asked_for() {
    fn check(value: &str, expected: Option<&str>) {
        let mut out = b"before".to_vec();
        let is_taken = write_embedded_value(value.as_bytes(), &mut out);
        assert_eq!((is_taken, out), (expected.is_some(), format!("before{}", expected.unwrap_or("")).into_bytes()));
    }
    for value in [r#"{"a":[]}"#, "[1,{}]", "-1.5e3", "true", "null", "\"a\\n\"", "\"\""] {
        check(value, Some(value));
        check(&format!("\t{value}\n"), Some(value));
        check(&format!("{value},"), None);
        check(&value[..value.len() - 1], None);
    }
    for value in ["", " ", "]", "}", "tru", "1 2", "\"a", "a", "[1]]"] {
        check(value, None);
    }
}

#[test]
fn what_some_readers_choke_on_is_not_taken() {
    for message in [
        r#"{"a":"\ud800"}"#,
        r#"{"a":"\udc00"}"#,
        r#"{"a":"\ud800\u0041"}"#,
        r#"{"a":"\ud800x"}"#,
        r#"{"\udfff":1}"#,
        r#"{"a":1e999}"#,
        r#"{"a":-1e309}"#,
    ] {
        check_refused(message);
    }
    check_refused(format!(r#"{{"a":{}}}"#, "9".repeat(400)));
    check_refused(format!(r#"{{"a":{}.5}}"#, "9".repeat(310)));
    let long = format!(r#"{{"a":0.{}}}"#, "9".repeat(400));
    check(&long, &long);
    check(r#"{"a":1e308}"#, r#"{"a":1e308}"#);
    check(r#"{"a":1e-999}"#, r#"{"a":1e-999}"#);
}

#[test]
fn sixty_four_levels_are_taken_and_no_more() {
    let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels - 1), "]".repeat(levels - 1));
    check(&nested(64), &nested(64));
    check_refused(nested(65));
    check_refused(format!(r#"{{"a":{}"#, "[".repeat(100_000)));
    check_refused(r#"{"a":"#.repeat(100_000));
}

/// Text made of pieces of JSON, right often enough to matter.
fn jsonish() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"\\n\"",
        "\"\u{2028}\"",
        "1",
        "-2.5e3",
        "true",
        "null",
        " ",
        "\n",
        "\\",
        "\"",
        "0",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12)
        .prop_map(|pieces| format!("{{\"k\":{}}}", pieces.concat()))
}

proptest! {
    #[test]
    fn taken_is_what_a_json_reader_reads_and_the_value_is_the_same(message in jsonish()) {
        let expected = serde_json::from_str::<Value>(&message).ok();
        let found = embedded(message.as_bytes());
        prop_assert_eq!(found.as_ref().map(|text| serde_json::from_str::<Value>(text).unwrap()), expected);
        let is_one_line = |text: String| !text.chars().any(|c| c.is_control() || c == '\u{2028}');
        prop_assert!(found.is_none_or(is_one_line));
    }
}
