use std::fs;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;

use super::*;

struct Files {
    directory: TempDir,
    settings: TlsSettings,
}

/// A certificate and its key in files, the parameters changed by `change`.
fn files(change: impl FnOnce(&mut CertificateParams)) -> Files {
    let directory = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let settings = TlsSettings {
        certificate: directory.path().join("server.pem"),
        key: directory.path().join("server.key"),
        clients: ClientAuth::None,
        only_tls13: false,
    };
    fs::write(&settings.certificate, params.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(&settings.key, key.serialize_pem()).unwrap();
    Files { directory, settings }
}

#[track_caller]
fn check(settings: &TlsSettings, expected: &str) {
    let error = settings.check().unwrap_err().to_string();
    assert!(error.contains(expected), "found {error:?}, expected {expected:?}");
}

#[test]
fn a_good_certificate_is_loaded_without_a_word() {
    let files = files(|_| {});
    assert_eq!(files.settings.check().unwrap(), []);
    let (loaded, _) = files.settings.load().unwrap();
    assert_eq!(loaded.config.send_tls13_tickets, 0);
    assert_eq!(loaded.config.max_early_data_size, 0);
    assert!(!loaded.config.session_storage.can_cache() && !loaded.config.ticketer.enabled());
}

#[test]
fn a_missing_file_is_named() {
    let mut files = files(|_| {});
    files.settings.key = files.directory.path().join("absent.key");
    check(&files.settings, "absent.key: No such file");
    files.settings.certificate = files.directory.path().join("absent.pem");
    check(&files.settings, "absent.pem: No such file");
}

#[test]
fn a_file_without_what_it_should_hold_is_named() {
    let mut files = files(|_| {});
    fs::write(&files.settings.certificate, "not PEM at all\n").unwrap();
    check(&files.settings, "found no certificate in");
    files.settings.certificate = files.settings.key.clone();
    check(&files.settings, "found no certificate in");
    let files = self::files(|_| {});
    fs::write(&files.settings.key, "").unwrap();
    check(&files.settings, "found no private key in");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let files = files(|_| {});
    fs::write(&files.settings.key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    check(&files.settings, "does not belong to the first certificate in");
}

#[test]
fn a_certificate_out_of_its_time_is_refused() {
    let expired = files(|params| params.not_after = date_time_ymd(2020, 1, 1));
    check(&expired.settings, "days ago");
    let early = files(|params| params.not_before = date_time_ymd(2999, 1, 1));
    check(&early.settings, "is not valid yet");
}

#[test]
fn a_certificate_that_ends_soon_is_worth_a_warning() {
    let files = files(|_| {});
    let certificate = certificates(&files.settings.certificate).unwrap().remove(0);
    let (not_after, _) = validity(&certificate, &files.settings.certificate, SystemTime::now()).unwrap();
    let check = |days: u32, warnings: usize| {
        let now = not_after - Duration::from_secs(60 * 60 * 24) * days - Duration::from_secs(1);
        assert_eq!(validity(&certificate, Path::new("x"), now).unwrap().1.len(), warnings, "{days} days");
    };
    check(29, 1);
    check(30, 0);
}

#[test]
fn a_client_ca_that_cannot_be_used_is_named() {
    let mut files = files(|_| {});
    let ca = files.directory.path().join("ca.pem");
    files.settings.clients = ClientAuth::Required { ca: ca.clone(), names: Vec::new() };
    check(&files.settings, "ca.pem: No such file");
    fs::write(&ca, "").unwrap();
    check(&files.settings, "found no certificate in");
    fs::copy(&files.settings.certificate, &ca).unwrap();
    assert!(files.settings.check().is_ok());
}
