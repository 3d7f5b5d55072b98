//! The scanner: a loop with a bit for each open bracket.

use record::{Flags, FrameSpan};

use super::string::{Content, string_end};
use super::{Ending, Facts, Member, Object, Outline, unescape};
use crate::DEPTH_MAX;

/// Watched objects lie at most this deep: the `entity` of the first element of `resources`.
const WATCHED_DEPTH: usize = 4;

/// What is watched in the bracket that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    /// Members of this object.
    Members(Object),
    /// The first element of the array `items`.
    FirstItem,
    /// The first element of the array `resources`.
    FirstResource,
    /// Nothing.
    Nothing,
}

pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// How many brackets are open, at most [`DEPTH_MAX`].
    depth: u32,
    /// The bit `n` tells whether the bracket at depth `n + 1` is an array's.
    arrays: u64,
    /// What is watched at the depths 1 to [`WATCHED_DEPTH`].
    watches: [Watch; WATCHED_DEPTH + 1],
    watch: Watch,
    /// The member whose value comes next, when it is one that matters and the first of its name.
    member: Option<Member>,
    /// By object: the members whose key was seen.
    seen: [u32; Object::COUNT],
    outline: Outline,
}

const _: () = assert!(DEPTH_MAX == u64::BITS && Member::COUNT <= 32, "one bit for each level, one for each member");

