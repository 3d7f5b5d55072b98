//! Prints what a frame costs when it is found in a full read of 128 KiB, for each framing and a few lengths, beside a
//! bare `memchr` over the same octets.
//!
//! `cargo run --release -p gully-framing --example throughput`

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use gully_framing::{Deframer, FrameFault, Framing, Settings, write_octet_counted};
use record::Frame;

const CHUNK_BYTES: usize = 128 * 1024;
const ROUND: Duration = Duration::from_millis(100);
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    println!("      framing  message_bytes    frames  ns/frame   memchr");
    for framing in [Framing::OctetCounting, Framing::Newline, Framing::Nul] {
        for message_bytes in [1, 100, 700, 8000] {
            let chunk = chunk(framing, message_bytes);
            let mut deframer = Deframer::new(Settings { framing, ..Settings::default() });
            let mut out = Vec::new();
            let frames = deframe(&mut deframer, &chunk, &mut out)?;
            let deframing = nanos(|| deframe(&mut deframer, &chunk, &mut out))? / frames as f64;
            let searching = nanos(|| Ok(search(chunk[chunk.len() - 1], &chunk)))? / frames as f64;
            let memchr = if framing == Framing::OctetCounting { "-".into() } else { format!("{searching:.1}") };
            println!("{:>13} {message_bytes:>14} {frames:>9} {deframing:>9.1} {memchr:>8}", framing.name());
        }
    }
    Ok(())
}

/// As many messages as fit into a chunk.
fn chunk(framing: Framing, message_bytes: usize) -> Vec<u8> {
    let message = vec![b'x'; message_bytes];
    let mut frame = Vec::new();
    match framing {
        Framing::OctetCounting => write_octet_counted(&message, &mut frame),
        Framing::Newline | Framing::Detect => frame = [&message, b"\n".as_slice()].concat(),
        Framing::Nul => frame = [&message, b"\0".as_slice()].concat(),
    }
    frame.repeat(CHUNK_BYTES / frame.len())
}

fn deframe(deframer: &mut Deframer, chunk: &[u8], out: &mut Vec<Frame>) -> Result<usize, FrameFault> {
    out.clear();
    let step = deframer.push(chunk, usize::MAX, out)?;
    assert_eq!(step.keep, 0, "the chunk has whole frames only");
    Ok(out.len())
}

/// Finds every `trailer`, one call after the other. (`memchr_iter(..).count()` would count without finding.)
fn search(trailer: u8, chunk: &[u8]) -> usize {
    let (mut found, mut rest) = (0, chunk);
    while let Some(place) = memchr::memchr(trailer, rest) {
        found += black_box(1);
        rest = &rest[place + 1..];
    }
    found
}

/// What one call of `work` costs. The best of a few rounds: other work on the machine only ever makes it slower.
fn nanos(mut work: impl FnMut() -> Result<usize, FrameFault>) -> Result<f64, FrameFault> {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (mut calls, began) = (0_u32, Instant::now());
        while began.elapsed() < ROUND {
            black_box(work()?);
            calls += 1;
        }
        best = best.min(began.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    Ok(best)
}
