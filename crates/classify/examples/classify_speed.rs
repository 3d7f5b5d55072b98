//! How long the classifier takes over the labelled corpus: `cargo run --release -p gully-classify --example classify_speed`.
//!
//! Prints nanoseconds a line and gigabytes a second, for each class and for all, of: finding the header; the rules after it;
//! both; and the specification, once. The best of many rounds is taken: what disturbs only slows down. With a part of a row's
//! name as argument only such rows are shown.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use gully_classify::header::{self, Located};
use gully_classify::{classify, classify_located, naive};
use record::Class;

const ROUNDS: usize = 300;

struct Line {
    class: Class,
    frame: Vec<u8>,
    located: Located,
}

fn main() {
    let lines = lines();
    println!(
        "{:<26} {:>5} {:>7}  {:>9}  {:>16}  {:>9}  {:>10}",
        "class", "lines", "octets", "header ns", "rules ns (GB/s)", "both ns", "naive ns"
    );
    let shown = |class: &Class| lines.iter().any(|line| line.class == *class);
    for class in Class::ALL.iter().filter(|class| shown(class)) {
        let lines: Vec<&Line> = lines.iter().filter(|line| line.class == *class).collect();
        print(class.name(), &lines);
    }
    print("all", &lines.iter().collect::<Vec<_>>());
    let json: Vec<&Line> = lines.iter().filter(|line| line.frame.starts_with(b"{")).collect();
    print("all bare JSON", &json);
    let of_size = |from: usize, to: usize| move |line: &&&Line| (from..to).contains(&line.frame.len());
    let kubernetes: Vec<&Line> = json.iter().copied().filter(|line| line.class == Class::K8sAudit).collect();
    print("k8s.audit, 700 to 1400 B", &kubernetes.iter().filter(of_size(700, 1400)).copied().collect::<Vec<_>>());
    let access =
        text(b"10.0.4.18 - [29/Aug/2019:06:22:21 +0000] \"GET /v2/info HTTP/1.1\" 200 969 \"-\" \"monit/5.2.5\" ");
    let spring = text(
        b"2019-05-16 14:59:34.897  INFO 7594 --- [nio-9021-exec-7] io.pivotal.pks.ClusterService  : Listing clusters ",
    );
    let uaa = text(b"[2016-07-05 04:02:18.245] uaa - 15178 [http-bio-8080-exec-14] ....  DEBUG --- FilterChainProxy: /healthz has ");
    print("other, access log", &[&access]);
    print("other, Spring log", &[&spring]);
    print("other, UAA log", &[&uaa]);
}

/// A line of 700 octets that begins like `start`.
fn text(start: &[u8]) -> Line {
    let frame: Vec<u8> = start.iter().copied().cycle().take(700).collect();
    Line { class: Class::Other, located: header::locate_raw(&frame), frame }
}

fn print(name: &str, lines: &[&Line]) {
    if std::env::args().nth(1).is_some_and(|wanted| !name.contains(&wanted)) {
        return;
    }
    let octets: usize = lines.iter().map(|line| line.frame.len()).sum();
    let header = best(ROUNDS, lines, |line| _ = black_box(header::locate(black_box(&line.frame))));
    let rules = best(ROUNDS, lines, |line| _ = black_box(classify_located(black_box(&line.frame), line.located)));
    let both = best(ROUNDS, lines, |line| _ = black_box(classify(black_box(&line.frame))));
    let naive = best(3, lines, |line| _ = black_box(naive::class_of(black_box(&line.frame), &line.located)));
    let each = |time: Duration| time.as_nanos() as f64 / lines.len() as f64;
    let rate = octets as f64 / rules.as_nanos() as f64;
    println!(
        "{name:<26} {:>5} {:>7}  {:>9.0}  {:>8.0} {:>7.2}  {:>9.0}  {:>10.0}",
        lines.len(),
        octets / lines.len(),
        each(header),
        each(rules),
        rate,
        each(both),
        each(naive)
    );
}

fn best(rounds: usize, lines: &[&Line], work: impl Fn(&Line)) -> Duration {
    let repeat = (500 / lines.len()).max(1) as u32;
    let round = || {
        let start = Instant::now();
        (0..repeat).for_each(|_| lines.iter().for_each(|line| work(line)));
        start.elapsed() / repeat
    };
    (0..rounds).map(|_| round()).min().unwrap_or_default()
}

fn lines() -> Vec<Line> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(directory).expect("the corpus is part of the project") {
        let path = entry.expect("a readable directory").path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let text = std::fs::read_to_string(path).expect("the corpus is UTF-8");
            lines.extend(text.lines().map(line));
        }
    }
    lines
}

fn line(json: &str) -> Line {
    let label: serde_json::Value = serde_json::from_str(json).expect("the corpus is JSON");
    let frame = label["message"].as_str().expect("a message").as_bytes().to_vec();
    let class = label["class"].as_str().expect("a class").parse().expect("a known class");
    let located = match label["transport"].as_str() {
        Some("raw") => header::locate_raw(&frame),
        _ => header::locate(&frame),
    };
    Line { class, frame, located }
}
