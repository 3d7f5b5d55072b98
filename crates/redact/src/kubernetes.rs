//! Which values are those of a Kubernetes Secret: known only when its object is read to the end, as members may stand in any
//! order.

use crate::finds::{Finds, Made};
use crate::names::Kubernetes;

/// What an object says of itself. It may say so more than once, and readers differ on which one counts: any of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Kinds {
    /// Whether it said anything.
    is_told: bool,
    is_secret: bool,
    is_secret_list: bool,
    /// TokenReview or TokenRequest (authentication.k8s.io/v1): `token` in their `spec` or `status` is one.
    is_token: bool,
}

impl Kinds {
    fn add(&mut self, kind: &[u8]) {
        self.is_told = true;
        self.is_secret |= kind == b"Secret";
        self.is_secret_list |= kind == b"SecretList";
        self.is_token |= matches!(kind, b"TokenReview" | b"TokenRequest");
    }

    /// The same of a word that was cut: any that begins like it may have stood there. It tells of nothing else.
    fn add_cut(&mut self, kind: &[u8], in_event: bool) {
        // An escape that was cut, and a line end that somebody has put behind it, are no part of the word.
        let kind = kind.split(|octet| *octet == b'\\').next().unwrap_or_default().trim_ascii_end();
        // Of what stands in an audit event its `objectRef` tells more than half a word.
        self.is_secret |= !in_event && b"Secret".starts_with(kind);
        self.is_secret_list |= !in_event && b"SecretList".starts_with(kind);
        self.is_token |= [&b"TokenReview"[..], b"TokenRequest"].iter().any(|token| token.starts_with(kind));
    }
}

/// What is known about an open object or array. Levels are named by their index.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    kinds: Kinds,
    /// The object in whose `items` this stands.
    list: Option<usize>,
    /// The audit event in whose `requestObject` or `responseObject` this is.
    event: Option<usize>,
    /// The object in whose `data` or `stringData` this is, and whether that is base64.
    data: Option<(usize, bool)>,
    /// The object in whose `value` this is.
    value: Option<usize>,
    is_spec_or_status: bool,
    is_object_ref: bool,
    /// Of an audit event: whether its `objectRef` names secrets.
    is_of_secrets: Option<bool>,
    /// Of an operation in a JSON patch that changes a Secret's values: whether they are base64.
    patch: Option<bool>,
    has_path: bool,
    has_api_version: bool,
    /// Candidates that wait until this is closed.
    candidates: usize,
}

/// What has to be true of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Secret,
    SecretList,
    Token,
    PatchOfData,
    EventOfSecrets,
}

/// A value that is a secret if the object `level` turns out to be what it needs.
#[derive(Debug)]
struct Candidate {
    level: u8,
    need: Need,
    made: Made,
}

/// A value that may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suspect {
    level: usize,
    need: Need,
    /// Whether it is written in base64.
    pub(crate) is_base64: bool,
}

/// What a candidate comes to when its object is closed.
enum Outcome {
    Secret,
    NoSecret,
    /// It depends on an object further out.
    Ask(usize, Need),
}

/// Levels of JSON for which it is remembered what they are. What lies deeper counts as part of the last.
pub(crate) const LEVELS_MAX: usize = 128;

const _: () = assert!(LEVELS_MAX <= 1 << u8::BITS, "candidates name their level in an octet");

/// The open objects and arrays of one JSON text, and what waits for them to close.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    levels: Vec<Level>,
    candidates: Vec<Candidate>,
}

impl Objects {
    /// An object or array begins, as the value of `member` or as an element.
    pub(crate) fn open(&mut self, member: Option<Kubernetes>) {
        let outer = self.levels.last().copied().unwrap_or_default();
        let index = self.levels.len().saturating_sub(1);
        let mut level = Level { event: outer.event, data: outer.data, value: outer.value, ..Level::default() };
        match member {
            // An element stands in the list that its array is.
            None => level.list = outer.list,
            Some(Kubernetes::Items) => level.list = Some(index),
            Some(Kubernetes::SpecOrStatus) => level.is_spec_or_status = true,
            Some(Kubernetes::ObjectRef) => level.is_object_ref = true,
            Some(Kubernetes::RequestOrResponse) => level.event = Some(index),
            Some(Kubernetes::Data) => level.data = Some((index, true)),
            Some(Kubernetes::StringData) => level.data = Some((index, false)),
            Some(Kubernetes::Value) => level.value = Some(index),
            Some(_) => {}
        }
        self.levels.push(level);
    }

    /// Takes note of the string `text`, the value of `member`, whose closing quote is missing.
    pub(crate) fn note_cut(&mut self, member: Kubernetes, text: &[u8]) {
        // Of anything else, half a word says nothing.
        if let (Some(level), Kubernetes::Kind) = (self.levels.last_mut(), member) {
            level.kinds.add_cut(text, level.event.is_some());
        }
    }

