//! The walk through a frame's layers, and through the JSON in them.

use std::ops::Range;

use record::{Class, Dialect, HeaderSpans};

use crate::borders::Borders;
use crate::detector::{Detector, Detectors};
use crate::finds::{Finds, Made};
use crate::fingerprint::Fingerprinter;
use crate::headers::Around;
use crate::kubernetes::{LEVELS_MAX, Objects};
use crate::layer::{Decoded, Escapes, Layer};
use crate::names::{Member, Pair};
use crate::replaced::is_replaced;
use crate::secret::{Coding, Secret};
use crate::text::{self, Json, Seeker, Wanted};
use crate::value;

/// Layers in layers that are looked into. Docker's json-file around a record, JSON text in a member of it, and once more make
/// three; what lies deeper is searched as text with its escapes.
const DEPTH_MAX: u8 = 8;

/// What a text is decoded for when it is searched once more, for each of its octets. Each string has its own allowance, so that
/// what somebody puts into one keeps no other one from being searched.
const AGAIN_FACTOR: usize = 2;

/// Layers in layers that are looked into once more: a record in docker's json-file, JSON text in a member of it, and once more.
const AGAIN_DEPTH_MAX: u8 = 3;

/// How far strings are decoded into further layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// All of them.
    All,
    /// Each with an allowance: the text was searched before, as something else.
    Again,
    /// Inside of one, as long as so many octets are left.
    Left(usize),
}

/// Searches one frame.
pub(crate) struct Walk<'r> {
    fingerprinter: &'r Fingerprinter,
    wanted: Wanted,
    pub(crate) finds: Finds,
    /// Whether a text has fields, and whether the walk is in one.
    borders: Borders,
    in_field: bool,
    /// Whether CEF's escapes are to be undone.
    is_escaped: bool,
    follow: Follow,
    /// Secrets of one text, before they are fingerprinted.
    secrets: Vec<Secret>,
}

impl<'r> Walk<'r> {
    /// `frame_bytes` are what the frame has.
    pub(crate) fn new(
        detectors: Detectors,
        class: Class,
        fingerprinter: &'r Fingerprinter,
        frame_bytes: usize,
    ) -> Self {
        let wanted = Wanted { detectors, in_credhub: class == Class::CredhubCef };
        // Cloud Controller and other vendors escape as CEF says; CredHub and BOSH do not.
        let is_escaped = matches!(class, Class::CloudControllerCef | Class::Cef);
        let finds = Finds::new(frame_bytes);
        let borders = Borders::of(class);
        Self {
            fingerprinter,
            wanted,
            finds,
            borders,
            in_field: false,
            is_escaped,
            follow: Follow::All,
            secrets: Vec::new(),
        }
    }

    /// The whole frame: each part by its own rules of escaping.
    pub(crate) fn frame(&mut self, frame: &[u8], header: &HeaderSpans) {
        let layer = Layer::frame(frame);
        let message = header.msg as usize..frame.len();
        if header.dialect != Dialect::Rfc5424 && !self.is_escaped && !is_json(&frame[message.clone()]) {
            // What looks like a host or a tag can be part of the message.
            return self.text(&layer, 0..frame.len());
        }
        let data = header.structured_data.start as usize..header.structured_data.end as usize;
        if data.is_empty() {
            self.text(&layer, 0..message.start);
        } else {
            self.text(&layer, 0..data.start);
            self.structured_data(&layer, data);
        }
        let start = message.start;
        if frame[..start].trim_ascii_end().ends_with(b":") && self.borders == Borders::None {
            // A header's name that was taken for a message identifier: its value is in the message.
            let name = frame[..start].trim_ascii_end().iter().rposition(|octet| *octet == b' ').unwrap_or(0);
            self.finds.kept_from = header.msg;
            self.once_more(|walk| walk.plain(&layer, name..frame.len()));
            self.finds.kept_from = 0;
        }
        self.text(&layer, message);
    }

    /// Searches what was searched before, or will be, as something else.
    ///
    /// Both searches follow the same strings: without a limit each layer of broken JSON would double the work.
    fn once_more(&mut self, search: impl FnOnce(&mut Self)) {
        let follow = self.follow;
        if follow == Follow::All {
            self.follow = Follow::Again;
        }
        search(self);
        if follow == Follow::All {
            self.follow = follow;
        }
    }

