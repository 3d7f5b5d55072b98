//! The names of the classes, and the patterns that choose among them.

use crate::nearest::nearest;
use crate::problem::Fault;

/// Every class of record that a sink can take. The classifier gives exactly these names.
pub const CLASSES: &[&str] = &[
    "cf.cloud_controller.cef",
    "cf.credhub.cef",
    "cf.uaa.audit",
    "cf.audit_event",
    "cf.logmessage",
    "bosh.director.cef",
    "pks.api",
    "pks.broker",
    "pks.telemetry",
    "k8s.audit",
    "ucp.audit",
    "cef",
    "other",
];

/// Whether `pattern` (a class, a prefix and `.*`, or `*`) names `class`.
pub(crate) fn matches(pattern: &str, class: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => (prefix.is_empty() || prefix.ends_with('.')) && class.starts_with(prefix),
        None => class == pattern,
    }
}

/// Refuses a pattern that names no class, with the nearest one that does.
pub(crate) fn check_pattern(pattern: &str) -> Result<(), Fault> {
    if CLASSES.iter().any(|class| matches(pattern, class)) {
        return Ok(());
    }
    let prefixes = ["*", "cf.*", "bosh.*", "pks.*", "k8s.*", "ucp.*"];
    Err(Fault::expected(match nearest(pattern, CLASSES.iter().copied().chain(prefixes)) {
        Some(near) => format!("a class, a prefix and \".*\", or \"*\"; did you mean {near:?}?"),
        None => format!("a class ({}), a prefix and \".*\", or \"*\"", CLASSES.join(", ")),
    }))
}

/// Refuses a name that no class has, with the nearest one.
pub(crate) fn check_class(name: &str) -> Result<(), Fault> {
    if CLASSES.contains(&name) {
        return Ok(());
    }
    Err(Fault::expected(match nearest(name, CLASSES.iter().copied()) {
        Some(near) => format!("a class; did you mean {near:?}?"),
        None => format!("a class: {}", CLASSES.join(", ")),
    }))
}

#[cfg(test)]
mod tests {
    use record::Class;

    use super::*;

    #[test]
    fn the_classes_are_those_that_records_have() {
        assert!(CLASSES.iter().copied().eq(Class::ALL.iter().map(|class| class.name())));
    }

    #[test]
    fn a_class_is_no_pattern() {
        assert_eq!(check_class("cf.uaa.audit"), Ok(()));
        assert!(check_class("cf.*").is_err());
        assert!(check_class("cf.uua.audit").unwrap_err().expected.ends_with("did you mean \"cf.uaa.audit\"?"));
    }

    #[test]
    fn a_pattern_is_a_class_a_prefix_or_everything() {
        for pattern in ["cf.*", "*", "k8s.audit", "cf.uaa.*", "cef", "other"] {
            assert_eq!(check_pattern(pattern), Ok(()), "{pattern}");
        }
        for pattern in ["", "cf", "cf*", "cf.", "**", "k8s.audits", "*.cef", "CEF"] {
            assert!(check_pattern(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_wrong_pattern_names_the_nearest() {
        let fault = check_pattern("k8s.audits").unwrap_err();
        assert!(fault.expected.ends_with("did you mean \"k8s.audit\"?"), "{}", fault.expected);
        let fault = check_pattern("pcks.*").unwrap_err();
        assert!(fault.expected.ends_with("did you mean \"pks.*\"?"), "{}", fault.expected);
    }
}