    /// Takes note of the string `text` that is the value of `member`.
    pub(crate) fn note(&mut self, member: Kubernetes, text: &[u8]) {
        let Some((level, outer)) = self.levels.split_last_mut() else { return };
        match member {
            Kubernetes::Kind => level.kinds.add(text),
            Kubernetes::ApiVersion => level.has_api_version = true,
            Kubernetes::Resource if level.is_object_ref => {
                if let Some(event) = outer.last_mut() {
                    event.is_of_secrets = Some(text == b"secrets" || event.is_of_secrets == Some(true));
                }
            }
            // RFC 6902; an empty path is the whole object.
            Kubernetes::Path => {
                level.has_path = true;
                let is_text = text.starts_with(b"/stringData");
                level.patch = (is_text || text.is_empty() || text.starts_with(b"/data")).then_some(!is_text);
            }
            _ => {}
        }
    }

    /// Whether a string that is the value of `member`, or an element, may be a secret.
    pub(crate) fn suspect(&self, member: Option<Kubernetes>) -> Option<Suspect> {
        let index = self.levels.len().checked_sub(1)?;
        let level = &self.levels[index];
        let (need, (object, is_base64)) = match (level.data, level.value, member) {
            (Some(data), ..) => (Need::Secret, data),
            (_, Some(operation), _) => (Need::PatchOfData, self.patch(operation)),
            (.., Some(Kubernetes::Value)) => (Need::PatchOfData, self.patch(index)),
            (.., Some(Kubernetes::Token)) if level.is_spec_or_status => (Need::Token, (index.checked_sub(1)?, false)),
            _ => return None,
        };
        Some(Suspect { level: object, need, is_base64 })
    }

    /// The operation of a JSON patch at `index`, and whether what it sets is base64, as far as is known.
    fn patch(&self, index: usize) -> (usize, bool) {
        (index, self.levels[index].patch.unwrap_or(true))
    }

    /// Keeps a suspect until its object is closed.
    pub(crate) fn hold(&mut self, suspect: Suspect, made: Made) {
        self.levels[suspect.level].candidates += 1;
        self.candidates.push(Candidate { level: suspect.level as u8, need: suspect.need, made });
    }

    /// The innermost object or array ends: by its bracket, or because the text is `cut` inside it. Adds to `finds` what turns out
    /// to be a secret.
    pub(crate) fn close(&mut self, cut: bool, finds: &mut Finds) {
        let Some(level) = self.levels.pop() else { return };
        let (index, mut left) = (self.levels.len(), level.candidates);
        // Those of this level stand at the end, apart from others that wait for objects further out.
        let mut at = self.candidates.len();
        while left > 0 && at > 0 {
            at -= 1;
            if usize::from(self.candidates[at].level) != index {
                continue;
            }
            left -= 1;
            match level.outcome(self.candidates[at].need, cut) {
                Outcome::Ask(outer, need) if outer < index => {
                    self.levels[outer].candidates += 1;
                    let candidate = &mut self.candidates[at];
                    (candidate.level, candidate.need) = (outer as u8, need);
                }
                Outcome::Secret => finds.keep(self.candidates.swap_remove(at).made),
                Outcome::NoSecret | Outcome::Ask(..) => drop(self.candidates.swap_remove(at)),
            }
        }
    }
}

impl Level {
    fn outcome(&self, need: Need, cut: bool) -> Outcome {
        let asks_event = || self.event.map_or(Outcome::NoSecret, |event| Outcome::Ask(event, Need::EventOfSecrets));
        let is = |holds: bool| if holds { Outcome::Secret } else { Outcome::NoSecret };
        let is_told = self.kinds.is_told;
        match need {
            Need::Secret if self.kinds.is_secret => Outcome::Secret,
            Need::SecretList if self.kinds.is_secret_list => Outcome::Secret,
            Need::Secret | Need::SecretList if is_told => Outcome::NoSecret,
            // The items of a list have no kind of their own.
            Need::Secret if let Some(list) = self.list => Outcome::Ask(list, Need::SecretList),
            // A record that was cut may not have come to its kind; nor has a patch.
            Need::Secret | Need::SecretList if cut && self.event.is_none() => is(self.has_api_version),
            Need::Secret | Need::SecretList => asks_event(),
            Need::Token => is(self.kinds.is_token || (!is_told && cut && self.has_api_version)),
            // An operation that was cut may not have come to its path.
            Need::PatchOfData if self.patch.is_some() || (cut && !self.has_path) => asks_event(),
            Need::PatchOfData => Outcome::NoSecret,
            Need::EventOfSecrets => is(self.is_of_secrets.unwrap_or(cut)),
        }
    }
}
