//! Secrets in text: one pass, octet by octet.

use std::ops::Range;

use crate::detector::{Detector, Detectors};
use crate::headers::{self, Around};
use crate::names::{self, Header, Member, Name, Pair};
use crate::replaced::is_replaced;
use crate::secret::{Coding, Secret};
use crate::value::{self, NAME_BYTES_MAX};
use crate::walk::string_end;
use crate::{jwt, pem};

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) detectors: Detectors,
    /// In a record of CredHub's.
    pub(crate) in_credhub: bool,
}

impl Wanted {
    pub(crate) const fn has(self, detector: Detector) -> bool {
        self.detectors.contains(detector)
    }

    /// What the JSON member called `name` is.
    pub(crate) fn member(self, name: &[u8]) -> Member {
        Member::named(name, self.detectors, self.in_credhub)
    }
}

/// JSON in a text, which is read otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    /// An object begins here.
    Object(usize),
    /// The value of a member that matters begins here; its object was passed over, or its beginning is not there.
    Value(Member, usize),
    /// A string with escapes, without its quotes: a value that somebody has quoted may hold JSON.
    Quoted(Range<usize>),
    /// None yet: enough secrets wait to be taken.
    Later,
}

/// Secrets that may wait.
const WAITING_MAX: usize = 256;

/// Goes through a text.
#[derive(Debug)]
pub(crate) struct Seeker<'a> {
    text: &'a [u8],
    wanted: Wanted,
    /// Where to go on.
    pub(crate) at: usize,
}

impl<'a> Seeker<'a> {
    pub(crate) const fn new(text: &'a [u8], wanted: Wanted) -> Self {
        Self { text, wanted, at: 0 }
    }