    /// What is left for the layers inside of a string of `len` octets, if that may be decoded itself.
    fn inside(&self, layer: &Layer<'_>, len: usize) -> Option<Follow> {
        let depth_max = if self.follow == Follow::All { DEPTH_MAX } else { AGAIN_DEPTH_MAX };
        if layer.depth >= depth_max {
            return None;
        }
        match self.follow {
            Follow::All => Some(Follow::All),
            Follow::Again => Some(Follow::Left((AGAIN_FACTOR - 1) * len)),
            Follow::Left(left) => left.checked_sub(len).map(Follow::Left),
        }
    }

    /// The values of structured data's parameters, and their names.
    fn structured_data(&mut self, layer: &Layer<'_>, range: Range<usize>) {
        let mut at = range.start;
        while let Some(open) = memchr::memchr(b'"', &layer.text[at..range.end]) {
            let start = at + open + 1;
            let end = string_end(&layer.text[..range.end], start).unwrap_or(range.end);
            let name = layer.text[at..start - 1].strip_suffix(b"=").unwrap_or_default();
            let name = name.rsplit(|octet| *octet == b' ').next().unwrap_or_default();
            let member = match Pair::named(name, self.wanted.detectors) {
                Some(Pair::Secret(detector)) => Member::Secret(detector),
                _ => self.wanted.member(name),
            };
            self.string(layer, start..end, Escapes::StructuredData, member, None);
            at = range.end.min(end + 1);
        }
    }

    /// A text, which may be JSON or hold JSON.
    fn text(&mut self, layer: &Layer<'_>, range: Range<usize>) {
        let text = &layer.text[range.clone()];
        if is_json(text) {
            // Whatever is wrong with it, it is JSON to its end: nothing in it may hide the rest. From the first fault on it is text
            // as well, up to the end, as a value may go on behind the JSON.
            let (end, fault) = self.json(layer, range.clone(), Member::Other, Faults::PassedOver);
            if let Some(fault) = fault {
                self.once_more(|walk| walk.plain(layer, fault..range.end));
            }
            // What stands behind it nobody has searched so far, but for what a search with an allowance has.
            if fault.is_none() || self.follow == Follow::All {
                self.plain(layer, end..range.end);
            }
            return;
        }
        if self.in_field || self.borders == Borders::None {
            return self.plain(layer, range);
        }
        self.in_field = true;
        let mut rest = range;
        while !rest.is_empty() {
            let field = self.borders.first(layer.text, &rest);
            rest.start = field.end;
            let has_escapes = self.is_escaped && memchr::memchr(b'\\', &layer.text[field.clone()]).is_some();
            if has_escapes && layer.depth < DEPTH_MAX {
                let decoded = Decoded::of(layer, field, Escapes::Cef);
                let layer = decoded.layer();
                self.plain(&layer, 0..layer.text.len());
            } else {
                self.plain(layer, field);
            }
        }
        self.in_field = false;
    }

    /// A text that may hold JSON.
    fn plain(&mut self, layer: &Layer<'_>, range: Range<usize>) {
        let mut seeker = Seeker::new(&layer.text[range.clone()], self.wanted);
        loop {
            let json = seeker.next_json(&mut self.secrets);
            self.keep_secrets(layer, range.start);
            let (start, member) = match json {
                Some(Json::Object(start)) => (start, Member::Other),
                Some(Json::Value(member, start)) => (start, member),
                Some(Json::Quoted(string)) => {
                    let string = range.start + string.start..range.start + string.end;
                    self.once_more(|walk| walk.quoted(layer, string));
                    continue;
                }
                Some(Json::Later) => continue,
                None => return,
            };
            let json = range.start + start..range.end;
            let (end, _) = self.json(layer, json, member, Faults::End { in_field: self.in_field });
            seeker.at = (end - range.start).max(start + 1);
        }
    }

    /// A text that is part of `layer` from `start` on has been searched.
    fn keep_secrets(&mut self, layer: &Layer<'_>, start: usize) {
        let mut secrets = std::mem::take(&mut self.secrets);
        for secret in secrets.drain(..) {
            let made = self.made(layer, &secret.moved(start));
            self.finds.keep(made);
        }
        self.secrets = secrets;
    }

