//! `gully config init`: a configuration to begin with.

use super::comment;
use crate::keys::{Form, Key, Kind, section};

/// A line of the starting configuration, explained by the table of keys.
enum Line {
    Section {
        kind: &'static str,
        name: &'static str,
        about: &'static str,
    },
    /// `name = value`.
    Key(&'static str, &'static str),
    /// `name = value` in a comment, to be taken out of it.
    Suggestion(&'static str, &'static str),
}

use Line::{Key as Set, Section, Suggestion};

const LINES: &[Line] = &[
    Set("data_dir", "\"./gully-data\""),
    Section {
        kind: "listener",
        name: "tcp",
        about: "Syslog over TCP; for other machines, listen on \"0.0.0.0:5514\" or with TLS.",
    },
    Set("address", "\"127.0.0.1:5514\""),
    Set("protocol", "\"tcp\""),
    Suggestion("tls", "{ certificate = \"server.pem\", key = \"server.key\" }"),
    Section { kind: "listener", name: "udp", about: "Syslog over UDP, on the same port." },
    Set("address", "\"127.0.0.1:5514\""),
    Set("protocol", "\"udp\""),
    Section { kind: "sink", name: "records", about: "One file per class and day." },
    Set("kind", "\"file\""),
    Set("path", "\"./gully-data/records/{class}/{date}.jsonl\""),
    Set("take", "[\"*\"]"),
    Set("encoding", "\"json\""),
    Set("rotate", "{ size = \"512MiB\" }"),
    Set("compression", "\"zstd\""),
    Suggestion("retain", "{ age = \"90d\", bytes = \"20GiB\" }"),
    Suggestion("fields", "[\"native\", \"ecs\"]"),
    Suggestion("where", "'event.outcome == \"failure\" and not source.ip in_cidr [\"10.0.0.0/8\"]'"),
    Suggestion("drop", "[\"kubernetes-leases\", \"kubernetes-watches\", \"health-probes\"]"),
    Section {
        kind: "redaction",
        name: "",
        about: "Secrets inside records, each replaced by a fingerprint before anything is stored.",
    },
    Suggestion("redact", "[\"uaa-token\", \"jwt\", \"authorization\"]"),
    Suggestion("key", "\"${file:/run/secrets/redaction.key}\""),
    Section { kind: "limits", name: "", about: "" },
    Set("memory", "\"256MiB\""),
    Section {
        kind: "test",
        name: "",
        about: "A line, and what should become of it: \"gully test\" shows whether it does.",
    },
    Set("name", "\"a failed login is an audit record\""),
    Set("line", TEST_LINE),
    Set("class", "\"cf.uaa.audit\""),
    Set("fields", "{ \"user.name\" = \"bob\", \"event.outcome\" = \"failure\" }"),
    Set("sinks", "[\"records\"]"),
];

const TEST_LINE: &str = "'''<14>1 2026-01-20T04:56:26Z 10.0.4.11 uaa rs2 - - Audit: UserAuthenticationFailure ('bob'): \
    principal=61965469-c821-46b7-825f-630e12a51d6c, origin=[remoteAddress=198.51.100.1, clientId=cf], identityZoneId=[uaa]'''";

/// A short commented configuration to begin with. Loads without problems.
#[must_use]
pub fn init_toml() -> String {
    let mut page = String::new();
    comment(
        &mut page,
        "A configuration to begin with. \"gully check\" tells every mistake in it, \"gully config defaults\" every key.",
    );
    page.push('\n');
    let mut current = section("");
    let mut word = None;
    let mut explained = Vec::new();
    for line in LINES {
        let (name, value, commented) = match line {
            Section { kind, name, about } => {
                current = section(kind);
                word = None;
                page.push('\n');
                comment(&mut page, if about.is_empty() { current.meaning } else { about });
                let separator = if name.is_empty() { "" } else { "." };
                match current.form {
                    Form::Listed => page.push_str(&format!("{}\n", current.header())),
                    _ => page.push_str(&format!("[{kind}{separator}{name}]\n")),
                }
                continue;
            }
            Set(name, value) => (name, value, ""),
            Suggestion(name, value) => (name, value, "# "),
        };
        if current.selector == Some(name) {
            word = Some(value.trim_matches('"'));
        }
        if !explained.contains(&(current.name, *name)) {
            explained.push((current.name, *name));
            comment(&mut page, &explanation(current.keys, name, word));
        }
        page.push_str(&format!("{commented}{name} = {value}\n"));
    }
    page
}

/// Of a name with several entries, the one for the `word` of the selector is explained.
fn explanation(keys: &[Key], name: &str, word: Option<&str>) -> String {
    let applies = |key: &&Key| key.only.is_empty() || word.is_some_and(|word| key.only.contains(&word));
    let mut entries = keys.iter().filter(|key| key.name == name);
    let key = entries.clone().find(applies).or_else(|| entries.next()).expect("only keys of the table are shown");
    match key.kind {
        Kind::Choice(choices) if choices.now.len() > 1 => {
            let words = choices.now.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>();
            format!("{} One of {}.", key.meaning, words.join(", "))
        }
        _ => key.meaning.to_owned(),
    }
}
