//! The search that tells, at memory speed, whether a frame has to be looked at closely.

use std::cell::OnceCell;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::detector::{Detector, Detectors};
use crate::{replaced, walk};

/// What a name is followed by where it announces a value: in a query or text, as a header, as a JSON member, and escaped.
const PAIR: &[&str] = &["=", "\\=", "\\u003d", "]=", "]\\=", "]\\u003d", "%5d=", "%5d\\=", "%5d\\u003d"];
const HEADER: &[&str] = &["=", "\\=", ":", "\"", "\\"];
const MEMBER: &[&str] = &["\"", "\\"];
const ANY: &[&str] = &[""];

/// What a Secret, its patch or a token holds before it tells its kind: enough in a text that was cut.
const CUT: &[&str] = &["\"data", "\"stringdata", "\"value", "\"token"];

/// For each detector what has to be there, in any case, for it to find anything: a word and what may follow it.
///
/// Escapes of JSON are kept in mind; those that nobody needs are told by [`ESCAPED`].
const NEEDLES: &[(Detector, &[&str], &[&str])] = &[
    (Detector::UaaToken, &["tokenvalue", "access_token", "refresh_token", "id_token"], ANY),
    (
        Detector::UaaToken,
        &["accesstoken", "refreshtoken", "idtoken", "access-token", "refresh-token", "id-token"],
        HEADER,
    ),
    (Detector::Jwt, &["eyj"], ANY),
    (Detector::Authorization, &["authorization"], HEADER),
    (Detector::Authorization, &["bearer ", "basic "], ANY),
    (
        Detector::LicenceKey,
        &["licensekey", "licencekey", "license_key", "licence_key", "license-key", "licence-key"],
        ANY,
    ),
    (Detector::K8sSecret, &["secret", "secretlist", "secrets", "tokenreview", "tokenrequest"], MEMBER),
    (Detector::K8sSecret, CUT, MEMBER),
    (Detector::CredhubValue, &["password", "passphrase", "credential", "credentials", "value"], MEMBER),
    (
        Detector::CredhubValue,
        &["private_key", "privatekey", "private-key", "client_secret", "clientsecret", "client-secret"],
        MEMBER,
    ),
    (
        Detector::CredhubValue,
        &["secret_key", "secretkey", "secret-key", "access_key", "accesskey", "access-key"],
        MEMBER,
    ),
    (Detector::CredhubValue, &["api_key", "apikey", "api-key"], MEMBER),
    (
        Detector::QuerySecret,
        &["password", "passwd", "pwd", "passphrase", "passcode", "secret", "token", "assertion"],
        PAIR,
    ),
    (Detector::QuerySecret, &["api_key", "apikey", "api-key", "signature", "code", "sig"], PAIR),
    (Detector::PrivateKey, &["private key-----"], ANY),
    (Detector::UrlPassword, &["://", ":\\/\\/", ":\\\\/\\\\/"], ANY),
    (Detector::Cookie, &["cookie"], HEADER),
    (Detector::Cookie, &["sessionid", "session_id", "session-id"], PAIR),
];

/// Escapes of letters, and of the blank, `%`, `-`, `/`, `5` and `:` that needles hold: nobody writes them but to hide something.
const ESCAPED: [&str; 10] =
    ["\\u004", "\\u005", "\\u006", "\\u007", "\\u0020", "\\u0025", "\\u002d", "\\u002f", "\\u0035", "\\u003a"];

/// Looks for words that have to be there.
#[derive(Debug)]
pub(crate) struct Needles {
    search: AhoCorasick,
    /// For each needle the detector it belongs to; none for what hides one.
    detectors: Vec<Option<Detector>>,
}