    fn made(&mut self, layer: &Layer<'_>, secret: &Secret) -> Made {
        let octets = &layer.text[secret.range()];
        let fingerprinter = self.fingerprinter;
        self.finds.made(layer.span(&secret.range()), secret.detector, || match secret.coding {
            Coding::Plain => fingerprinter.of(octets),
            coding => fingerprinter.of(&coding.undo(octets)),
        })
    }

    /// The string `range`, without its quotes, that is the value of `member`, or an element of it; `objects` around it, and whether
    /// the string is whole.
    fn string(
        &mut self,
        layer: &Layer<'_>,
        range: Range<usize>,
        escapes: Escapes,
        member: Member,
        mut objects: Option<(&mut Objects, bool)>,
    ) {
        if memchr::memchr(b'\\', &layer.text[range.clone()]).is_none() {
            return self.content(layer, range, member, objects, Self::text);
        }
        let is_decoded = self.decoded(layer, range.clone(), escapes, |walk, layer| {
            walk.content(layer, 0..layer.text.len(), member, objects.take(), Self::text);
        });
        if !is_decoded {
            // Its escapes would make anything of it but JSON.
            self.content(layer, range, member, objects, Self::plain);
        }
    }

    /// What somebody has put between quotes in a text: it is searched as it stands as well.
    fn quoted(&mut self, layer: &Layer<'_>, range: Range<usize>) {
        self.decoded(layer, range, Escapes::Json, |walk, layer| walk.plain(layer, 0..layer.text.len()));
    }

    /// Undoes the escapes of `range` and lets `search` have it. False when that would be too much.
    fn decoded(
        &mut self,
        layer: &Layer<'_>,
        range: Range<usize>,
        escapes: Escapes,
        search: impl FnOnce(&mut Self, &Layer<'_>),
    ) -> bool {
        let Some(inside) = self.inside(layer, range.len()) else { return false };
        #[cfg(test)]
        tests::DECODED_BYTES.with(|bytes| bytes.set(bytes.get() + range.len()));
        let outside = std::mem::replace(&mut self.follow, inside);
        search(self, &Decoded::of(layer, range, escapes).layer());
        if outside == Follow::Again {
            self.follow = outside;
        }
        true
    }

    /// A string without its escapes, in which `search` looks for more.
    fn content(
        &mut self,
        layer: &Layer<'_>,
        range: Range<usize>,
        member: Member,
        objects: Option<(&mut Objects, bool)>,
        search: fn(&mut Self, &Layer<'_>, Range<usize>),
    ) {
        let text = &layer.text[range.clone()];
        if let Some((objects, is_whole)) = objects {
            let member = if let Member::Kubernetes(member) = member { Some(member) } else { None };
            match member {
                Some(member) if is_whole => objects.note(member, text),
                Some(member) => objects.note_cut(member, text),
                None => {}
            }
            if let Some(suspect) = objects.suspect(member).filter(|_| !is_replaced(text)) {
                let coding = if suspect.is_base64 { Coding::Base64 } else { Coding::Plain };
                let secret = Secret::coded(Detector::K8sSecret, range.clone(), coding);
                objects.hold(suspect, self.made(layer, &secret));
            }
        }
        match member {
            Member::Secret(detector) | Member::Secrets(detector) => {
                if !is_replaced(text) {
                    let made = self.made(layer, &Secret::new(detector, range));
                    self.finds.keep(made);
                }
            }
            Member::Header(header) => {
                let end = text::header_secrets(header, text, 0, Around::Nothing, &mut self.secrets);
                self.keep_secrets(layer, range.start);
                search(self, layer, range.start + end..range.end);
            }
            Member::Kubernetes(_) | Member::Other => search(self, layer, range),
        }
    }

    /// JSON that begins at the start of `range`, as the value of `member`. Gives where it ends, and where its first fault was, if
    /// that did not end it.
    fn json(
        &mut self,
        layer: &Layer<'_>,
        range: Range<usize>,
        member: Member,
        faults: Faults,
    ) -> (usize, Option<usize>) {
        let mut walk = JsonWalk {
            text: &layer.text[..range.end],
            at: range.start,
            open: Vec::new(),
            deeper: 0,
            member,
            faults,
            objects: self.wanted.has(Detector::K8sSecret).then(Objects::default),
        };
        // The name of what is no member, as in Ruby's `"name"=>`, stands before the fault.
        let (mut first_fault, mut before) = (None, None);
        while let Some(token) = walk.token() {
            let string = if let Token::String(string, _) = &token { Some(string.start - 1) } else { None };
            match token {
                Token::Open { is_array } => walk.opened(is_array),
                Token::Close { is_array } => {
                    let fault = walk.at - 1;
                    if !walk.closed(is_array, &mut self.finds) {
                        if faults != Faults::PassedOver {
                            walk.at = fault;
                            break;
                        }
                        first_fault.get_or_insert(fault);
                    }
                }
                Token::Name(name) => {
                    walk.named(self, layer, name.clone());
                    // Keys of maps are data, too: of sessions, of registries.
                    if layer.text[name.clone()].iter().any(|octet| matches!(octet, b'=' | b':' | b'.' | b' ')) {
                        self.string(layer, name, Escapes::Json, Member::Other, None);
                    }
                }
                Token::String(string, is_whole) => {
                    let member = walk.meaning();
                    let objects = walk.objects.as_mut().map(|objects| (objects, is_whole));
                    self.string(layer, string, Escapes::Json, member, objects);
                    walk.value_ended();
                }
                Token::Comma | Token::Scalar => walk.value_ended(),
                Token::Fault(fault) if faults == Faults::PassedOver => {
                    first_fault.get_or_insert(before.unwrap_or(fault.start));
                }
                Token::Fault(fault) => {
                    walk.at = fault.start;
                    break;
                }
            }
            before = string;
            if walk.is_done() {
                break;
            }
        }
        walk.ended(&mut self.finds);
        (walk.at, first_fault)
    }
}

/// What becomes of octets that JSON does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Faults {
    /// The JSON goes on behind them.
    PassedOver,
    /// They end the JSON: it stood in a text, which goes on there. What is not in a field of its own may be somebody else's text.
    End { in_field: bool },
}

/// Part of a JSON text; where it has octets, where they are in the layer.
#[derive(Debug)]
enum Token {
    Open {
        is_array: bool,
    },
    Close {
        is_array: bool,
    },
    /// The name of a member, without its quotes. Its colon is passed over, too.
    Name(Range<usize>),
    /// Any other string, without its quotes, and whether it has them both.
    String(Range<usize>, bool),
    Scalar,
    Comma,
    /// Something else.
    Fault(Range<usize>),
}

/// An object or array that is open.
#[derive(Debug, Clone, Copy)]
struct Open {
    is_array: bool,
    /// What the strings in it are.
    below: Member,
}

/// A place in a JSON text.
struct JsonWalk<'a> {
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// Levels that are open beyond those in `open`.
    deeper: usize,
    /// What the value that comes next is.
    member: Member,
    faults: Faults,
    /// Only when Secrets are looked for.
    objects: Option<Objects>,
}

