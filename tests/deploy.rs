//! The configurations in `deploy/` are ones that gully takes, and that pass their own tests.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::gully::run_once;

#[test]
fn the_sample_configurations_are_good() {
    let directory = TempDir::new().unwrap();
    let certificates = Certificates::new();
    fs::copy(certificates.server(), directory.path().join("server.pem")).unwrap();
    fs::copy(certificates.server_key(), directory.path().join("server.key")).unwrap();
    fs::copy(certificates.authority(), directory.path().join("kafka-ca.pem")).unwrap();
    fs::write(directory.path().join("kafka-password"), "secret\n").unwrap();
    fs::write(directory.path().join("redaction.key"), "0123456789abcdef0123456789abcdef\n").unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy");
    for sample in ["gully.toml", "kafka.toml", "siem.toml"] {
        fs::copy(samples.join(sample), directory.path().join(sample)).unwrap();
        for (command, says) in [("check", "is good"), ("test", "all passed")] {
            let output = run_once(directory.path(), &[command, "--config", sample].map(AsRef::as_ref), b"");
            let said =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(0), "{command} {sample}: {said}");
            assert!(said.contains(says), "{command} {sample}: {said}");
        }
    }
}

/// What the README shows as TOML can be put into a file as it is, or, where it is a part, beside the rest.
#[test]
fn the_configurations_of_the_readme_are_good() {
    let directory = TempDir::new().unwrap();
    let certificates = Certificates::new();
    fs::copy(certificates.server(), directory.path().join("server.pem")).unwrap();
    fs::copy(certificates.server_key(), directory.path().join("server.key")).unwrap();
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let samples: Vec<_> = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(samples.len() >= 2, "the README has samples");
    for sample in samples {
        fs::write(directory.path().join("sample.toml"), sample).unwrap();
        let output = run_once(directory.path(), &["check".as_ref(), "--config".as_ref(), "sample.toml".as_ref()], b"");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{said}\n{sample}");
    }
}
