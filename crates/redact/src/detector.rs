//! The kinds of secrets that can be looked for.

use std::fmt;
use std::str::FromStr;

macro_rules! detectors {
    ($($variant:ident $name:literal $finds:literal $leaves:literal)*) => {
        /// A kind of secret. The names are what configuration and metrics use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Detector { $(#[doc = $finds] #[doc = ""] #[doc = "Not:"] #[doc = $leaves] $variant),* }

        impl Detector {
            /// Every detector, in the order of its index.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The public name, made of `[a-z0-9-]` only.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it finds, as a sentence.
            #[must_use]
            pub const fn finds(self) -> &'static str {
                match self { $(Self::$variant => $finds),* }
            }

            /// What it does not find, as a sentence.
            #[must_use]
            pub const fn leaves(self) -> &'static str {
                match self { $(Self::$variant => $leaves),* }
            }
        }
    };
}

detectors! {
    UaaToken "uaa-token"
        "Tokens as UAA names them: the value after `tokenValue=`, `access_token=`, `refresh_token=` and `id_token=` in text and queries, and JSON members of these names."
        "What UAA replaced itself (`<TOKEN>`); tokens without such a name (see `jwt`)."
    Jwt "jwt"
        "JSON Web Tokens (RFC 7519): base64url parts joined by dots, the first of which begins with `eyJ`, anywhere."
        "Opaque tokens; a first part alone, which holds no claim."
    Authorization "authorization"
        "Credentials in `Authorization` and `Proxy-Authorization`, as header lines, as JSON members and in BOSH's `httpHeaders`; the scheme stays, and after an unknown one what looks like a token is taken. Also `Bearer` and `Basic` with credentials anywhere."
        "Words after `authorization` that are no credentials, such as those of `authorization.k8s.io/decision`."
    LicenceKey "licence-key"
        "Members `licenseKey` (UCP's `user.extra.licenseKey[…]`), `license_key`, and the same with `licence`: each string below."
        "Licence keys under other names."
    K8sSecret "k8s-secret"
        "Values of `data` and `stringData` of Kubernetes Secrets, their lists and patches, and `token` of TokenReview and TokenRequest; values of `data` are fingerprinted after base64."
        "ConfigMaps, environment variables of pods, and secrets of custom resources."
    CredhubValue "credhub-value"
        "`value` in the JSON of CredHub records, and everywhere JSON members whose names end in `password`, `passphrase`, `private_key`, `client_secret`, `secret_key`, `secret_access_key` or `api_key`, and the strings in members `credential` and `credentials`."
        "Numbers; members of other names."
    QuerySecret "query-secret"
        "Values in queries and forms whose names end in `password`, `passwd`, `secret`, `token`, `assertion`, `api_key` or `signature`, and of `pwd`, `passphrase`, `passcode`, `code` and `sig`; percent-encoding is undone for the fingerprint."
        "`code`, `sig`, `signature` and assertions in text that is no query; UAA's `opaque-token=present`."
    PrivateKey "private-key"
        "Private keys in PEM (RFC 7468), whole or cut at the end, their lines joined in any of the usual ways; the fingerprint is that of the base64 text without its line ends."
        "Certificates and public keys; keys in DER or JWK."
    UrlPassword "url-password"
        "The password in `scheme://user:password@host`; percent-encoding is undone for the fingerprint."
        "User names, and URLs without a scheme."
    Cookie "cookie"
        "Values of the cookies in `Cookie` and `Set-Cookie`, as header lines, as JSON members and in BOSH's `httpHeaders`, and of `JSESSIONID=` and `sessionId=`; the cookies' names stay."
        "What UAA replaced itself (`<SESSION>`)."
}

impl Detector {
    /// How many detectors there are.
    pub const COUNT: usize = Self::ALL.len();

    /// A number below [`Self::COUNT`], for tables.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text was no detector's name; it holds the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no detector is called {0:?}")]
pub struct UnknownDetector(pub String);

impl FromStr for Detector {
    type Err = UnknownDetector;

    fn from_str(name: &str) -> Result<Self, UnknownDetector> {
        let found = Self::ALL.iter().find(|detector| detector.name() == name);
        found.copied().ok_or_else(|| UnknownDetector(name.to_owned()))
    }
}

/// A set of detectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Detectors(u16);

const _: () = assert!(Detector::COUNT <= 16, "Detectors has 16 bits");

impl Detectors {
    /// No detector.
    pub const NONE: Self = Self(0);
    /// Every detector.
    pub const ALL: Self = Self((1 << Detector::COUNT) - 1);

    /// Whether the set has `detector`.
    #[must_use]
    pub const fn contains(self, detector: Detector) -> bool {
        self.0 >> (detector as u32) & 1 == 1
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The detectors in the set, in order.
    pub fn iter(self) -> impl Iterator<Item = Detector> {
        Detector::ALL.iter().copied().filter(move |detector| self.contains(*detector))
    }
}

impl FromIterator<Detector> for Detectors {
    fn from_iter<T: IntoIterator<Item = Detector>>(detectors: T) -> Self {
        Self(detectors.into_iter().fold(0, |bits, detector| bits | 1 << (detector as u32)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_are_safe_as_labels() {
        for detector in Detector::ALL {
            assert_eq!(detector.name().parse(), Ok(*detector));
            assert!(detector.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }
        assert_eq!("uaa-tokens".parse::<Detector>().unwrap_err().to_string(), "no detector is called \"uaa-tokens\"");
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set: Detectors = [Detector::Cookie, Detector::Jwt].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Detector::Jwt, Detector::Cookie]);
        assert_eq!(Detectors::ALL.iter().count(), Detector::COUNT);
        assert!(Detectors::NONE.is_empty() && !set.is_empty());
    }
}
