//! Who a client is, by its certificate, and whether it may send.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// A name that a client certificate may have: exact (`cell-1.example.org`), or with one leading label left open
/// (`*.example.org`, which takes `a.example.org` and neither `example.org` nor `a.b.example.org`). Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern {
    /// What follows the open label, or the whole name.
    fixed: String,
    open_label: bool,
}

/// The text is not a name, nor a name with one leading `*.` label; it holds the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {0:?}, expected a name such as cell.example.org or *.example.org")]
pub struct BadNamePattern(pub String);

impl FromStr for NamePattern {
    type Err = BadNamePattern;

    fn from_str(pattern: &str) -> Result<Self, BadNamePattern> {
        let (fixed, open_label) = match pattern.strip_prefix("*.") {
            Some(fixed) => (fixed, true),
            None => (pattern, false),
        };
        let plain = |octet: u8| octet.is_ascii_graphic() && octet != b'*';
        if fixed.is_empty() || !fixed.bytes().all(plain) || fixed.split('.').any(str::is_empty) {
            return Err(BadNamePattern(pattern.to_owned()));
        }
        Ok(Self { fixed: fixed.to_owned(), open_label })
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.open_label { "*." } else { "" }, self.fixed)
    }
}

impl NamePattern {
    /// Whether `name` is one of those.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        // A wildcard in a certificate is no identity, whatever its CA thought.
        if name.contains('*') {
            return false;
        }
        match self.open_label {
            false => name.eq_ignore_ascii_case(&self.fixed),
            true => name
                .split_once('.')
                .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(&self.fixed)),
        }
    }
}

/// The name of the client with this certificate that `allowed` takes; the first name when there are no patterns.
///
/// The names of a certificate are its SAN's DNS names; its CN counts only when it has no SAN at all.
pub(crate) fn client_name(certificate: &CertificateDer<'_>, allowed: &[NamePattern]) -> Option<Arc<str>> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let is_allowed = |name: &&str| allowed.is_empty() || allowed.iter().any(|pattern| pattern.matches(name));
    match certificate.subject_alternative_name() {
        Ok(Some(san)) => {
            let mut names = san.value.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(*name),
                _ => None,
            });
            names.find(is_allowed).map(Arc::from)
        }
        Ok(None) => {
            let mut names = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok());
            names.find(is_allowed).map(Arc::from)
        }
        // A SAN that cannot be read, or that is there twice, names nobody.
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn patterns(patterns: &[&str]) -> Vec<NamePattern> {
        patterns.iter().map(|pattern| pattern.parse().unwrap()).collect()
    }

    /// Makes a certificate with these SAN DNS names and CN, and looks for an allowed name in it.
    #[track_caller]
    fn check(san: &[&str], common_name: &str, allowed: &[&str], expected: Option<&str>) {
        let san: Vec<_> = san.iter().copied().map(str::to_owned).collect();
        let mut params = CertificateParams::new(san).unwrap();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(client_name(certificate.der(), &patterns(allowed)).as_deref(), expected);
    }

    #[test]
    fn a_pattern_is_a_name_or_leaves_one_label_open() {
        let check = |pattern: &str, name: &str, expected: bool| {
            assert_eq!(pattern.parse::<NamePattern>().unwrap().matches(name), expected, "{pattern} {name}");
        };
        check("a.example.org", "a.example.org", true);
        check("a.example.org", "A.Example.ORG", true);
        check("a.example.org", "b.example.org", false);
        check("*.example.org", "a.example.org", true);
        check("*.example.org", "example.org", false);
        check("*.example.org", ".example.org", false);
        check("*.example.org", "a.b.example.org", false);
        check("*.example.org", "*.example.org", false);
        check("*.example.org", "a.example.org\0.evil", false);
        check("localhost", "localhost", true);
    }

    #[test]
    fn a_pattern_that_would_take_more_than_one_label_is_refused() {
        for pattern in ["", "*", "*.", "*.*.org", "a.*.org", "a*.org", "a..org", "a b", ".org"] {
            assert_eq!(pattern.parse::<NamePattern>(), Err(BadNamePattern(pattern.to_owned())));
        }
        assert_eq!("*.example.org".parse::<NamePattern>().unwrap().to_string(), "*.example.org");
    }

    #[test]
    fn the_san_decides_and_the_common_name_stands_in_for_a_missing_one() {
        check(&["x.org", "cell.example.org"], "cn", &["*.example.org"], Some("cell.example.org"));
        check(&["x.org"], "cell.example.org", &["*.example.org"], None);
        check(&[], "cell.example.org", &["*.example.org"], Some("cell.example.org"));
        check(&[], "cn", &["*.example.org"], None);
        check(&["x.org", "y.org"], "cn", &[], Some("x.org"));
        check(&["192.0.2.1"], "cell.example.org", &["*.example.org"], None);
    }

    #[test]
    fn many_names_are_all_looked_at() {
        let names: Vec<_> = (0..1000).map(|index| format!("n{index}.example.net")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).chain(["good.example.org"]).collect();
        check(&names, "cn", &["*.example.org"], Some("good.example.org"));
    }
}
