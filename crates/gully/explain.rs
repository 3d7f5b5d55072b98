//! `gully explain`: says what a message is and why, by the same functions that the listeners and encoders use.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use anyhow::Context;
use classify::{Verdict, header};
use record::{Dialect, Flags};
use sink::encode::{self, JsonOptions, RecordCore};

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
    /// One object, by the encoder's own functions, and the rule that decided.
    fn write_json(&self, out: &mut Vec<u8>) {
        let Verdict { class, header, flags, rule } = &self.verdict;
        let original_bytes = u32::try_from(self.frame.len()).unwrap_or(u32::MAX);
        let core = RecordCore { octets: self.frame, header, class: *class, flags: *flags, original_bytes };
        out.push(b'{');
        encode::write_record_core(&core, JsonOptions::default(), out);
        out.extend_from_slice(b",\"rule\":");
        encode::write_json_string(rule.name().as_bytes(), out);
        out.extend_from_slice(b"}\n");
    }

    /// A few lines for people. Octets are shown escaped: they may come from anybody.
    fn write_text(&self, number: u64, out: &mut Vec<u8>) {
        let Verdict { class, header, flags, rule } = &self.verdict;
        push(out, format_args!("{number}: {class}\n"));
        push(out, format_args!("  rule     {}: {}\n", rule.name(), rule.sentence()));
        if !rule.matched.is_empty() {
            let matched = Excerpt(rule.matched.of(self.frame));
            push(out, format_args!("  matched  octets {}..{}: {matched}\n", rule.matched.start, rule.matched.end));
        }
        push(out, format_args!("  header   {}", header.dialect.name()));
        if let Some(pri) = header.pri {
            push(out, format_args!(" pri={} ({}.{})", pri.value(), pri.facility(), pri.severity()));
        }
        let app_name = if header.dialect == Dialect::Rfc5424 { "app_name" } else { "tag" };
        let fields = [
            ("timestamp", header.timestamp),
            ("hostname", header.hostname),
            (app_name, header.app_name),
            ("procid", header.procid),
            ("msgid", header.msgid),
        ];
        for (name, span) in fields.into_iter().filter(|(_, span)| !span.is_absent()) {
            push(out, format_args!(" {name}={}", Excerpt(span.of(self.frame))));
        }
        if !header.structured_data.is_empty() {
            push(out, format_args!("\n  sd       {}", Excerpt(header.structured_data.of(self.frame))));
        }
        let message = header.message(self.frame);
        push(out, format_args!("\n  message  {} octets: {}\n", message.len(), Excerpt(message)));
        for name in flags.names() {
            let meaning = Flags::meaning(name);
            push(out, format_args!("  flag     {name}: {meaning}\n"));
        }
    }
}

/// Appends text; a `Vec` takes everything.
fn push(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a Vec cannot fail");
}

/// The beginning of octets, with everything escaped that a terminal could take for more than text.
struct Excerpt<'a>(&'a [u8]);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_BYTES_MAX: usize = 160;
        let shown = &self.0[..self.0.len().min(SHOWN_BYTES_MAX)];
        for octet in shown {
            match octet {
                b'\\' => f.write_str("\\\\")?,
                b' '..=b'~' => f.write_char(char::from(*octet))?,
                octet => write!(f, "\\x{octet:02x}")?,
            }
        }
        if shown.len() < self.0.len() { f.write_str("…") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, header: Header, expected: &[&str]) {
        let message = Message { octets: message.as_bytes().to_vec(), header };
        let mut text = Vec::new();
        message.explain().write_text(1, &mut text);
        let text = String::from_utf8(text).unwrap();
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
        message.explain().write_json(&mut line);
        let object: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(object["class"], "other");
        assert_eq!(object["message"], "hi");
        assert_eq!(object["syslog"]["pri"], 14);
        assert_eq!(object["flags"][0], "no_provenance");
        assert!(line.ends_with(b"}\n"));
    }
}
