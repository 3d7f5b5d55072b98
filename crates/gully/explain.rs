//! `gully explain`: says what a message is and why, by the same functions that the listeners and encoders use.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use anyhow::Context;
use classify::{Verdict, header};
use record::Flags;
use sink::encode;

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
    for number in 1_u64.. {
        line.clear();
        let read = io::Read::take(&mut input, MESSAGE_BYTES_MAX as u64).read_until(b'\n', &mut line);
        if read.map_err(io_failure)? == 0 {
            break;
        }
        let message = Message::parse(arguments, &line)
            .with_context(|| format!("{name}:{number}"))
            .map_err(|cause| Failure::new(Exit::Data, cause))?;
        let answer = message.explain();
        printed.clear();
        if arguments.json {
            answer.write_json(&mut printed);
        } else {
            answer.write_text(number, &mut printed);
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

    fn explain(&self) -> Answer<'_> {
        let frame = &self.octets[..];
        let mut verdict = match self.header {
            Header::Auto => classify::classify(frame),
            Header::Raw => classify::classify_located(frame, header::locate_raw(frame)),
            Header::Rfc5424 => classify::classify_located(frame, header::locate_rfc5424(frame)),
            Header::Rfc3164 => classify::classify_located(frame, header::locate_rfc3164(frame)),
        };
        if std::str::from_utf8(frame).is_err() {
            verdict.flags |= Flags::INVALID_UTF8;
        }
        Answer { frame, verdict }
    }
}

/// What there is to say about a message.
struct Answer<'a> {
    frame: &'a [u8],
    verdict: Verdict,
}

impl Answer<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"class\":\"");
        out.extend_from_slice(self.verdict.class.name().as_bytes());
        out.extend_from_slice(b"\",\"syslog\":");
        encode::write_syslog_object(self.frame, &self.verdict.header, out);
        out.extend_from_slice(b",\"message\":");
        encode::write_json_string(self.verdict.header.message(self.frame), out);
        out.extend_from_slice(b",\"flags\":");
        encode::write_flags(self.verdict.flags, out);
        out.extend_from_slice(b",\"rule\":");
        encode::write_json_string(self.verdict.rule.name().as_bytes(), out);
        out.extend_from_slice(b"}\n");
    }
}
