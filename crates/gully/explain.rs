//! `gully explain`: says what a message is and why, by the same functions that the listeners and encoders use.

mod advice;
mod answer;
mod excerpt;
mod people;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use answer::Answer;
use anyhow::Context;
use classify::{Verdict, header};
use extract::Extractor;
use record::Flags;

use crate::cli::{Explain, Header, Input};
use crate::exit::{Exit, Failure};

/// An input longer than this is refused: it could not come through a listener either.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Reads all messages and prints what each is. Succeeds when every input was answered.
pub(crate) fn run(arguments: &Explain) -> Result<(), Failure> {
    let name = arguments.file.as_ref().map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
    let input: Box<dyn BufRead> = match &arguments.file {
        Some(file) => Box::new(BufReader::new(open(file)?)),
        None => Box::new(io::stdin().lock()),
    };
    let mut output = BufWriter::new(io::stdout().lock());
    match explain_all(arguments, input, &name, &mut output) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(failure) if is_broken_pipe(&failure) => Ok(()),
        result => result,
    }
}

fn open(file: &std::path::Path) -> Result<File, Failure> {
    let cannot = || format!("cannot read {}: check the path and its permissions", file.display());
    File::open(file).with_context(cannot).map_err(|cause| Failure::new(Exit::InputOutput, cause))
}

fn is_broken_pipe(failure: &Failure) -> bool {
    let error = failure.cause.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn explain_all(
    arguments: &Explain,
    mut input: Box<dyn BufRead>,
    name: &str,
    output: &mut impl Write,
) -> Result<(), Failure> {
    let io_failure = |error: io::Error| Failure::new(Exit::InputOutput, error);
    let mut line = Vec::new();
    let mut printed = Vec::new();
    let mut extractor = Extractor::new();
    for number in 1_u64.. {
        line.clear();
        let read = io::Read::take(&mut input, MESSAGE_BYTES_MAX as u64).read_until(b'\n', &mut line);
        let read = read.map_err(io_failure)?;
        if read == 0 {
            break;
        }
        if read == MESSAGE_BYTES_MAX && line.last() != Some(&b'\n') {
            let cause =
                anyhow::anyhow!("{name}:{number}: found a line of more than {MESSAGE_BYTES_MAX} octets, expected less");
            return Err(Failure::new(Exit::Data, cause));
        }
        let message = Message::parse(arguments, &line)
            .with_context(|| format!("{name}:{number}"))
            .map_err(|cause| Failure::new(Exit::Data, cause))?;
        let verdict = message.classify();
        let answer = Answer::new(&message.octets, &verdict, &mut extractor);
        printed.clear();
        if arguments.json {
            answer.write_json(&mut printed);
        } else {
            printed.extend_from_slice(people::text(number, &answer).as_bytes());
        }
        output.write_all(&printed).map_err(io_failure)?;
    }
    output.flush().map_err(io_failure)
}

/// One message to explain.
struct Message {
    octets: Vec<u8>,
    header: Header,
}

impl Message {
    fn parse(arguments: &Explain, line: &[u8]) -> anyhow::Result<Self> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match arguments.input {
            Input::Lines => Ok(Self { octets: line.to_vec(), header: arguments.transport }),
            Input::Jsonl => Self::from_object(line, arguments.transport),
        }
    }

    fn from_object(line: &[u8], transport: Header) -> anyhow::Result<Self> {
        let object: serde_json::Value = serde_json::from_slice(line).context("expected a JSON object on the line")?;
        let message = object.get("message").and_then(|message| message.as_str());
        let message = message.context("expected an object with a string member \"message\"")?;
        let header = match object.get("transport").and_then(|transport| transport.as_str()) {
            None => transport,
            Some("raw") => Header::Raw,
            Some("rfc5424") => Header::Rfc5424,
            Some("rfc3164") => Header::Rfc3164,
            Some("auto") => Header::Auto,
            Some(other) => anyhow::bail!("found transport {other:?}, expected auto, raw, rfc5424 or rfc3164"),
        };
        Ok(Self { octets: message.as_bytes().to_vec(), header })
    }

    /// What a listener would find, whatever it was told about headers.
    fn classify(&self) -> Verdict {
        let frame = &self.octets[..];
        let located = match self.header {
            Header::Auto => header::locate(frame),
            Header::Raw => header::locate_raw(frame),
            Header::Rfc5424 => header::locate_rfc5424(frame),
            Header::Rfc3164 => header::locate_rfc3164(frame),
        };
        let mut verdict = classify::classify_located(frame, located);
        if std::str::from_utf8(frame).is_err() {
            verdict.flags |= Flags::INVALID_UTF8;
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, header: Header, expected: &[&str]) {
        let message = Message { octets: message.as_bytes().to_vec(), header };
        let verdict = message.classify();
        let text = people::text(1, &Answer::new(&message.octets, &verdict, &mut Extractor::new()));
        for part in expected {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }

    #[test]
    fn people_see_class_rule_header_and_what_flags_mean() {
        let line = "<14>1 - host uaa rs2 - - Audit: X ('a'): principal=b, origin=[c], identityZoneId=[uaa]";
        check(line, Header::Auto, &["1: cf.uaa.audit", "pri=14 (user.info)", "app_name=uaa", "no_provenance: Nothing"]);
    }

    #[test]
    fn octets_that_could_steer_a_terminal_are_escaped() {
        check("\x1b[2Jhello", Header::Raw, &["\\x1b[2Jhello"]);
    }

    #[test]
    fn json_has_the_members_of_the_contract() {
        let message = Message { octets: b"<14>1 - - - - - - hi".to_vec(), header: Header::Auto };
        let mut line = Vec::new();
        let verdict = message.classify();
        Answer::new(&message.octets, &verdict, &mut Extractor::new()).write_json(&mut line);
        let object: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(object["class"], "other");
        assert_eq!(object["message"], "hi");
        assert_eq!(object["syslog"]["pri"], 14);
        assert_eq!(object["flags"][0], "no_provenance");
        assert!(line.ends_with(b"}\n"));
    }
}
