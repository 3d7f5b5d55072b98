//! CEF of any vendor.

use serde_json::{Value, json};

use crate::check::{extract, holds, is_truncated};

#[track_caller]
fn check(extension: &str, pairs: Value, labels: Value) -> Value {
    let found = extract(&format!("CEF:0|Security|threatmanager|1.0|100|worm stopped|10|{extension}"), "cef");
    assert_eq!(found.native["cef.ext"], pairs);
    assert_eq!(found.native["cef.labels"], labels);
    assert!(!is_truncated(&found));
    found.ecs
}

#[test]
fn a_value_ends_where_a_key_begins() {
    check(
        "src=10.0.0.1 act=blocked a | dst=1.1.1.1",
        json!({ "src": "10.0.0.1", "act": "blocked a |", "dst": "1.1.1.1" }),
        json!({}),
    );
    check("msg=a = b -x=1 c.d[0],e=2", json!({ "msg": "a = b -x=1", "c.d[0],e": "2" }), json!({}));
    check("a= b=", json!({ "a": "", "b": "" }), json!({}));
    check("a=1  b=2 ", json!({ "a": "1 ", "b": "2 " }), json!({}));
    check("", json!({}), json!({}));
    check("no pairs", json!({}), json!({}));
    check("text a=1", json!({ "a": "1" }), json!({}));
}

#[test]
fn escapes_are_undone() {
    check(
        r"msg=a\=b c\\=d \n\r request=/?q\=1 e\=2",
        json!({ "msg": "a=b c\\=d \n\r", "request": "/?q=1 e=2" }),
        json!({}),
    );
    check(r"a=b\\ c=d", json!({ "a": "b\\", "c": "d" }), json!({}));
    check(r"a=b\", json!({ "a": "b\\" }), json!({}));
}

#[test]
fn labels_bind_in_both_orders() {
    check(
        "cs1Label=Policy cs1=Block cn1=3 cn1Label=attempts cs2Label=lost cs3Label= cs3=x",
        json!({ "cs1Label": "Policy", "cs1": "Block", "cn1": "3", "cn1Label": "attempts", "cs2Label": "lost", "cs3Label": "", "cs3": "x" }),
        json!({ "Policy": "Block", "attempts": "3" }),
    );
    check(
        "cs1Label=same cs1=1 cs2Label=same cs2=2",
        json!({ "cs1Label": "same", "cs1": "1", "cs2Label": "same", "cs2": "2" }),
        json!({ "same": "1" }),
    );
}

#[test]
fn the_first_of_two_equal_keys_counts() {
    let ecs = check("src=10.0.0.1 msg=x src=6.6.6.6", json!({ "src": "10.0.0.1", "msg": "x" }), json!({}));
    holds(&ecs, &json!({ "source.ip": "10.0.0.1" }));
}

#[test]
fn beyond_a_limit_the_rest_is_one_value() {
    let extension: Vec<String> = (0..200).map(|number| format!("k{number}=v{number}")).collect();
    let found = extract(&format!("CEF:0|a|b|c|d|e|5|{}", extension.join(" ")), "cef");
    let pairs = found.native["cef.ext"].as_object().unwrap();
    assert_eq!(pairs.len(), 128);
    assert_eq!(pairs["k127"], Value::from(extension[127..].join(" ").strip_prefix("k127=").unwrap()));
}

#[test]
fn the_dictionary_names_fields_of_the_event() {
    let ecs = check(
        "rt=1715252490851 src=10.0.0.1 dst=x spt=1232 suser=jo doe outcome=Failure requestMethod=GET",
        json!({ "rt": "1715252490851", "src": "10.0.0.1", "dst": "x", "spt": "1232", "suser": "jo doe", "outcome": "Failure", "requestMethod": "GET" }),
        json!({}),
    );
    holds(
        &ecs,
        &json!({
            "@timestamp": "2024-05-09T11:01:30.851Z",
            "source.ip": "10.0.0.1",
            "source.port": 1232,
            "destination.ip": null,
            "user.name": "jo doe",
            "event.action": "worm stopped",
            "event.outcome": "failure",
            "http.request.method": "GET",
        }),
    );
    holds(
        &check("act=blocked outcome=so so", json!({ "act": "blocked", "outcome": "so so" }), json!({})),
        &json!({ "event.action": "blocked", "event.outcome": null }),
    );
}
