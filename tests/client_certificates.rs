//! Who may come in by a client certificate, and who may not.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, date_time_ymd};
use rustls::version::{TLS12, TLS13};

use crate::support::certificates::{CLIENT_NAME, Certificates, Identity, client};
use crate::support::client::{TlsClient, counted};
use crate::support::setup::Setup;
use crate::support::wait::{SOON, wait_until};

#[test]
fn a_client_certificate_of_the_right_authority_and_name_is_let_in() {
    for names in [client_names(CLIENT_NAME), client_names("*.diego.internal"), String::new()] {
        check(&names, |ours| Some(ours.client()), true);
    }
}

#[test]
fn a_client_without_a_certificate_is_refused() {
    check("", |_| None, false);
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let stranger = Certificates::new();
    check("", |_| Some(stranger.client()), false);
}

#[test]
fn a_certificate_that_only_itself_vouches_for_is_refused() {
    check("", |ours| Some(ours.self_signed("alone", &client(CLIENT_NAME))), false);
}

#[test]
fn a_certificate_that_is_over_or_not_yet_valid_is_refused() {
    check_spoilt(|params| params.not_after = date_time_ymd(2001, 1, 1));
    check_spoilt(|params| params.not_before = date_time_ymd(2999, 1, 1));
}

#[test]
fn a_certificate_for_servers_is_refused() {
    check_spoilt(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]);
}

#[test]
fn a_certificate_with_another_name_is_refused() {
    for names in ["other.example", "diego.internal", "*.drain.diego.internal"] {
        check(&client_names(names), |ours| Some(ours.client()), false);
    }
}

/// A wildcard is a name for many, and so the name of nobody.
#[test]
fn a_wildcard_in_a_certificate_is_no_name() {
    for names in [CLIENT_NAME, "*.diego.internal"] {
        check(&client_names(names), |ours| Some(ours.issue("wildcard", client("*.diego.internal"))), false);
    }
}

/// Among many names the right one counts, and a thousand wrong ones do no harm.
#[test]
fn a_certificate_with_a_thousand_names_is_searched() {
    let strangers: Vec<_> = (0..1_000).map(|number| format!("cell-{number}.example")).collect();
    for (last, admitted) in [(CLIENT_NAME, true), ("cell.example", false)] {
        let all: Vec<_> = strangers.iter().cloned().chain([last.to_owned()]).collect();
        let issue = |ours: &Certificates| {
            let many = CertificateParams::new(all).unwrap().subject_alt_names;
            let mut params = client(CLIENT_NAME);
            params.subject_alt_names = many;
            Some(ours.issue("many", params))
        };
        check(&client_names(CLIENT_NAME), issue, admitted);
    }
}

/// The member of `tls` that lets in one name or pattern.
fn client_names(name: &str) -> String {
    format!(", client_names = [\"{name}\"]")
}

/// The authority of the listener issues a certificate that is sound but for what `spoil` does to it, and the client is refused.
#[track_caller]
fn check_spoilt(spoil: impl FnOnce(&mut CertificateParams)) {
    let issue = |ours: &Certificates| {
        let mut params = client(CLIENT_NAME);
        spoil(&mut params);
        Some(ours.issue("spoilt", params))
    };
    check("", issue, false);
}

/// Shows what `identity` makes to a listener that asks for certificates of its authority, by TLS 1.2 and 1.3.
#[track_caller]
fn check(names: &str, identity: impl FnOnce(&Certificates) -> Option<Identity>, admitted: bool) {
    let certificates = Certificates::new();
    let identity = identity(&certificates);
    let client_ca = format!(", client_ca = \"{}\"{names}", certificates.authority().display());
    let mut setup = Setup::new();
    let address = setup.listener("tls", "tls", &certificates.listener_key(&client_ca));
    setup.json_sink();
    let gully = setup.start();

    for version in [&TLS12, &TLS13] {
        let faults = || gully.metrics().sum("gully_connection_faults_total", &[("listener", "tls")]);
        let before = faults();
        // By TLS 1.3 a client learns of its refusal only after the handshake, so every step may fail.
        if let Ok(mut client) = TlsClient::connect(address, &certificates, version, identity.as_ref()) {
            client.send(&counted(b"<14>1 - - - - - - by certificate")).ok();
            client.close().ok();
        }
        if !admitted {
            wait_until("a counted refusal", SOON, || faults() == before + 1);
        }
    }
    if admitted {
        gully.wait_for_delivered(2, SOON);
        assert!(gully.records().iter().all(|record| record.message() == "by certificate"));
    } else {
        assert_eq!(gully.metrics().sum("gully_records_accepted_total", &[]), 0);
    }
}
