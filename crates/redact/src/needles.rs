//! The search that tells, at memory speed, whether a frame has to be looked at closely.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::detector::{Detector, Detectors};
use crate::replaced;

/// What a name is followed by where it announces a value: in a query or text, as a header, as a JSON member, and escaped.
const PAIR: &[&str] = &["=", "\\=", "\\u003d", "]=", "]\\=", "%5d=", "%5d\\="];
const HEADER: &[&str] = &["=", "\\=", ":", "\"", "\\"];
const MEMBER: &[&str] = &["\"", "\\"];
const ANY: &[&str] = &[""];

/// What a Secret or token holds before it tells its kind: enough in a text that was cut.
const CUT: &[&str] = &["\"data", "\"stringdata", "\"token"];

/// For each detector what has to be there, in any case, for it to find anything: a word and what may follow it.
///
/// Escapes of JSON are kept in mind; escaped letters are told by [`ESCAPED_LETTERS`].
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

/// `\u0041` to `\u007a`: nobody escapes letters but to hide them.
const ESCAPED_LETTERS: [&str; 4] = ["\\u004", "\\u005", "\\u006", "\\u007"];

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
        needles.extend(ESCAPED_LETTERS.map(|escape| (None, escape.to_owned())));
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(needles.iter().map(|(_, needle)| needle))
            .expect("a hundred short needles are far below the limits of an automaton");
        Self { search, detectors: needles.into_iter().map(|(detector, _)| detector).collect() }
    }

    /// Whether there can be a secret in `frame`.
    pub(crate) fn any_in(&self, frame: &[u8]) -> bool {
        // Most frames have none, which is found out fastest when nobody asks where. Then overlapping, so that no needle hides another.
        self.search.is_match(frame)
            && self.search.find_overlapping_iter(frame).any(|found| {
                let detector = self.detectors[found.pattern().as_usize()];
                detector.is_none_or(|detector| is_plausible(detector, frame, found.start(), found.end()))
            })
    }
}

/// Looks a little closer where needles are frequent and secrets are not.
fn is_plausible(detector: Detector, frame: &[u8], start: usize, end: usize) -> bool {
    match detector {
        Detector::Jwt => frame[start..end] == *b"eyJ",
        Detector::UrlPassword => has_user(&frame[end..]),
        // What is escaped may be cut inside what is not.
        Detector::K8sSecret if frame[start] == b'"' && frame[end - 1] == b'"' => {
            !matches!(frame.trim_ascii_end().last(), Some(b'}' | b']'))
        }
        Detector::UaaToken | Detector::Cookie if frame[end - 1] == b'=' => replaced::bracketed(&frame[end..]) == 0,
        Detector::UaaToken if frame.get(end) == Some(&b'=') => replaced::bracketed(&frame[end + 1..]) == 0,
        _ => true,
    }
}

/// Whether an `@` comes before anything that no authority of a URL has.
fn has_user(rest: &[u8]) -> bool {
    let authority = rest.iter().position(|octet| *octet <= b' ' || matches!(octet, b'@' | b'/' | b'"' | b'?' | b'#'));
    authority.is_some_and(|end| rest[end] == b'@')
}
