//! `gully explain`: says what a message is and why, by the same functions that the listeners and encoders use.

mod advice;
mod answer;
mod excerpt;
mod people;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

use answer::Answer;
use anyhow::Context;
use config::Config;
use extract::Extractor;

use crate::cli::{Explain, Header, Input};
use crate::exit::{Exit, Failure};
use crate::load::load;
use crate::trial::{Line, Trial, Tried};

/// An input longer than this is refused: it could not come through a listener either.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Reads all messages and prints what each is. Succeeds when every input was answered.
pub(crate) fn run(arguments: &Explain) -> Result<(), Failure> {
    let name = arguments.file.as_ref().map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
    let input: Box<dyn BufRead> = match &arguments.file {
        Some(file) if file.as_os_str() != "-" => Box::new(BufReader::new(open(file)?)),
        _ => Box::new(io::stdin().lock()),
    };
    let mut output = BufWriter::new(io::stdout().lock());
    let explainer = Explainer::new(arguments)?;
    match explainer.explain_all(input, &name, &mut output) {
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

/// What explains: the functions that decide on records, by a configuration.
struct Explainer<'a> {
    arguments: &'a Explain,
    config: Config,
    trial: Trial,
}

impl<'a> Explainer<'a> {
    fn new(arguments: &'a Explain) -> Result<Self, Failure> {
        let config = load(arguments.configuration.config.as_deref())?.config;
        let trial = Trial::new(&config)?;
        Ok(Self { arguments, config, trial })
    }

    fn explain_all(&self, mut input: Box<dyn BufRead>, name: &str, output: &mut impl Write) -> Result<(), Failure> {
        let io_failure = |error: io::Error| Failure::new(Exit::InputOutput, error);
        let mut line = Vec::new();
        let mut extractor = Extractor::new();
        for number in 1_u64.. {
            line.clear();
            let read = io::Read::take(&mut input, MESSAGE_BYTES_MAX as u64).read_until(b'\n', &mut line);
            let read = read.with_context(|| format!("cannot read {name}"));
            let read = read.map_err(|cause| Failure::new(Exit::InputOutput, cause))?;
            if read == 0 {
                break;
            }
            if read == MESSAGE_BYTES_MAX && line.last() != Some(&b'\n') {
                let cause = anyhow::anyhow!(
                    "{name}:{number}: found a line of more than {MESSAGE_BYTES_MAX} octets, expected less"
                );
                return Err(Failure::new(Exit::Data, cause));
            }
            let message = Message::parse(self.arguments, &line)
                .with_context(|| format!("{name}:{number}"))
                .map_err(|cause| Failure::new(Exit::Data, cause))?;
            output.write_all(&self.explain(number, &message, &mut extractor)).map_err(io_failure)?;
        }
        output.flush().map_err(io_failure)
    }

    fn explain(&self, number: u64, message: &Message, extractor: &mut Extractor) -> Vec<u8> {
        let tried = self.tried(message);
        let record = tried.record();
        let extraction = Answer::extraction(&record, extractor);
        // Without a file there are only the embedded sinks, which take everything.
        let is_configured = self.arguments.configuration.config.is_some();
        let choices = is_configured.then(|| self.trial.choices(&record, &extraction).collect());
        let answer = Answer { frame: &message.octets, tried: &tried, record: &record, extraction, choices };
        if self.arguments.json { answer.json() } else { people::text(number, &answer).into_bytes() }
    }

    /// What becomes of the message when it comes by the first listener.
    fn tried(&self, message: &Message) -> Tried {
        let peer = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let listener = &self.config.listeners[0];
        self.trial.record(&Line { octets: &message.octets, header: message.header, listener, peer })
    }
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
}

#[cfg(test)]
mod tests;