impl Needles {
    pub(crate) fn new(wanted: Detectors) -> Self {
        let mut needles: Vec<(Option<Detector>, String)> = Vec::new();
        for (detector, words, ends) in NEEDLES.iter().filter(|(detector, ..)| wanted.contains(*detector)) {
            for word in *words {
                needles.extend(ends.iter().map(|end| (Some(*detector), format!("{word}{end}"))));
            }
        }
        needles.extend(ESCAPED.map(|escape| (None, escape.to_owned())));
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(needles.iter().map(|(_, needle)| needle))
            .expect("a hundred short needles are far below the limits of an automaton");
        Self { search, detectors: needles.into_iter().map(|(detector, _)| detector).collect() }
    }

    /// Whether there can be a secret in `frame`, whose message begins at `message`.
    pub(crate) fn any_in(&self, frame: &[u8], message: usize) -> bool {
        // Most frames have none, which is found out fastest when nobody asks where. Then overlapping, so that no needle hides another.
        if !self.search.is_match(frame) {
            return false;
        }
        let whole = OnceCell::new();
        let is_whole = || *whole.get_or_init(|| is_whole(&frame[message..]));
        self.search.find_overlapping_iter(frame).any(|found| {
            let detector = self.detectors[found.pattern().as_usize()];
            detector.is_none_or(|detector| is_plausible(detector, frame, found.start()..found.end(), is_whole))
        })
    }
}

/// Looks a little closer where needles are frequent and secrets are not. `is_whole` tells whether the message is whole JSON.
fn is_plausible(detector: Detector, frame: &[u8], needle: Range<usize>, is_whole: impl FnOnce() -> bool) -> bool {
    let Range { start, end } = needle;
    match detector {
        Detector::Jwt => frame[needle] == *b"eyJ",
        Detector::UrlPassword => has_user(&frame[end..]),
        // What is escaped may be cut inside what is not.
        Detector::K8sSecret if frame[start] == b'"' && frame[end - 1] == b'"' => !is_whole(),
        Detector::UaaToken | Detector::Cookie if frame[end - 1] == b'=' => replaced::bracketed(&frame[end..]) == 0,
        Detector::UaaToken if frame.get(end) == Some(&b'=') => replaced::bracketed(&frame[end + 1..]) == 0,
        _ => true,
    }
}

/// Whether `text` is one JSON object or array and all its brackets are closed.
fn is_whole(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return false;
    }
    // A bit for each level that is open: whether it is an array.
    let (mut arrays, mut depth, mut at) = (0_u128, 0, 0);
    while let Some(&octet) = text.get(at) {
        at += 1;
        match octet {
            b'"' => match walk::string_end(text, at) {
                Some(end) => at = end + 1,
                None => return false,
            },
            b'{' | b'[' if depth == u128::BITS => return false,
            b'{' | b'[' => {
                arrays = arrays << 1 | u128::from(octet == b'[');
                depth += 1;
            }
            b'}' | b']' => {
                if depth == 0 || (arrays & 1 == 1) != (octet == b']') {
                    return false;
                }
                arrays >>= 1;
                depth -= 1;
            }
            _ => {}
        }
        if depth == 0 {
            return at == text.len();
        }
    }
    false
}

/// Whether an `@` comes before anything that no authority of a URL has.
fn has_user(rest: &[u8]) -> bool {
    let authority = rest.iter().position(|octet| *octet <= b' ' || matches!(octet, b'@' | b'/' | b'"' | b'?' | b'#'));
    authority.is_some_and(|end| rest[end] == b'@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_whole_when_all_its_brackets_are_closed() {
        for text in ["{}", r#" {"a":[{"b":"]}\"{"}]} "#, "[[]]"] {
            assert!(is_whole(text.as_bytes()), "{text}");
        }
        let deep = "[".repeat(129) + &"]".repeat(129);
        for text in ["", "{", r#"{"a":{}"#, r#"{"a":"}"#, r#"{"a":{]}"#, "{}}", "{} {}", "a", "[{}", r#"{"a\"}"#, &deep]
        {
            assert!(!is_whole(text.as_bytes()), "{text}");
        }
    }
}
