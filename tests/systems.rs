//! The pages in `deploy/systems` are true as far as gully can tell: their configurations are good, and do what they say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::certificates::Certificates;
use crate::support::gully::command;

/// Every `toml` block is a whole configuration that gully takes, and its own tests pass.
#[test]
fn their_configurations_do_what_they_say() {
    let directory = TempDir::new().unwrap();
    let certificates = Certificates::new();
    for (from, to) in [
        (certificates.server(), "server.pem"),
        (certificates.server_key(), "server.key"),
        (certificates.authority(), "clients.pem"),
    ] {
        fs::copy(from, directory.path().join(to)).unwrap();
    }
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let blocks: Vec<_> = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(!blocks.is_empty(), "{} shows no configuration", page.display());
        for block in blocks {
            assert!(block.contains("[[test]]"), "{} has a configuration without a test", page.display());
            fs::write(directory.path().join("gully.toml"), block).unwrap();
            for subcommand in ["check", "test"] {
                let mut command = command(directory.path());
                command
                    .args([subcommand, "--config", "gully.toml"])
                    .env("GULLY_REDACTION_KEY", "sixteen octets or more");
                let output = command.output().unwrap();
                let said = [output.stdout, output.stderr].concat();
                let said = String::from_utf8_lossy(&said);
                assert!(output.status.success(), "{}: gully {subcommand}: {said}", page.display());
            }
        }
    }
}

/// The index names every page, and no page points at a file that is not there.
#[test]
fn their_links_lead_somewhere() {
    let index = fs::read_to_string(folder().join("README.md")).unwrap();
    let listed: BTreeSet<_> = links(&index).into_iter().map(|link| folder().join(link)).collect();
    for page in pages() {
        assert!(listed.contains(&page), "deploy/systems/README.md does not name {}", page.display());
        for link in links(&fs::read_to_string(&page).unwrap()) {
            assert!(folder().join(&link).exists(), "{} points at {link}", page.display());
        }
    }
    for link in listed {
        assert!(link.exists(), "the index points at {}", link.display());
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/systems")
}

/// The pages, without their index.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<_> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.file_name().is_some_and(|name| name != "README.md"));
    pages.sort();
    assert!(pages.len() >= 12, "only {} pages", pages.len());
    pages
}

/// The targets of links that are no URLs.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://")).map(ToOwned::to_owned).collect()
}
