//! Certificates and keys: there, readable, of the right kind. Whether they belong together is for who can parse them.
//!
//! Those of listeners, and what Kafka sinks need of the same.

use std::path::Path;

use super::own_alone;
use crate::choices::{ClientAuth, Protocol};
use crate::config::Config;
use crate::listener::{Listener, Tls};
use crate::report::Report;
use crate::source::read_octets;

/// The longest PEM file that is read: a bundle of all public authorities has about a quarter of it.
const PEM_BYTES_MAX: u64 = 1 << 20;

pub(super) fn check(config: &Config, report: &mut Report) {
    for listener in config.listeners.iter().filter(|listener| listener.protocol == Protocol::Tls) {
        match &listener.tls {
            Some(tls) => files(listener, tls, report),
            None if report.is_faulty(&listener.key("tls")) => {}
            None => {
                let expected = "tls = { certificate = \"server.pem\", key = \"server.key\" }";
                report.error(&listener.key("tls"), "nothing with protocol = \"tls\"", expected);
            }
        }
    }
}

fn files(listener: &Listener, tls: &Tls, report: &mut Report) {
    let key = |name: &str| listener.key(&format!("tls.{name}"));
    certificates(&key("certificate"), &tls.certificate, report);
    if private_key(&key("key"), &tls.key, report) == Some(PrivateKey::Encrypted) {
        let found = format!("{}, an encrypted private key", tls.key.display());
        report.error(&key("key"), found, format!("{PRIVATE_KEY} that is not encrypted"));
    }
    if let Some(client_ca) = &tls.client_ca {
        certificates(&key("client_ca"), client_ca, report);
    }
    if tls.client_ca.is_none() && !report.is_faulty(&key("client_ca")) {
        if tls.client_auth != ClientAuth::None {
            let found = format!("{:?} without client_ca", tls.client_auth.word());
            report.error(&key("client_auth"), found, "client_ca, the authorities that sign clients' certificates");
        } else if !tls.client_names.is_empty() {
            report.error(
                &key("client_names"),
                "names without client_ca",
                "client_ca, so that clients show a certificate",
            );
        }
    } else if tls.client_auth != ClientAuth::Required && !report.is_faulty(&key("client_auth")) {
        let found = format!("{:?} with client_ca: clients without a certificate may connect", tls.client_auth.word());
        report.warning(&key("client_auth"), found, "\"required\"");
    }
}

/// What a PEM file with a certificate should be.
const CERTIFICATE: &str = "a PEM file with a CERTIFICATE block";
/// What a PEM file with a private key should be.
const PRIVATE_KEY: &str = "a PEM file with a PRIVATE KEY block";

/// Whether a private key asks for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PrivateKey {
    Plain,
    Encrypted,
}

/// Reports when there is no certificate in the file at `path`.
pub(super) fn certificates(key: &str, path: &Path, report: &mut Report) {
    let Some(labels) = pem_labels(key, path, report) else { return };
    if !labels.iter().any(|label| label == "CERTIFICATE") {
        report.error(key, format!("{} with {}", path.display(), listed(&labels)), CERTIFICATE);
    }
}

/// Reports when there is no private key in the file at `path`, or when others can read it. `None`: there is none.
pub(super) fn private_key(key: &str, path: &Path, report: &mut Report) -> Option<PrivateKey> {
    let labels = pem_labels(key, path, report)?;
    let of_label = |label: &String| match label.as_str() {
        "ENCRYPTED PRIVATE KEY" => Some(PrivateKey::Encrypted),
        label if label.ends_with("PRIVATE KEY") => Some(PrivateKey::Plain),
        _ => None,
    };
    // A key that is told to be encrypted outside its label has one label of each kind.
    let private_key = labels.iter().filter_map(of_label).max();
    if private_key.is_none() {
        report.error(key, format!("{} with {}", path.display(), listed(&labels)), PRIVATE_KEY);
    }
    own_alone(key, path, report);
    private_key
}

/// The labels of the PEM blocks (RFC 7468) in the file; a block of the old encrypted form counts as
/// `ENCRYPTED PRIVATE KEY`. `None` when the file cannot be read or is empty, which is reported.
fn pem_labels(key: &str, path: &Path, report: &mut Report) -> Option<Vec<String>> {
    let octets = match read_octets(path, PEM_BYTES_MAX) {
        Ok(octets) => octets,
        Err(fault) => {
            report.error(key, fault.found.unwrap_or_default(), fault.expected);
            return None;
        }
    };
    if octets.trim_ascii().is_empty() {
        report.error(key, format!("{}, which is empty", path.display()), "a PEM file");
        return None;
    }
    let text = String::from_utf8_lossy(&octets);
    let label = |line: &str| Some(line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----")?.to_owned());
    let mut labels = text.lines().filter_map(label).collect::<Vec<_>>();
    // RFC 1421 §4.6.1.1, as OpenSSL's traditional format still writes it.
    if text.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED")) {
        labels.push("ENCRYPTED PRIVATE KEY".to_owned());
    }
    Some(labels)
}

fn listed(labels: &[String]) -> String {
    match labels {
        [] => "no PEM block".to_owned(),
        labels => format!("the blocks {}", labels.join(", ").escape_debug()),
    }
}
