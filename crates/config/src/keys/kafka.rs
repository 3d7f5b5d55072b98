//! The tables inside a Kafka sink.

use super::Fallback::{Absent, Required, Value};
use super::{Key, Kind};
use crate::choices::SaslMechanism;

pub(super) const TLS: &[Key] = &[
    Key {
        name: "ca",
        kind: Kind::Path,
        default: Absent { so: "the authorities of the system", example: "\"ca.pem\"" },
        only: &[],
        meaning: "PEM file with the authorities that sign the certificates of the brokers, and of `sasl.token_url`.",
        worst: "Without it, every certificate that any public authority signed for a broker's name is taken.",
    },
    Key {
        name: "certificate",
        kind: Kind::Path,
        default: Absent { so: "brokers see no certificate", example: "\"client.pem\"" },
        only: &[],
        meaning: "PEM file with our certificate and the chain below its root, the certificate first.",
        worst: "Expired or unknown to the brokers: the sink stalls.",
    },
    Key {
        name: "key",
        kind: Kind::Path,
        default: Absent { so: "required with `certificate`", example: "\"client.key\"" },
        only: &[],
        meaning: "PEM file with the private key of `certificate`, readable by this user alone.",
        worst: "Whoever reads it can write to the brokers as we do.",
    },
    Key {
        name: "key_password",
        kind: Kind::Secret,
        default: Absent { so: "the key is not encrypted", example: "\"${env:KAFKA_KEY_PASSWORD}\"" },
        only: &[],
        meaning: "The password of an encrypted `key`, from a variable or a file.",
        worst: "Wrong: the sink does not start.",
    },
    Key {
        name: "verify_name",
        kind: Kind::Bool,
        default: Value("true"),
        only: &[],
        meaning: "Whether a broker's certificate must have the name that we connect to.",
        worst: "False: everybody with a certificate of these authorities can pose as the brokers.",
    },
];

const WITH_PASSWORD: &[&str] = &["plain", "scram-sha-256", "scram-sha-512"];
const OAUTHBEARER: &[&str] = &["oauthbearer"];

pub(super) const SASL: &[Key] = &[
    Key {
        name: "mechanism",
        kind: Kind::Choice(&SaslMechanism::CHOICES),
        default: Required { example: "\"scram-sha-512\"" },
        only: &[],
        meaning: "How we show who we are.",
        worst: "\"plain\" and \"oauthbearer\" without `tls`: whoever is on the way reads the password or the token.",
    },
    Key {
        name: "username",
        kind: Kind::Text { max: 1024 },
        default: Required { example: "\"gully\"" },
        only: WITH_PASSWORD,
        meaning: "The user.",
        worst: "Unknown to the brokers, or without the right to write to the topics: the sink stalls.",
    },
    Key {
        name: "password",
        kind: Kind::Secret,
        default: Required { example: "\"${file:/run/secrets/kafka}\"" },
        only: WITH_PASSWORD,
        meaning: "The user's password, from a variable or a file; read when gully starts.",
        worst: "Wrong: the sink stalls.",
    },
    Key {
        name: "token_url",
        kind: Kind::Url,
        default: Required { example: "\"https://login.example.com/oauth2/token\"" },
        only: OAUTHBEARER,
        meaning: "Where tokens are fetched, with client credentials (RFC 6749 §4.4).",
        worst: "Cannot be reached: the sink stalls when its last token has expired.",
    },
    Key {
        name: "client_id",
        kind: Kind::Text { max: 1024 },
        default: Required { example: "\"gully\"" },
        only: OAUTHBEARER,
        meaning: "The client that asks for the token.",
        worst: "Unknown there: the sink stalls.",
    },
    Key {
        name: "client_secret",
        kind: Kind::Secret,
        default: Required { example: "\"${env:KAFKA_CLIENT_SECRET}\"" },
        only: OAUTHBEARER,
        meaning: "The client's secret, from a variable or a file; read when gully starts.",
        worst: "Wrong: the sink stalls.",
    },
    Key {
        name: "scope",
        kind: Kind::Text { max: 1024 },
        default: Absent { so: "the scope that the client has by itself", example: "\"kafka\"" },
        only: OAUTHBEARER,
        meaning: "The scope that is asked for.",
        worst: "Not granted: the sink stalls.",
    },
];
