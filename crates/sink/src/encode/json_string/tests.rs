use super::*;
use proptest::prelude::*;

fn written(octets: &[u8]) -> String {
    let mut out = Vec::new();
    write_json_string(octets, &mut out);
    String::from_utf8(out).unwrap()
}

fn check(octets: impl AsRef<[u8]>, expected: &str) {
    assert_eq!(written(octets.as_ref()), expected);
}

#[test]
fn plain_text_stays_as_it_is() {
    check("", r#""""#);
    check("CEF:0|a|b ~/=", r#""CEF:0|a|b ~/=""#);
    check("Zürich 東京 🦀 e\u{301}", "\"Zürich 東京 🦀 e\u{301}\"");
    check("\u{a0}\u{ff}\u{feff}", "\"\u{a0}\u{ff}\u{feff}\"");
}

#[test]
fn what_is_obeyed_and_not_shown_is_escaped() {
    check("a\"b\\c", r#""a\"b\\c""#);
    check("\t\n\r\u{8}\u{c}", r#""\t\n\r\b\f""#);
    check("\0\u{1}\u{1b}[31m\u{1f}\u{7f}", r#""\u0000\u0001\u001b[31m\u001f\u007f""#);
    check("\u{80}\u{9b}\u{9f}", r#""\u0080\u009b\u009f""#);
    check("\u{2028}\u{2029}", r#""\u2028\u2029""#);
    check("x\u{202a}\u{202e}y\u{2066}\u{2069}", r#""x\u202a\u202ey\u2066\u2069""#);
    check("\u{200e}\u{200f}\u{61c}", r#""\u200e\u200f\u061c""#);
}

#[test]
fn each_broken_character_is_replaced_once() {
    check(b"a\xffb", "\"a\u{fffd}b\"");
    check(b"\x80\xc0\xaf", "\"\u{fffd}\u{fffd}\u{fffd}\"");
    check(b"\xed\xa0\x80", "\"\u{fffd}\u{fffd}\u{fffd}\"");
    check(b"\xe6\x9d", "\"\u{fffd}\"");
    check(b"\xe6\x9d\"", "\"\u{fffd}\\\"\"");
    check(b"\xf0\x9f\xa6\xe6\x9d\xb1", "\"\u{fffd}東\"");
}

#[test]
fn the_first_special_octet_is_found_at_every_place_in_every_length() {
    for length in 0..150 {
        for place in 0..length {
            for special in [b'"', b'\\', 0, 0x1f, 0x7f, 0x80, 0xff] {
                let mut octets = vec![b' '; length];
                octets[place] = special;
                let (mut rest, mut out) = (octets.as_slice(), Vec::new());
                copy_plain(&mut rest, &mut out);
                assert_eq!((out.len(), rest.len()), (place, length - place), "{special:#x} in {length}");
            }
        }
    }
}

#[test]
fn printable_ascii_without_quote_and_backslash_is_plain() {
    for octet in 0..=255_u8 {
        let expected = (b' '..=b'~').contains(&octet) && octet != b'"' && octet != b'\\';
        assert_eq!(is_plain(octet), expected, "{octet:#x}");
        assert_eq!(plain_prefix_of_block(&[octet; 16]), if expected { 16 } else { 0 }, "{octet:#x}");
        assert_eq!(plain_prefix_of_word(u64::from_le_bytes([octet; 8])), if expected { 8 } else { 0 }, "{octet:#x}");
    }
}

#[test]
fn a_word_is_read_in_every_length() {
    let octets = *b"0123456789";
    for length in 0..=octets.len() {
        let (word, found) = first_word(&octets[..length]);
        assert_eq!(found, length.min(8));
        assert_eq!(word.to_le_bytes()[..found], octets[..found]);
    }
}

#[test]
fn every_character_with_a_code_has_one_of_the_lead_octets() {
    for character in (0x80..=0xffff).filter_map(char::from_u32).filter(|character| obeyed_code(*character).is_some()) {
        assert_eq!(written(character.to_string().as_bytes()), format!("\"\\u{:04x}\"", u32::from(character)));
    }
}

fn any_octets() -> impl Strategy<Value = Vec<u8>> {
    let text = any::<String>().prop_map(String::into_bytes);
    prop_oneof![text, prop::collection::vec(any::<u8>(), 0..200), prop::collection::vec(32_u8..128, 0..200)]
}

proptest! {
    #[test]
    fn a_json_reader_gets_the_text_back(octets in any_octets()) {
        let mut out = Vec::new();
        let is_utf8 = write_json_string(&octets, &mut out);
        let read: String = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(&read, &String::from_utf8_lossy(&octets));
        prop_assert_eq!(is_utf8, std::str::from_utf8(&octets).is_ok());
        prop_assert!(std::str::from_utf8(&out).unwrap().chars().all(|c| !c.is_control() && obeyed_code(c).is_none()));
    }
}