    /// Adds the secrets up to the next JSON, or up to the end of the text. After JSON, [`Self::at`] is to be set behind it.
    pub(crate) fn next_json(&mut self, secrets: &mut Vec<Secret>) -> Option<Json> {
        while let Some(octet) = self.text.get(self.at) {
            if secrets.len() >= WAITING_MAX {
                return Some(Json::Later);
            }
            match octet {
                b'=' => self.at = self.pair(secrets),
                b':' => {
                    if let Some(json) = self.colon(secrets) {
                        return Some(json);
                    }
                }
                b'"' => {
                    self.at += 1;
                    if let Some(string) = self.quoted() {
                        return Some(Json::Quoted(string));
                    }
                }
                b'{' if self.begins_object() => return Some(Json::Object(self.at)),
                b'e' if self.wanted.has(Detector::Jwt) && self.rest().starts_with(jwt::START) => self.token(secrets),
                b'-' if self.wanted.has(Detector::PrivateKey) && self.rest().starts_with(pem::BEGIN) => {
                    self.key(secrets)
                }
                b'b' | b'B' if self.wanted.has(Detector::Authorization) => self.scheme(secrets),
                _ => self.at += 1,
            }
        }
        None
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// Whether a `{` is followed by the quote of a first member.
    fn begins_object(&self) -> bool {
        self.rest()[1..].trim_ascii_start().first() == Some(&b'"')
    }

    /// The string with escapes whose opening quote is passed. Which quotes of a text open is not known: all are tried.
    fn quoted(&self) -> Option<Range<usize>> {
        // What an escaped quote would open is not looked for: each of them would search the rest of the text.
        if self.text[..self.at - 1].ends_with(b"\\") {
            return None;
        }
        let end = string_end(self.text, self.at)?;
        memchr::memchr(b'\\', &self.text[self.at..end])?;
        Some(self.at..end)
    }

    fn token(&mut self, secrets: &mut Vec<Secret>) {
        self.at += match jwt::token(self.rest()) {
            jwt::Token::Found(len) => {
                secrets.push(Secret::new(Detector::Jwt, self.at..self.at + len));
                len
            }
            jwt::Token::None(len) => len,
        };
    }

    fn key(&mut self, secrets: &mut Vec<Secret>) {
        let (found, end) = pem::private_key(self.rest());
        if let Some(range) = found {
            let range = self.at + range.start..self.at + range.end;
            if !is_replaced(&self.text[range.clone()]) {
                secrets.push(Secret::coded(Detector::PrivateKey, range, Coding::Pem));
            }
        }
        self.at += end;
    }

    /// `Bearer` or `Basic` without a header's name.
    fn scheme(&mut self, secrets: &mut Vec<Secret>) {
        let is_word = self.at == 0 || !self.text[self.at - 1].is_ascii_alphanumeric();
        let found = headers::bare_credentials(self.rest()).filter(|_| is_word);
        match found {
            Some(range) => {
                let range = self.at + range.start..self.at + range.end;
                self.at = range.end;
                secrets.push(Secret::new(Detector::Authorization, range));
            }
            None => self.at += 1,
        }
    }

    /// The name that ends at `end`.
    fn name(&self, end: usize) -> Range<usize> {
        let before = self.text[..end].iter().rev().take(NAME_BYTES_MAX);
        end - before.take_while(|octet| value::is_name(**octet)).count()..end
    }

    /// `name=`. Gives where to go on.
    fn pair(&self, secrets: &mut Vec<Secret>) -> usize {
        // Ruby's `"password"=>"…"`.
        let is_arrow = self.rest().starts_with(b"=>");
        let gap = if is_arrow { self.rest()[2..].iter().take_while(|octet| **octet == b' ').count() } else { 0 };
        let start = self.at + 1 + usize::from(is_arrow) + gap.min(NAME_BYTES_MAX);
        // Where CEF's escapes were not undone, and where forms have lists: `user[password]=`.
        let before = self.text[..self.at].trim_ascii_end();
        let before = if is_arrow { before.strip_suffix(b"\"").unwrap_or(before) } else { &self.text[..self.at] };
        let end = before.len()
            - [&b"\\"[..], b"]", b"%5D", b"%5d"].iter().find(|end| before.ends_with(end)).map_or(0, |end| end.len());
        let name = self.name(end);
        let Some(pair) = Pair::named(&self.text[name.clone()], self.wanted.detectors) else { return start };
        let in_query = name.start > 0 && matches!(self.text[name.start - 1], b'?' | b'&' | b'[');
        if names::is_no_token(&self.text[name.clone()], &self.text[start..]) {
            return start;
        }
        // The first pair of a form, or one of the others.
        let is_form = || self.text.get(value::value(self.text, start).end) == Some(&b'&');
        match pair {
            Pair::Header(header) => self.header(header, start, Around::List, secrets),
            Pair::Secret(detector) => {
                let is_behind = name.start > 0 && self.text[name.start - 1] == b';';
                self.value(detector, start, in_query || is_behind || is_form(), secrets)
            }
            Pair::QuerySecret if in_query || (name.start == 0 && is_form()) => {
                self.value(Detector::QuerySecret, start, true, secrets)
            }
            Pair::QuerySecret => start,
        }
    }

    fn value(&self, detector: Detector, start: usize, in_query: bool, secrets: &mut Vec<Secret>) -> usize {
        let range = value::value(self.text, start);
        let end = range.end;
        if !is_replaced(&self.text[range.clone()]) {
            let coding = if in_query { Coding::Percent { plus: true } } else { Coding::Plain };
            secrets.push(Secret::coded(detector, range, coding));
        }
        end
    }

    /// What a `:` can announce: a URL, a header's value, the value of a JSON member.
    fn colon(&mut self, secrets: &mut Vec<Secret>) -> Option<Json> {
        let colon = self.at;
        self.at += 1;
        if self.rest().starts_with(b"//") {
            self.at = self.url_password(colon, secrets);
            return None;
        }
        let before = self.text[..colon].trim_ascii_end();
        if before.ends_with(b"\"") && colon - before.len() < NAME_BYTES_MAX {
            return self.member(before.len() - 1);
        }
        let name = self.name(colon);
        if let Some(header) = Header::named(&Name::new(&self.text[name]), self.wanted.detectors) {
            let blanks = self.rest().iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
            self.at = self.header(header, self.at + blanks, Around::Text, secrets);
        }
        None
    }

    /// `scheme://user:password@`. Gives where to go on.
    fn url_password(&self, colon: usize, secrets: &mut Vec<Secret>) -> usize {
        let start = colon + 3;
        let is_scheme = colon > 0 && self.text[colon - 1].is_ascii_alphanumeric();
        if !is_scheme || !self.wanted.has(Detector::UrlPassword) {
            return start;
        }
        let rest = &self.text[start..];
        let authority = &rest[..authority_end(rest)];
        let Some(host) = memchr::memrchr(b'@', authority) else { return start };
        let Some(user) = memchr::memchr(b':', &authority[..host]) else { return start };
        let range = start + user + 1..start + host;
        if !is_replaced(&self.text[range.clone()]) {
            secrets.push(Secret::coded(Detector::UrlPassword, range, Coding::Percent { plus: false }));
        }
        start + host
    }

    /// `"name":`, whose closing quote is at `quote`.
    fn member(&self, quote: usize) -> Option<Json> {
        let before = &self.text[quote.saturating_sub(NAME_BYTES_MAX)..quote];
        let name = &before[memchr::memrchr(b'"', before)? + 1..];
        let member = self.wanted.member(name);
        let value = self.at + self.rest().iter().take_while(|octet| octet.is_ascii_whitespace()).count();
        let matters = !matches!(member, Member::Other | Member::Kubernetes(_));
        (matters && matches!(self.text.get(value), Some(b'"' | b'[' | b'{'))).then_some(Json::Value(member, value))
    }

    fn header(&self, header: Header, start: usize, around: Around, secrets: &mut Vec<Secret>) -> usize {
        header_secrets(header, self.text, start, around, secrets)
    }
}

/// Where the authority of a URL ends: at an octet that neither a user nor a password can have (RFC 3986 section 3.2), or where only a
/// host stands before what may just as well be the text around the URL.
fn authority_end(rest: &[u8]) -> usize {
    // Whether it is `host` or `host:port` so far.
    let (mut in_port, mut is_host) = (false, true);
    for (at, octet) in rest.iter().enumerate() {
        match octet {
            0..=b' ' | 0x7F | b'/' | b'?' | b'#' | b'"' | b'<' | b'>' | b'|' | b'`' | b'{' | b'}' => return at,
            b'\\' if value::is_end(rest, at) => return at,
            b'&' | b'\'' if is_host && ends_host(&rest[at..]) => return at,
            b':' if in_port => is_host = false,
            b':' => in_port = true,
            b'@' => is_host = false,
            octet => is_host &= !in_port || octet.is_ascii_digit(),
        }
    }
    rest.len()
}

/// Whether what begins with a delimiter goes on as a text does rather than as a password: with another pair, another quote, nothing.
fn ends_host(rest: &[u8]) -> bool {
    let name = rest[1..].iter().take(NAME_BYTES_MAX).take_while(|octet| value::is_name(**octet)).count();
    match rest.get(1 + name) {
        Some(b'=') => true,
        Some(octet) => name == 0 && !octet.is_ascii_alphanumeric(),
        None => name == 0,
    }
}

/// Adds the secrets in the value of `header` that begins at `start`, and gives where to go on.
pub(crate) fn header_secrets(
    header: Header,
    text: &[u8],
    start: usize,
    around: Around,
    secrets: &mut Vec<Secret>,
) -> usize {
    let all = match header {
        Header::Authorization => {
            let Some(range) = headers::credentials(text, start) else { return start };
            let end = range.end;
            secrets.push(Secret::new(Detector::Authorization, range));
            return end;
        }
        Header::Cookie => true,
        Header::SetCookie => false,
    };
    headers::cookies(text, start, all, around, |range| secrets.push(Secret::new(Detector::Cookie, range)))
}
