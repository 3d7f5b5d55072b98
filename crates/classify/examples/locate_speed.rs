//! Prints how long it takes to find the header of a frame, for headers as platforms write them.
//!
//! `cargo run --release -p gully-classify --example locate_speed`

use std::hint::black_box;
use std::time::Instant;

use gully_classify::header::locate;

/// Frames with how they are called. MSG is the same in all, and its length should not matter.
fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let headers = [
        ("rfc 5424, nil", "<14>1 - - - - - - "),
        ("rfc 5424, no sd", "<14>1 2026-01-20T04:56:26.360194Z 192.168.0.61 uaa rs2 - - "),
        (
            "rfc 5424, platform job",
            "<14>1 2026-01-20T04:56:26.360194Z 192.168.0.61 cloud_controller_ng rs2 - [instance@47450 director=\"\" \
             deployment=\"cf-3f1b7c\" group=\"cloud_controller\" az=\"z1\" id=\"a2c5f8e1-0d3b\"] ",
        ),
        (
            "rfc 5424, app drain",
            "<14>1 2024-05-01T10:00:00.123456+00:00 acme-corp.prod.web 83d2297d-ac52-4387-9217-4302fb6a5d7f [APP/PROC/WEB/0] - \
             [tags@47450 app_id=\"83d2297d-ac52-4387-9217-4302fb6a5d7f\" app_name=\"web\" deployment=\"cf\" index=\"5d1f2c3e\" \
             instance_id=\"0\" ip=\"10.0.4.18\" job=\"diego_cell\" organization_id=\"9d293ef9-db64-4cdb-ba4a-91a8a9da75d3\" \
             organization_name=\"acme corp\" origin=\"rep\" process_id=\"83d2297d-ac52-4387-9217-4302fb6a5d7f\" \
             process_instance_id=\"c0f2d9a8-8f5e-4e0d-4f3c-8a51\" process_type=\"web\" source_id=\"83d2297d-ac52-4387-9217-4302fb6a5d7f\" \
             source_type=\"APP/PROC/WEB\" space_id=\"3ee7baa6-e2c5-4809-9d65-21302072b7d3\" space_name=\"prod\"] ",
        ),
        ("rfc 3164, tag and pid", "<14>Jan 20 04:56:26 192.168.0.61 uaa[rs2]: "),
        ("rfc 3164, no pri", "2026-01-20T04:56:26.360194Z 192.168.0.61 uaa[rs2] "),
        ("raw", ""),
    ];
    let message = "CEF:0|cloud_foundry|cloud_controller_ng|2.268.0|GET /v3/organizations|GET /v3/organizations|0|rt=1768884986384 suser=x";
    headers.map(|(name, header)| (name, format!("{header}{message}").into_bytes())).into()
}

fn main() {
    // Short runs, and the best of many, so that a busy machine disturbs only some.
    const ROUNDS: u32 = 1000;
    const RUNS: u32 = 500;
    println!("{:24} {:>8} {:>8}", "header", "octets", "ns");
    for (name, frame) in frames() {
        let header_octets = locate(&frame).spans.msg;
        let best = (0..RUNS)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..ROUNDS {
                    black_box(locate(black_box(&frame)));
                }
                start.elapsed()
            })
            .min()
            .unwrap_or_default();
        println!("{name:24} {header_octets:8} {:8.1}", best.as_nanos() as f64 / f64::from(ROUNDS));
    }
}
