use super::*;
use proptest::prelude::*;

/// What structured data reads as: elements with their unescaped parameters.
type Read = Vec<(Vec<u8>, Vec<(Vec<u8>, Vec<u8>)>)>;

fn read(octets: &[u8]) -> Read {
    let params =
        |params: Params<'_>| params.map(|(name, value)| (name.to_vec(), value.unescaped().into_owned())).collect();
    StructuredData::new(octets).elements().map(|(id, found)| (id.to_vec(), params(found))).collect()
}

/// Holds that `octets` read as `expected`, written as `id name=value …` in one string per element.
fn check(octets: &str, expected: &[&str]) {
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    let found = read(octets.as_bytes()).into_iter().map(|(id, params)| {
        params.into_iter().fold(text(id), |line, (name, value)| format!("{line} {}={}", text(name), text(value)))
    });
    assert_eq!(found.collect::<Vec<_>>(), expected, "{octets}");
}

#[test]
fn elements_come_in_order_with_their_parameters() {
    check("", &[]);
    check("-", &[]);
    check("[a@1]", &["a@1"]);
    check("[a@1][b@2 k=\"v\"]", &["a@1", "b@2 k=v"]);
    check(r#"[i d="10.0.0.6" e="" f="x y"]"#, &["i d=10.0.0.6 e= f=x y"]);
    check(r#"[i  d="1"   e="2" ][j]"#, &["i d=1 e=2", "j"]);
    check(r#"[i d="1" d="2"][i d="3"]"#, &["i d=1 d=2", "i d=3"]);
}

#[test]
fn three_escapes_are_undone_and_no_others() {
    check(r#"[a b="\"\]\\"]"#, &[r#"a b="]\"#]);
    check(r#"[a b="\n\x\["]"#, &[r"a b=\n\x\["]);
    check(r#"[a b="\\\\n"]"#, &[r"a b=\\n"]);
    check(r#"[a b="\\\"" c="]"]"#, &[r#"a b=\" c=]"#]);
    check(r#"[a b="v]\"\\" c="[x y=\"z\"]"]"#, &[r#"a b=v]"\ c=[x y="z"]"#]);
}

#[test]
fn reading_ends_at_the_first_octet_that_is_not_well_formed() {
    for broken in ["[", "[]", "[ a]", "[a", "x[a]", " [a]"] {
        check(broken, &[]);
    }
    for broken in
        ["[a ", "[a b", "[a b=", "[a b=\"", "[a b=\"c", "[a b=\"c\\\"", "[a =\"c\"]", "[a b =\"c\"]", "[a b=c]"]
    {
        check(broken, &["a"]);
    }
    check(r#"[a b="c""#, &["a b=c"]);
    check(r#"[a b="c"d="e"]"#, &["a b=c"]);
    check(r#"[a] [b]"#, &["a"]);
    check(r#"[a][]"#, &["a"]);
}

#[test]
fn a_value_without_an_escape_is_borrowed() {
    let value = |octets| StructuredData::new(octets).get(b"a", b"b").unwrap();
    assert!(matches!(value(br#"[a b="plain"]"#).unescaped(), Cow::Borrowed(b"plain")));
    assert!(matches!(value(br#"[a b="C:\temp"]"#).unescaped(), Cow::Borrowed(br"C:\temp")));
    assert!(matches!(value(br#"[a b="\"q\""]"#).unescaped(), Cow::Owned(_)));
    assert_eq!(value(br#"[a b="\"q\""]"#).as_sent(), br#"\"q\""#);
    assert_eq!(value(br#"[a b="\"q\""]"#).pieces().collect::<Vec<_>>(), [&b"\"q"[..], b"\""]);
}

#[test]
fn a_parameter_is_found_by_its_names() {
    let data = StructuredData::new(br#"[a x="1"][b x="2" y="3"][b y="4" z="5"]"#);
    let get = |id: &str, name: &str| data.get(id.as_bytes(), name.as_bytes()).map(|value| value.unescaped());
    assert_eq!(get("b", "y").as_deref(), Some(&b"3"[..]));
    assert_eq!(get("b", "z").as_deref(), Some(&b"5"[..]));
    assert_eq!(get("a", "y"), None);
    assert_eq!(get("c", "x"), None);
}

#[test]
fn elements_over_the_limit_are_not_read() {
    let octets = b"[a]".repeat(10_000);
    assert_eq!(StructuredData::new(&octets).elements().count(), ELEMENTS_MAX);
    assert_eq!(StructuredData::new(&octets[..3 * ELEMENTS_MAX]).elements().count(), ELEMENTS_MAX);
}

#[test]
fn a_value_of_escapes_alone_is_read_whole() {
    let octets = format!(r#"[a b="{}"]"#, r"\]".repeat(100_000));
    assert_eq!(read(octets.as_bytes())[0].1[0].1, b"]".repeat(100_000));
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    let legal = (33_u8..127).prop_filter("no SD-NAME octet", |octet| !matches!(octet, b'=' | b']' | b'"'));
    prop::collection::vec(legal, 1..40)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::collection::vec(prop::sample::select(br#"\"]n["#.as_slice()), 0..40),
    ]
}

/// Writes structured data as an originator does, with a backslash before each of the three octets that need one.
fn written(elements: &Read) -> Vec<u8> {
    let mut octets = Vec::new();
    for (id, params) in elements {
        octets.push(b'[');
        octets.extend_from_slice(id);
        for (name, value) in params {
            octets.push(b' ');
            octets.extend_from_slice(name);
            octets.extend_from_slice(b"=\"");
            for octet in value {
                if matches!(octet, b'"' | b'\\' | b']') {
                    octets.push(b'\\');
                }
                octets.push(*octet);
            }
            octets.push(b'"');
        }
        octets.push(b']');
    }
    octets
}

proptest! {
    #[test]
    fn what_an_originator_wrote_is_read_back(
        elements in prop::collection::vec((name(), prop::collection::vec((name(), value()), 0..6)), 0..5)
    ) {
        let octets = written(&elements);
        prop_assert_eq!(read(&octets), elements);
    }

    #[test]
    fn both_ways_to_iterate_agree_on_any_octets(
        octets in prop::collection::vec(prop::sample::select(br#"[]" =\ab"#.as_slice()), 0..60)
    ) {
        let data = StructuredData::new(&octets);
        let nested = data.elements().flat_map(|(id, params)| {
            std::iter::once(Item::Element(id)).chain(params.map(|(name, value)| Item::Param(name, value)))
        });
        prop_assert_eq!(nested.collect::<Vec<_>>(), data.items().collect::<Vec<_>>());
    }

    #[test]
    fn the_octet_found_is_the_first(octets in prop::collection::vec(any::<u8>(), 0..40)) {
        let expected = octets.iter().position(|octet| matches!(octet, b'"' | b'=' | 0 | 0xff));
        prop_assert_eq!(first_of(&octets, [b'"', b'=', 0, 0xff]), expected);
    }
}