impl<'a> Scanner<'a> {
    /// `text` begins with `{`.
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            arrays: 0,
            watches: [Watch::Nothing; WATCHED_DEPTH + 1],
            watch: Watch::Nothing,
            member: None,
            seen: [0; Object::COUNT],
            outline: Outline {
                objects: [Facts::NONE; Object::COUNT],
                keys: [FrameSpan::new(0, 0); Member::COUNT],
                log: FrameSpan::new(0, 0),
                message: FrameSpan::new(0, 0),
                ending: Ending::Whole,
                ends_in_audit: false,
                oddities: Flags::NONE,
            },
        }
    }

    pub(super) fn outline(mut self) -> Outline {
        self.outline.ending = match self.walk() {
            Ok(()) => Ending::Whole,
            Err(ending) => ending,
        };
        self.outline.ends_in_audit = self.depth >= 2 && self.watches[2] == Watch::Members(Object::Audit);
        self.outline
    }

    /// From the first brace to the end of the text.
    fn walk(&mut self) -> Result<(), Ending> {
        'value: loop {
            match self.octet()? {
                b'"' => self.string()?,
                octet @ (b'{' | b'[') => {
                    let array = octet == b'[';
                    if self.open(array)? {
                        match self.octet()? {
                            b'}' if !array => self.close(),
                            b']' if array => self.close(),
                            _ if array => continue 'value,
                            _ => {
                                self.key()?;
                                continue 'value;
                            }
                        }
                    }
                }
                octet => self.scalar(octet)?,
            }
            while self.depth > 0 {
                match self.octet()? {
                    b',' => {
                        self.at += 1;
                        if !self.in_array() {
                            self.octet()?;
                            self.key()?;
                        }
                        continue 'value;
                    }
                    b'}' if !self.in_array() => self.close(),
                    b']' if self.in_array() => self.close(),
                    _ => return Err(Ending::Broken),
                }
            }
            return match self.octet() {
                Ok(_) => Err(Ending::Broken),
                Err(_) => Ok(()),
            };
        }
    }

    /// The next octet that is no white space; stays before it.
    #[inline(always)]
    fn octet(&mut self) -> Result<u8, Ending> {
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(octet) => return Ok(*octet),
                None => return Err(Ending::Cut),
            }
        }
    }

    #[inline]
    const fn in_array(&self) -> bool {
        self.arrays >> (self.depth - 1) & 1 == 1
    }

    /// A bracket opens. `false` when it lies below [`DEPTH_MAX`]: then everything up to its partner was passed over.
    fn open(&mut self, array: bool) -> Result<bool, Ending> {
        self.at += 1;
        let watch = self.watch_for(array);
        if self.depth == DEPTH_MAX {
            self.outline.oddities |= Flags::JSON_DEPTH;
            self.pass_over()?;
            return Ok(false);
        }
        self.depth += 1;
        let bit = 1 << (self.depth - 1);
        self.arrays = if array { self.arrays | bit } else { self.arrays & !bit };
        if let Some(place) = self.watches.get_mut(self.depth as usize) {
            *place = watch;
        }
        self.watch = watch;
        Ok(true)
    }

    fn close(&mut self) {
        self.at += 1;
        self.depth -= 1;
        self.watch = self.watches.get(self.depth as usize).copied().unwrap_or(Watch::Nothing);
    }

    /// Up to the partner of a bracket that was just read: strings are read as such, other brackets are counted, not matched.
    fn pass_over(&mut self) -> Result<(), Ending> {
        let mut open = 1_usize;
        while open > 0 {
            match *self.text.get(self.at).ok_or(Ending::Cut)? {
                b'"' => {
                    self.text()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
        Ok(())
    }

    /// What to watch in the bracket that opens here. Notes what its being there says about the member it belongs to.
    fn watch_for(&mut self, array: bool) -> Watch {
        let place = (self.watch, self.member);
        self.note(Value::Bracket { array });
        match place {
            _ if self.depth == 0 => Watch::Members(Object::Top),
            (Watch::Members(Object::Top), Some(Member::Audit)) if !array => Watch::Members(Object::Audit),
            (Watch::Members(Object::Top), Some(Member::Entity)) if !array => Watch::Members(Object::Entity),
            (Watch::Members(Object::Top), Some(Member::Items)) if array => Watch::FirstItem,
            (Watch::Members(Object::Top), Some(Member::Resources)) if array => Watch::FirstResource,
            (Watch::Members(Object::Resource), Some(Member::Entity)) if !array => {
                Watch::Members(Object::ResourceEntity)
            }
            (Watch::FirstResource, _) if !array => Watch::Members(Object::Resource),
            _ => Watch::Nothing,
        }
    }

    /// A key and its colon.
    #[inline]
    fn key(&mut self) -> Result<(), Ending> {
        let start = self.at;
        if self.text.get(start) != Some(&b'"') {
            return Err(Ending::Broken);
        }
        let text = self.text()?;
        if let Watch::Members(object) = self.watch {
            self.member = text.member().filter(|member| self.is_first(object, *member));
            if object == Object::Top
                && let Some(member) = self.member
            {
                self.outline.keys[member as usize] = span(start, self.at);
            }
        }
        match self.octet()? {
            b':' => self.at += 1,
            _ => return Err(Ending::Broken),
        }
        Ok(())
    }

    /// Whether `object` had no such member yet.
    fn is_first(&mut self, object: Object, member: Member) -> bool {
        let seen = &mut self.seen[object as usize];
        let bit = 1 << member as u32;
        let first = *seen & bit == 0;
        *seen |= bit;
        if !first {
            self.outline.oddities |= Flags::JSON_DUP;
        }
        first
    }

    fn string(&mut self) -> Result<(), Ending> {
        let text = self.text()?;
        self.note(Value::String(text));
        Ok(())
    }

    /// From an opening quote to after the closing one: the octets between.
    #[inline(always)]
    fn text(&mut self) -> Result<Text<'a>, Ending> {
        let start = self.at + 1;
        let (quote, content) = string_end(self.text, start).ok_or(Ending::Cut)?;
        if content.is_odd() {
            self.outline.oddities |= Flags::JSON_SYNTAX;
        }
        self.at = quote + 1;
        Ok(Text { raw: &self.text[start..quote], content, start })
    }

    /// A number or one of the three words.
    fn scalar(&mut self, first: u8) -> Result<(), Ending> {
        match first {
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        self.note(Value::Scalar);
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Ending> {
        let rest = &self.text[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(if word.starts_with(rest) { Ending::Cut } else { Ending::Broken })
        }
    }

    /// `-`? (`0` / digit run) (`.` digits)? (`e` sign? digits)?
    fn number(&mut self) -> Result<(), Ending> {
        self.maybe(|octet| octet == b'-');
        if !self.maybe(|octet| octet == b'0') {
            self.digits()?;
        }
        if self.maybe(|octet| octet == b'.') {
            self.digits()?;
        }
        if self.maybe(|octet| matches!(octet, b'e' | b'E')) {
            self.maybe(|octet| matches!(octet, b'+' | b'-'));
            self.digits()?;
        }
        Ok(())
    }

    fn maybe(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.text.get(self.at).is_some_and(|octet| wanted(*octet));
        self.at += usize::from(found);
        found
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Ending> {
        let start = self.at;
        while self.maybe(|octet| octet.is_ascii_digit()) {}
        match self.text.get(self.at) {
            _ if self.at > start => Ok(()),
            Some(_) => Err(Ending::Broken),
            None => Err(Ending::Cut),
        }
    }

    /// Takes note of a value, when the member or array that it belongs to is watched.
    #[inline]
    fn note(&mut self, value: Value<'_>) {
        if self.watch != Watch::Nothing {
            self.note_watched(value);
        }
    }

    fn note_watched(&mut self, value: Value<'_>) {
        match self.watch {
            Watch::Nothing => {}
            Watch::Members(object) => {
                if let Some(member) = self.member.take() {
                    self.note_member(object, member, value);
                }
            }
            Watch::FirstItem | Watch::FirstResource => {
                if self.watch == Watch::FirstItem && matches!(value, Value::Bracket { array: false }) {
                    self.outline.objects[Object::Top as usize].add(Facts::ITEM);
                }
                self.watch = Watch::Nothing;
                self.watches[self.depth as usize] = Watch::Nothing;
            }
        }
    }

    fn note_member(&mut self, object: Object, member: Member, value: Value<'_>) {
        if let (Object::Top, Value::String(text)) = (object, &value) {
            match member {
                Member::Log => self.outline.log = text.span(),
                Member::Message => self.outline.message = text.span(),
                _ => {}
            }
        }
        self.outline.objects[object as usize].add(value.fact(member));
    }
}

/// A value, as far as rules ask.
enum Value<'a> {
    String(Text<'a>),
    /// A number, `true`, `false` or `null`.
    Scalar,
    /// An object or array begins.
    Bracket {
        array: bool,
    },
}

impl Value<'_> {
    /// What the value says as the one of `member`.
    fn fact(&self, member: Member) -> Facts {
        match (member, self) {
            (Member::AuditId, Self::String(_)) => Facts::AUDIT_ID,
            (Member::Stage, Self::String(_)) => Facts::STAGE,
            (Member::RequestUri, Self::String(_)) => Facts::REQUEST_URI,
            (Member::Verb, Self::String(_)) => Facts::VERB,
            (Member::Kind, Self::String(text)) if text.is(b"Event") => Facts::KIND_EVENT,
            (Member::Kind, Self::String(text)) if text.is(b"EventList") => Facts::KIND_EVENT_LIST,
            (Member::Kind, Self::String(text)) if text.is(b"docker-swarm") => Facts::KIND_ELSE | Facts::KIND_SWARM,
            (Member::Kind, _) => Facts::KIND_ELSE,
            (Member::ApiVersion, Self::String(text)) if text.begins(b"audit.k8s.io/") => Facts::API_AUDIT,
            (Member::ApiVersion, _) => Facts::API_ELSE,
            (Member::EventType, Self::String(text)) if text.is(b"LogMessage") => Facts::EVENT_TYPE_LOG_MESSAGE,
            (Member::Type, Self::String(_)) => Facts::TYPE,
            (Member::Actor, Self::Bracket { array: false }) => Facts::ACTOR_OBJECT,
            (Member::Actor, Self::String(_)) => Facts::ACTOR_STRING,
            (Member::Target, Self::Bracket { array: false }) => Facts::TARGET_OBJECT,
            (Member::Actee, Self::String(_)) => Facts::ACTEE,
            (Member::Log, Self::String(_)) => Facts::LOG,
            (Member::Stream, Self::String(text)) if text.is(b"stdout") || text.is(b"stderr") => Facts::STREAM,
            (Member::Time, Self::String(_)) => Facts::TIME,
            (Member::Source, Self::String(text)) if text.is(b"cc.model.event") => Facts::SOURCE_EVENT,
            (Member::Message, Self::String(_)) => Facts::MESSAGE,
            (Member::Level, Self::String(_)) => Facts::LEVEL,
            (Member::Metadata, Self::Bracket { array: false }) => Facts::METADATA,
            _ => Facts::NONE,
        }
    }
}

/// A string: the octets between its quotes.
#[derive(Clone, Copy)]
struct Text<'a> {
    raw: &'a [u8],
    content: Content,
    /// Where they begin.
    start: usize,
}

impl Text<'_> {
    /// No name or value that a rule compares with is longer.
    const COMPARED_BYTES_MAX: usize = 32;

    /// Calls `ask` with the string without escapes, or with its beginning when it is longer than anything that is asked for.
    #[inline]
    fn ask<T>(&self, ask: impl FnOnce(&[u8]) -> T) -> T {
        if self.content.is_escaped() {
            let mut buffer = [0; Self::COMPARED_BYTES_MAX];
            ask(unescape(self.raw, &mut buffer).text)
        } else {
            ask(self.raw)
        }
    }

    fn is(&self, wanted: &[u8]) -> bool {
        self.ask(|text| text == wanted)
    }

    fn begins(&self, wanted: &[u8]) -> bool {
        self.ask(|text| text.starts_with(wanted))
    }

    /// The member of which this is the key.
    fn member(&self) -> Option<Member> {
        self.ask(Member::of)
    }

    const fn span(&self) -> FrameSpan {
        span(self.start, self.start + self.raw.len())
    }
}

const fn span(start: usize, end: usize) -> FrameSpan {
    FrameSpan { start: start as u32, end: end as u32 }
}
