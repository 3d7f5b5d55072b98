//! The answer in lines for people. Octets are shown escaped: they may come from anybody.

use std::fmt::{self, Write as _};

use extract::{Event, Extraction, FieldValue, Item, Value};
use record::{Dialect, Flags};

use super::advice::advice;
use super::answer::Answer;
use super::excerpt::{Excerpt, marked};
use crate::trial::Choice;

/// The answer to the message with this number.
pub(super) fn text(number: u64, answer: &Answer<'_>) -> String {
    let mut page = Page(String::new());
    page.add(format_args!("{number}: {}", answer.record.class()));
    rule(answer, &mut page);
    header(answer, &mut page);
    flags(answer, &mut page);
    redactions(answer, &mut page);
    native(&answer.extraction, &mut page);
    events(&answer.extraction, &mut page);
    sinks(answer, &mut page);
    page.0
}

/// Lines, each with a label in front.
struct Page(String);

impl Page {
    fn add(&mut self, line: fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a String takes everything");
    }

    fn line(&mut self, label: &str, text: fmt::Arguments<'_>) {
        self.add(format_args!("  {label:<8} {text}"));
    }

    /// Lines under one label, which only the first has.
    fn list(&mut self, label: &str, lines: impl IntoIterator<Item = String>) {
        for (place, line) in lines.into_iter().enumerate() {
            self.line(if place == 0 { label } else { "" }, format_args!("{line}"));
        }
    }
}

fn rule(answer: &Answer<'_>, page: &mut Page) {
    let verdict = &answer.tried.verdict;
    let shown = answer.masked_frame();
    let rule = verdict.rule;
    page.line("rule", format_args!("{}: {}", rule.name(), rule.sentence()));
    if !rule.matched.is_empty() {
        let span = rule.matched;
        page.line("matched", format_args!("octets {}..{}", span.start, span.end));
        let (text, marks) = marked(&shown, span.start as usize..span.end as usize);
        page.line("", format_args!("{text}"));
        page.line("", format_args!("{marks}"));
    }
    let misses = classify::near_misses(answer.frame, verdict);
    let misses = misses.iter().map(|miss| {
        let octets = Excerpt(miss.at.of(&shown));
        format!("{} for `{octets}` at octets {}..{}: {}", miss.class, miss.at.start, miss.at.end, miss.why)
    });
    page.list("not", misses);
}

fn header(answer: &Answer<'_>, page: &mut Page) {
    let (frame, header) = (answer.record.octets(), answer.record.header());
    let mut line = header.dialect.name().to_owned();
    if let Some(pri) = header.pri {
        line += &format!(" pri={} ({}.{})", pri.value(), pri.facility(), pri.severity());
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
        line += &format!(" {name}={}", Excerpt(span.of(frame)));
    }
    page.line("header", format_args!("{line}"));
    if !header.structured_data.is_empty() {
        page.line("sd", format_args!("{}", Excerpt(header.structured_data.of(frame))));
    }
    let message = header.message(frame);
    page.line("message", format_args!("{} octets: {}", message.len(), Excerpt(message)));
}

fn flags(answer: &Answer<'_>, page: &mut Page) {
    let flags = answer.extraction.flags();
    for name in flags.names() {
        page.line("flag", format_args!("{name}: {}", Flags::meaning(name)));
    }
    if flags.contains(Flags::TRUNCATED_UPSTREAM) {
        let message_bytes = answer.tried.verdict.header.message(answer.frame).len();
        page.line("change", format_args!("{}", advice(answer.record.class(), answer.frame.len(), message_bytes)));
    }
}

fn redactions(answer: &Answer<'_>, page: &mut Page) {
    let line = |find: &redact::Find| {
        format!("{} at octets {}..{} of the line as it came", find.detector.name(), find.span.start, find.span.end)
    };
    page.list("redacted", answer.tried.finds.iter().map(line));
}

fn sinks(answer: &Answer<'_>, page: &mut Page) {
    let line = |(sink, choice): &(&str, Choice)| match choice {
        Choice::Taken => format!("{sink} takes it"),
        Choice::OtherClass => format!("{sink} does not: it takes no {}", answer.record.class()),
        Choice::NotWhere => format!("{sink} does not: its condition `where` does not hold"),
        Choice::Dropped(list) => format!("{sink} drops it, by the list {list}"),
    };
    page.list("sinks", answer.choices.iter().flatten().map(line));
}

/// A name and a value per line; what is nested has its path as name.
fn native(extraction: &Extraction<'_>, page: &mut Page) {
    let mut path: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for Item { name, value } in extraction.native() {
        let name = name.map_or_else(|| "[]".to_owned(), |name| Excerpt(name).to_string());
        let shown = match value {
            Value::Text(text) => Excerpt(text).to_string(),
            Value::Json(json) => format!("JSON {}", Excerpt(json)),
            Value::Integer(number) => number.to_string(),
            Value::Boolean(mark) => mark.to_string(),
            Value::Object | Value::Array => {
                path.push(name);
                continue;
            }
            Value::End => {
                path.pop();
                continue;
            }
        };
        let place: String = path.iter().flat_map(|part| [part.as_str(), " › "]).collect();
        lines.push(format!("{place}{name} = {shown}"));
    }
    page.list("native", lines);
}

fn events(extraction: &Extraction<'_>, page: &mut Page) {
    for (number, event) in extraction.events().enumerate() {
        if extraction.is_batch() {
            page.line("event", format_args!("{} of {}", number + 1, extraction.events().len()));
        }
        page.list(if extraction.is_batch() { "" } else { "event" }, fields(&event));
    }
}

fn fields(event: &Event<'_>) -> Vec<String> {
    let mut fields: Vec<_> = event.fields().collect();
    fields.sort_by_key(|(field, _)| *field);
    let line = |(field, value): &(extract::Field, FieldValue<'_>)| match value {
        FieldValue::Text(text) => format!("{} = {}", field.name(), Excerpt(text)),
        FieldValue::Integer(number) => format!("{} = {number}", field.name()),
        FieldValue::Words(words) => format!("{} = {}", field.name(), words.join(", ")),
    };
    fields.iter().map(line).collect()
}
