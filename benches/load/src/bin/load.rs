//! The load generator and the floor, as a command.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, io, thread};

use gully_load::corpus::Corpus;
use gully_load::{Framing, copy, idle, send};

const USAGE: &str = "usage:
  load tcp  --to ADDRESS [--framing lf|oct] [--connections N] [--messages N]
      send messages as fast as the peer takes them
  load idle --to ADDRESS [--connections N] [--seconds N]
      open connections, send one message on each, and hold them
  load copy --listen ADDRESS --file FILE [--framing lf|oct]
      receive, and write whole frames to a file: the floor";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> io::Result<()> {
    let number = |name, default| value(arguments, name).map_or(Ok(default), |text| parse::<u64>(name, text));
    let address = |name| parse::<SocketAddr>(name, value(arguments, name).ok_or_else(|| usage(name))?);
    let framing = Framing::by_name(value(arguments, "--framing").unwrap_or("lf")).ok_or_else(|| usage("--framing"))?;
    match arguments.first().map(String::as_str) {
        Some("tcp") => {
            let (connections, messages) = (number("--connections", 1)?, number("--messages", 1_000_000)?);
            let corpus = Corpus::render(framing);
            let started = Instant::now();
            send::tcp(address("--to")?, &corpus, connections.max(1) as usize, messages)?;
            let seconds = started.elapsed().as_secs_f64();
            println!("{messages} messages in {seconds:.3} s: {:.0} per second", messages as f64 / seconds);
            Ok(())
        }
        Some("idle") => {
            let connections = idle::open(address("--to")?, number("--connections", 1_000)? as usize)?;
            println!("{} connections are open", connections.len());
            thread::sleep(Duration::from_secs(number("--seconds", 60)?));
            Ok(())
        }
        Some("copy") => {
            let file = value(arguments, "--file").ok_or_else(|| usage("--file"))?;
            copy::serve(address("--listen")?, &PathBuf::from(file), framing)
        }
        _ => Err(usage("a command")),
    }
}

fn value<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).map(String::as_str)
}

fn parse<T: std::str::FromStr>(name: &str, text: &str) -> io::Result<T> {
    text.parse().map_err(|_| usage(name))
}

fn usage(wrong: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{wrong} is missing or wrong\n{USAGE}"))
}
