//! Writes the labelled lines as seeds: `seeds INTO FILE.jsonl…` fills a folder `INTO/<target>` for each fuzz target, and
//! `INTO/<target>-long` with records of nearly a mebibyte.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

/// Which target takes records of which class.
const TARGETS: &[(&str, &[&str])] = &[
    ("cloud_controller", &["cf.cloud_controller.cef"]),
    ("credhub", &["cf.credhub.cef"]),
    ("bosh", &["bosh.director.cef"]),
    ("cef", &["cef"]),
    ("uaa", &["cf.uaa.audit"]),
    ("pks", &["pks.api", "pks.broker", "pks.telemetry"]),
    ("k8s", &["k8s.audit"]),
    ("ucp", &["ucp.audit"]),
    ("logmessage", &["cf.logmessage"]),
    ("audit_event", &["cf.audit_event"]),
];

/// These take records of any class.
const TARGETS_OF_ALL: &[&str] = &["explain", "equals_naive"];

/// Of each class, so many records are made long.
const LONG: usize = 6;
const LONG_BYTES: usize = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let into = arguments.next().ok_or("say where the seeds go")?;
    let mut long = vec![0; TARGETS.len()];
    for file in arguments {
        let stem = Path::new(&file).file_stem().ok_or("a file has a name")?.to_string_lossy().into_owned();
        for line in fs::read_to_string(&file)?.lines() {
            let line: Value = serde_json::from_str(line).map_err(|error| format!("{file}: {error}"))?;
            let text = |name: &str| line[name].as_str().ok_or_else(|| format!("{file}: a line without {name}"));
            let (class, message) = (text("class")?, text("message")?.as_bytes());
            let name = format!("{stem}-{}", text("id")?);
            let write = |target: &str, octets: &[u8]| write(&into, target, &name, octets);

            for target in TARGETS_OF_ALL {
                write(target, message)?;
            }
            for connection in connections(message) {
                write("deframer", &connection)?;
            }
            let Some(place) = TARGETS.iter().position(|(_, classes)| classes.contains(&class)) else { continue };
            write(TARGETS[place].0, message)?;
            if long[place] < LONG {
                long[place] += 1;
                let octets = stretched(message, long[place]);
                write(&format!("{}-long", TARGETS[place].0), &octets)?;
                write("explain-long", &octets)?;
            }
        }
    }
    Ok(())
}

fn write(into: &str, target: &str, name: &str, octets: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new(into).join(target);
    fs::create_dir_all(&folder)?;
    // Several seeds may come of one line.
    let place = (0..).map(|number| folder.join(format!("{name}.{number}"))).find(|place| !place.exists());
    Ok(fs::write(place.ok_or("no name is left")?, octets)?)
}

/// The record with a piece of it over and over: each time another tenth, in the place where it stands.
fn stretched(message: &[u8], number: usize) -> Vec<u8> {
    let tenth = message.len().div_ceil(10);
    let (start, end) = (tenth * number, (tenth * (number + 1)).min(message.len()));
    let Some(piece) = message.get(start..end).filter(|piece| !piece.is_empty()) else { return message.to_vec() };
    [&message[..start], &piece.repeat(LONG_BYTES / piece.len()), &message[end..]].concat()
}

/// The message as a deframer gets it, after the four octets by which its target chooses settings: counted, and with a
/// line feed; with small and with larger limits.
fn connections(message: &[u8]) -> [Vec<u8>; 2] {
    let short = &message[..message.len().min(200)];
    let counted = [format!("{} ", short.len()).as_bytes(), short].concat();
    [
        [&[0, 250, 255, 7], counted.as_slice(), counted.as_slice()].concat(),
        [&[1, 100, 2, 64], short, b"\n", short, b"\n"].concat(),
    ]
}
