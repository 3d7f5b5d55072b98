//! Bars as SVG: CPU time on the left, throughput on the right.

use std::fmt::Write;

use crate::daemon::Daemon;

/// The bars of one row.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) bars: Vec<Bar>,
}

/// The figures of one daemon.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) daemon: Daemon,
    pub(crate) cpu_per_million: f64,
    pub(crate) thousand_per_second: f64,
}

/// One figure of all bars.
struct Panel {
    title: &'static str,
    figure: fn(&Bar) -> f64,
    /// After the point.
    digits: usize,
}

const BAR: f64 = 16.0;
const TITLE: f64 = 26.0;
const HEAD: f64 = 48.0;
const NAMES: f64 = 90.0;
const PANEL: f64 = 300.0;
/// Room for the figure behind a bar.
const FIGURE: f64 = 70.0;

/// Draws the groups one under another. Both panels are linear and begin at zero.
pub(crate) fn svg(groups: &[Group]) -> String {
    let bars = || groups.iter().flat_map(|group| &group.bars);
    let greatest = |figure: fn(&Bar) -> f64| bars().map(figure).fold(f64::MIN_POSITIVE, f64::max);
    let panels = [
        Panel {
            title: "CPU seconds per million messages (less is better)",
            figure: |bar| bar.cpu_per_million,
            digits: 2,
        },
        Panel {
            title: "thousand messages per second (more is better)",
            figure: |bar| bar.thousand_per_second,
            digits: 0,
        },
    ];
    let width = NAMES + 2.0 * (PANEL + FIGURE);
    let height = HEAD + groups.iter().map(|group| TITLE + BAR * group.bars.len() as f64).sum::<f64>() + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (number, Panel { title, figure, digits }) in panels.into_iter().enumerate() {
        let left = NAMES + number as f64 * (PANEL + FIGURE);
        let scale = PANEL / greatest(figure);
        text(&mut svg, left, 24.0, "start", title);
        let mut top = HEAD;
        for group in groups {
            if number == 0 {
                text(&mut svg, 8.0, top + 14.0, "start", &group.title);
            }
            top += TITLE;
            for bar in &group.bars {
                let value = figure(bar);
                if number == 0 {
                    text(&mut svg, NAMES - 6.0, top + 12.0, "end", bar.daemon.name());
                }
                let (length, thickness) = (value * scale, BAR - 3.0);
                let colour = colour(bar.daemon);
                writeln!(
                    svg,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"{length:.1}\" height=\"{thickness}\" fill=\"{colour}\"/>"
                )
                .expect("a string takes all");
                text(&mut svg, left + length + 4.0, top + 11.0, "start", &format!("{value:.digits$}"));
                top += BAR;
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Titles and names hold nothing that XML would have to escape.
fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>")
        .expect("a string takes all");
}

const fn colour(daemon: Daemon) -> &'static str {
    match daemon {
        Daemon::Gully => "#1b7f79",
        Daemon::Rsyslog => "#c8853a",
        Daemon::SyslogNg => "#7a6fae",
        Daemon::Copy | Daemon::Bare => "#b5b5b5",
        Daemon::BareNoHeaders => "#d5d5d5",
    }
}
