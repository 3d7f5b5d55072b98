//! Names before `=`, in headers and of JSON members, and what stands behind them.

use crate::detector::{Detector, Detectors};

/// A name without `-` and `_`, in lower case: `client_secret`, `clientSecret` and `CLIENT-SECRET` are one.
#[derive(Debug)]
pub(crate) struct Name {
    octets: [u8; Self::COMPARED_BYTES_MAX],
    /// Where the name begins in `octets`, which it fills to the end.
    start: usize,
    /// Whether it is longer than that.
    is_longer: bool,
}

impl Name {
    /// No name in the tables is longer.
    const COMPARED_BYTES_MAX: usize = 24;

    pub(crate) fn new(name: &[u8]) -> Self {
        let mut octets = [0; Self::COMPARED_BYTES_MAX];
        let mut start = octets.len();
        let mut letters = name.iter().rev().filter(|octet| !matches!(octet, b'-' | b'_'));
        for octet in letters.by_ref().take(Self::COMPARED_BYTES_MAX) {
            start -= 1;
            octets[start] = octet.to_ascii_lowercase();
        }
        let is_longer = letters.next().is_some();
        Self { octets, start, is_longer }
    }

    fn is(&self, pattern: Pattern) -> bool {
        let name = &self.octets[self.start..];
        match pattern {
            Whole(whole) => !self.is_longer && name == whole.as_bytes(),
            End(end) => name.ends_with(end.as_bytes()),
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Pattern {
    Whole(&'static str),
    End(&'static str),
}
use Pattern::{End, Whole};

/// What a `name=` announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    /// The value is a secret, wherever the pair stands.
    Secret(Detector),
    /// The value is a secret in a query or form.
    QuerySecret,
    /// The value is that of a header.
    Header(Header),
}

/// A header that holds secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    Authorization,
    Cookie,
    SetCookie,
}

impl Header {
    const fn detector(self) -> Detector {
        match self {
            Self::Authorization => Detector::Authorization,
            Self::Cookie | Self::SetCookie => Detector::Cookie,
        }
    }

    /// The header called `name`, if it is looked for. What stands before its name is not asked: `X-Forwarded-Authorization` and
    /// CGI's `HTTP_AUTHORIZATION` are meant, too.
    pub(crate) fn named(name: &Name, wanted: Detectors) -> Option<Self> {
        const HEADERS: [(Pattern, Header); 3] = [
            (End("authorization"), Header::Authorization),
            (End("setcookie"), Header::SetCookie),
            (End("cookie"), Header::Cookie),
        ];
        let found = HEADERS.iter().find(|(pattern, _)| name.is(*pattern));
        found.map(|(_, header)| *header).filter(|header| wanted.contains(header.detector()))
    }
}

/// Names before `=`. The first whose detector is wanted counts.
const PAIRS: &[(Pattern, Pair)] = &[
    (End("tokenvalue"), Pair::Secret(Detector::UaaToken)),
    (End("accesstoken"), Pair::Secret(Detector::UaaToken)),
    (End("refreshtoken"), Pair::Secret(Detector::UaaToken)),
    (End("idtoken"), Pair::Secret(Detector::UaaToken)),
    (End("sessionid"), Pair::Secret(Detector::Cookie)),
    (End("password"), Pair::Secret(Detector::QuerySecret)),
    (End("passwd"), Pair::Secret(Detector::QuerySecret)),
    (Whole("pwd"), Pair::Secret(Detector::QuerySecret)),
    (End("passphrase"), Pair::Secret(Detector::QuerySecret)),
    (End("passcode"), Pair::Secret(Detector::QuerySecret)),
    (End("secret"), Pair::Secret(Detector::QuerySecret)),
    (End("token"), Pair::Secret(Detector::QuerySecret)),
    (End("apikey"), Pair::Secret(Detector::QuerySecret)),
    (End("assertion"), Pair::QuerySecret),
    (End("signature"), Pair::QuerySecret),
    (Whole("code"), Pair::QuerySecret),
    (Whole("sig"), Pair::QuerySecret),
];

impl Pair {
    const fn detector(self) -> Detector {
        match self {
            Self::Secret(detector) => detector,
            Self::QuerySecret => Detector::QuerySecret,
            Self::Header(header) => header.detector(),
        }
    }

    /// What `name=` announces, if that is looked for.
    pub(crate) fn named(name: &[u8], wanted: Detectors) -> Option<Self> {
        let name = Name::new(name);
        if let Some(header) = Header::named(&name, wanted) {
            return Some(Self::Header(header));
        }
        let mut found = PAIRS.iter().filter(|(pattern, pair)| wanted.contains(pair.detector()) && name.is(*pattern));
        found.next().map(|(_, pair)| *pair)
    }
}

/// Whether `name=` and what follows it is UAA's `opaque-token=present`, which says that there is a token, not which.
pub(crate) fn is_no_token(name: &[u8], value: &[u8]) -> bool {
    let value = value.strip_prefix(b"present");
    value.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
        && Name::new(name).is(Whole("opaquetoken"))
}

/// What the value of a JSON member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    /// A secret: a string, or the strings of an array.
    Secret(Detector),
    /// All strings in it are secrets, however deep.
    Secrets(Detector),
    /// The value or values of a header.
    Header(Header),
    /// Something of Kubernetes that says what is a Secret, or is one if something else says so.
    Kubernetes(Kubernetes),
    /// Of no interest.
    Other,
}

/// Members of Kubernetes' objects and audit events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kubernetes {
    ApiVersion,
    Kind,
    Data,
    StringData,
    Items,
    SpecOrStatus,
    Token,
    ObjectRef,
    Resource,
    RequestOrResponse,
    Path,
    Value,
}

const MEMBERS: &[(Pattern, Member)] = &[
    (End("tokenvalue"), Member::Secret(Detector::UaaToken)),
    (End("accesstoken"), Member::Secret(Detector::UaaToken)),
    (End("refreshtoken"), Member::Secret(Detector::UaaToken)),
    (End("idtoken"), Member::Secret(Detector::UaaToken)),
    (Whole("licensekey"), Member::Secrets(Detector::LicenceKey)),
    (Whole("licencekey"), Member::Secrets(Detector::LicenceKey)),
    (End("password"), Member::Secret(Detector::CredhubValue)),
    (End("passphrase"), Member::Secret(Detector::CredhubValue)),
    (End("privatekey"), Member::Secret(Detector::CredhubValue)),
    (End("clientsecret"), Member::Secret(Detector::CredhubValue)),
    (End("secretkey"), Member::Secret(Detector::CredhubValue)),
    (End("secretaccesskey"), Member::Secret(Detector::CredhubValue)),
    (End("apikey"), Member::Secret(Detector::CredhubValue)),
    (Whole("credential"), Member::Secrets(Detector::CredhubValue)),
    (Whole("credentials"), Member::Secrets(Detector::CredhubValue)),
];

/// Kubernetes' names are exact.
const KUBERNETES: &[(&[u8], Kubernetes)] = &[
    (b"apiVersion", Kubernetes::ApiVersion),
    (b"kind", Kubernetes::Kind),
    (b"data", Kubernetes::Data),
    (b"stringData", Kubernetes::StringData),
    (b"items", Kubernetes::Items),
    (b"spec", Kubernetes::SpecOrStatus),
    (b"status", Kubernetes::SpecOrStatus),
    (b"token", Kubernetes::Token),
    (b"objectRef", Kubernetes::ObjectRef),
    (b"resource", Kubernetes::Resource),
    (b"requestObject", Kubernetes::RequestOrResponse),
    (b"responseObject", Kubernetes::RequestOrResponse),
    (b"path", Kubernetes::Path),
    (b"value", Kubernetes::Value),
];

impl Member {
    /// What the member called `name` is, as far as that is looked for. `in_credhub`: in a record of CredHub's.
    pub(crate) fn named(name: &[u8], wanted: Detectors, in_credhub: bool) -> Self {
        if in_credhub && name == b"value" && wanted.contains(Detector::CredhubValue) {
            return Self::Secrets(Detector::CredhubValue);
        }
        if wanted.contains(Detector::K8sSecret)
            && let Some((_, member)) = KUBERNETES.iter().find(|(known, _)| *known == name)
        {
            return Self::Kubernetes(*member);
        }
        let name = Name::new(name);
        if let Some(header) = Header::named(&name, wanted) {
            return Self::Header(header);
        }
        let mut found = MEMBERS.iter().filter(|(pattern, member)| member.is_wanted(wanted) && name.is(*pattern));
        found.next().map_or(Self::Other, |(_, member)| *member)
    }

