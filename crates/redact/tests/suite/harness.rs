//! A redactor and what it makes of a frame, in words.

use std::sync::LazyLock;

use classify::classify;
use gully_redact::{Detector, Detectors, Find, Redactor};

/// The key of all tests.
pub(crate) const KEY: &[u8] = b"0123456789abcdef";

/// The redactor with all detectors.
pub(crate) fn all() -> &'static Redactor {
    static ALL: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Detectors::ALL, KEY).unwrap());
    &ALL
}

/// A redactor with one.
pub(crate) fn only(detector: Detector) -> Redactor {
    Redactor::new([detector].into_iter().collect(), KEY).unwrap()
}

/// `frame` after redaction; as it is when nothing was found.
pub(crate) fn redacted(redactor: &Redactor, frame: &[u8]) -> Vec<u8> {
    let verdict = classify(frame);
    let mut out = Vec::new();
    match redactor.redact(frame, verdict.class, &verdict.header, &mut out) {
        Some(_) => out,
        None => frame.to_vec(),
    }
}

/// The octets that each find replaces, with its detector's name.
pub(crate) fn found(redactor: &Redactor, frame: &[u8]) -> Vec<(&'static str, String)> {
    let verdict = classify(frame);
    let finds = redactor.finds(frame, verdict.class, &verdict.header);
    let text = |find: &Find| String::from_utf8_lossy(find.span.of(frame)).into_owned();
    finds.iter().map(|find| (find.detector.name(), text(find))).collect()
}

/// The fingerprint of `secret`.
pub(crate) fn fingerprint(secret: &str) -> String {
    let frame = format!("password={secret}");
    let redacted = redacted(&only(Detector::QuerySecret), frame.as_bytes());
    String::from_utf8(redacted).unwrap().strip_prefix("password=").unwrap().to_owned()
}