impl JsonWalk<'_> {
    fn token(&mut self) -> Option<Token> {
        self.at += self.text[self.at..].iter().take_while(|octet| octet.is_ascii_whitespace()).count();
        let start = self.at;
        let octet = *self.text.get(start)?;
        self.at += 1;
        Some(match octet {
            b'{' => Token::Open { is_array: false },
            b'[' => Token::Open { is_array: true },
            b'}' => Token::Close { is_array: false },
            b']' => Token::Close { is_array: true },
            b',' => Token::Comma,
            b'"' => self.string(),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                self.at = self.run_end(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.'));
                let word = &self.text[start..self.at];
                let is_number =
                    |octet: &u8| octet.is_ascii_digit() || matches!(octet, b'-' | b'+' | b'.' | b'e' | b'E');
                let is_scalar = matches!(word, b"true" | b"false" | b"null")
                    || (!octet.is_ascii_alphabetic() && word.iter().all(is_number));
                if is_scalar { Token::Scalar } else { self.fault(start) }
            }
            _ => self.fault(start),
        })
    }

    /// A string whose opening quote is passed.
    fn string(&mut self) -> Token {
        let start = self.at;
        let is_text = self.faults == Faults::End { in_field: false };
        let Some(end) = string_end(self.text, start) else {
            // What follows in a text may be anybody's.
            self.at = if is_text { value::unquoted(self.text, start).end } else { self.text.len() };
            return Token::String(start..self.at, false);
        };
        self.at = end + 1;
        let is_in_object = self.open.last().is_some_and(|open| !open.is_array);
        let blanks = self.text[self.at..].iter().take_while(|octet| octet.is_ascii_whitespace()).count();
        if is_in_object && self.text.get(self.at + blanks) == Some(&b':') {
            self.at += blanks + 1;
            return Token::Name(start..end);
        }
        let is_closed = matches!(self.text.get(self.at + blanks), None | Some(b',' | b'}' | b']'));
        let is_alone = !self.open.is_empty() || !value::holds_pair(&self.text[start..end]);
        if is_text && !(is_closed && is_alone) {
            self.at = value::unquoted(self.text, start).end;
            return Token::String(start..self.at, false);
        }
        Token::String(start..end, true)
    }

    /// Up to the next octet that JSON may go on with.
    fn fault(&mut self, start: usize) -> Token {
        self.at = self.run_end(|octet| !matches!(octet, b'{' | b'}' | b'[' | b']' | b'"' | b','));
        Token::Fault(start..self.at)
    }

    fn run_end(&self, is_in: impl Fn(u8) -> bool) -> usize {
        self.at + self.text[self.at..].iter().take_while(|octet| is_in(**octet)).count()
    }

    fn named(&mut self, walk: &Walk<'_>, layer: &Layer<'_>, name: Range<usize>) {
        let raw = &layer.text[name.clone()];
        self.member = if memchr::memchr(b'\\', raw).is_some() {
            walk.wanted.member(Decoded::of(layer, name, Escapes::Json).layer().text)
        } else {
            walk.wanted.member(raw)
        };
    }

    /// What the value that comes next is, by its own name or that of something around it.
    fn meaning(&self) -> Member {
        match (self.open.last(), self.member) {
            (Some(open), Member::Other | Member::Kubernetes(_)) if open.below != Member::Other => open.below,
            (_, member) => member,
        }
    }

    fn opened(&mut self, is_array: bool) {
        if self.open.len() == LEVELS_MAX {
            self.deeper += 1;
            return;
        }
        let below = match self.meaning() {
            all @ Member::Secrets(_) => all,
            strings @ (Member::Secret(_) | Member::Header(_)) if is_array => strings,
            _ => Member::Other,
        };
        if let Some(objects) = &mut self.objects {
            objects.open(if let Member::Kubernetes(member) = self.member { Some(member) } else { None });
        }
        self.open.push(Open { is_array, below });
        self.member = Member::Other;
    }

    /// Closes what the bracket belongs to, and what is left open in that. False when it belongs to nothing, or when something was.
    fn closed(&mut self, is_array: bool, finds: &mut Finds) -> bool {
        if self.deeper > 0 {
            self.deeper -= 1;
            return true;
        }
        let Some(opened) = self.open.iter().rposition(|open| open.is_array == is_array) else { return false };
        let is_innermost = opened + 1 == self.open.len();
        while self.open.len() > opened {
            self.open.pop();
            if let Some(objects) = &mut self.objects {
                objects.close(self.open.len() > opened, finds);
            }
        }
        self.value_ended();
        is_innermost
    }

    fn value_ended(&mut self) {
        if !self.open.is_empty() {
            self.member = Member::Other;
        }
    }

    /// Whether the value that it began with has ended.
    fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// There is no more of it.
    fn ended(&mut self, finds: &mut Finds) {
        if let Some(objects) = &mut self.objects {
            for _ in 0..self.open.len() {
                objects.close(true, finds);
            }
        }
    }
}