    const fn is_wanted(self, wanted: Detectors) -> bool {
        match self {
            Self::Secret(detector) | Self::Secrets(detector) => wanted.contains(detector),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_separators() {
        for name in ["client_secret", "clientSecret", "CLIENT-SECRET", "spring.client-secret"] {
            let member = Member::named(name.as_bytes(), Detectors::ALL, false);
            assert_eq!(member, Member::Secret(Detector::CredhubValue), "{name}");
            assert_eq!(
                Pair::named(name.as_bytes(), Detectors::ALL),
                Some(Pair::Secret(Detector::QuerySecret)),
                "{name}"
            );
        }
        assert_eq!(Pair::named(b"exit_code", Detectors::ALL), None);
        assert_eq!(Pair::named(b"code", Detectors::ALL), Some(Pair::QuerySecret));
        assert_eq!(Pair::named(b"tokenType", Detectors::ALL), None);
        let long = [b"x".repeat(40), b"code".to_vec()].concat();
        assert_eq!(Pair::named(&long, Detectors::ALL), None);
        assert_eq!(Pair::named(b"HTTP_AUTHORIZATION", Detectors::ALL), Some(Pair::Header(Header::Authorization)));
    }

    #[test]
    fn a_name_means_what_the_wanted_detectors_know() {
        let query: Detectors = [Detector::QuerySecret].into_iter().collect();
        assert_eq!(Pair::named(b"access_token", query), Some(Pair::Secret(Detector::QuerySecret)));
        assert_eq!(Pair::named(b"access_token", Detectors::ALL), Some(Pair::Secret(Detector::UaaToken)));
        assert_eq!(Member::named(b"password", query, false), Member::Other);
        assert_eq!(Member::named(b"value", query, true), Member::Other);
        assert_eq!(Member::named(b"value", Detectors::ALL, true), Member::Secrets(Detector::CredhubValue));
    }

    #[test]
    fn no_name_in_the_tables_is_longer_than_what_is_compared() {
        let patterns = PAIRS.iter().map(|(pattern, _)| pattern).chain(MEMBERS.iter().map(|(pattern, _)| pattern));
        for pattern in patterns {
            let (Whole(name) | End(name)) = pattern;
            assert!(name.len() < Name::COMPARED_BYTES_MAX && name.bytes().all(|octet| octet.is_ascii_lowercase()));
        }
    }
}