/// Whether `text` begins like a JSON object, or an array of strings, objects or arrays.
fn is_json(text: &[u8]) -> bool {
    match text.trim_ascii_start() {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'{' | b'[')),
        _ => false,
    }
}

/// Where the string whose first octet is at `start` has its closing quote.
pub(crate) fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let end = closing_quote(text, start);
    #[cfg(test)]
    tests::SOUGHT_BYTES.with(|bytes| bytes.set(bytes.get() + end.unwrap_or(text.len()).saturating_sub(start)));
    end
}

fn closing_quote(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::DEPTH_MAX;
    use crate::{Detectors, Redactor};

    thread_local! {
        /// How many octets were decoded into further layers.
        pub(super) static DECODED_BYTES: Cell<usize> = const { Cell::new(0) };
        /// How many octets were searched for closing quotes.
        pub(super) static SOUGHT_BYTES: Cell<usize> = const { Cell::new(0) };
    }

    /// `text` in `layers` of JSON that is broken before its string.
    fn in_broken_json(text: String, layers: usize) -> String {
        let quoted = |text: String| text.replace('\\', "\\\\").replace('"', "\\\"");
        (0..layers).fold(text, |text, _| format!("{{\"a\"x,{{\"b\":\"{}\"}}}}", quoted(text)))
    }

    #[test]
    fn layers_of_broken_json_do_not_double_the_work() {
        let redactor = Redactor::new(Detectors::ALL, &[1; 16]).unwrap();
        for layers in [1, 4, 8, 9] {
            let frame = in_broken_json(format!("x?{}", "pwd=a&".repeat(10_000)), layers);
            let verdict = classify::classify(frame.as_bytes());
            DECODED_BYTES.set(0);
            let finds = redactor.finds(frame.as_bytes(), verdict.class, &verdict.header);
            assert_eq!(finds.len(), 10_000, "{layers} layers");
            // Each of eight layers once, and of three twice more.
            assert!(DECODED_BYTES.get() <= (8 + 2 * 3) * frame.len(), "{layers} layers: {}", DECODED_BYTES.get());
        }
    }

    #[test]
    fn what_stands_behind_json_does_not_double_the_work() {
        let redactor = Redactor::new(Detectors::ALL, &[1; 16]).unwrap();
        let quoted = |text: String| text.replace('\\', "\\\\").replace('"', "\\\"");
        for first in [r#"{"k":"v"}"#, r#"{"a":]}"#, r#"{"a"x}"#] {
            for layers in [1, 4, 8, 9] {
                let frame = (0..layers).fold(format!("x?{}", "pwd=a&".repeat(1_000)), |text, _| {
                    format!("{first} {{\"m\":\"{}\"}}", quoted(text))
                });
                let verdict = classify::classify(frame.as_bytes());
                DECODED_BYTES.set(0);
                let finds = redactor.finds(frame.as_bytes(), verdict.class, &verdict.header);
                assert_eq!(finds.len(), 1_000, "{first}, {layers} layers");
                let decoded = DECODED_BYTES.get();
                assert!(decoded <= (8 + 2 * 3) * frame.len(), "{first}, {layers} layers: {decoded}");
            }
        }
    }

    /// Each quote of a text may open a string, but those that are escaped end none before: they would all search the same octets.
    #[test]
    fn no_octet_is_searched_for_a_quote_again_and_again() {
        let redactor = Redactor::new(Detectors::ALL, &[1; 16]).unwrap();
        for (head, unit) in [
            ("password=a ", r#"\""#),
            ("password=a ", r#"\\""#),
            (r#"password="a "#, r#"\""#),
            ("I1122 password=a obj: ", r#"{\"name\":\"abc\",\"value\":12345}, "#),
            ("", r#"a=\"b;"#),
            (r#"{"Cookie":[""#, r#"a=\"b;"#),
            (r#"{"Cookie":[""#, r#"a=\\\"b;"#),
            (r#"x {"password":""#, r#"\"password\":\""#),
            (r#"<14>1 - - - - - [a password=""#, r#"\""#),
        ] {
            let frame = format!("{head}{}", unit.repeat((1 << 16) / unit.len()));
            let verdict = classify::classify(frame.as_bytes());
            SOUGHT_BYTES.set(0);
            let _ = redactor.finds(frame.as_bytes(), verdict.class, &verdict.header);
            assert!(SOUGHT_BYTES.get() <= 8 * frame.len(), "{head}{unit}…: {}", SOUGHT_BYTES.get());
        }
    }

    /// In the innermost layer that is decoded, JSON with its escapes is no JSON: the walk would go as deep as the text is long.
    #[test]
    fn what_is_not_decoded_is_no_json() {
        let redactor = Redactor::new(Detectors::ALL, &[1; 16]).unwrap();
        let quoted = |text: String| text.replace('\\', "\\u005c").replace('"', "\\u0022");
        let innermost = "[{\\\"".repeat(10_000);
        let frame = (0..DEPTH_MAX).fold(innermost, |text, _| format!("[\"{}\"]", quoted(text)));
        let verdict = classify::classify(frame.as_bytes());
        assert!(redactor.finds(frame.as_bytes(), verdict.class, &verdict.header).is_empty());
    }
}
