//! What the first octets of a connection tell: its framing, or that it is not syslog.

use crate::msg_len::DIGITS_MAX;
use crate::{FrameFault, Framing, Probe, Settings};

use super::State;
use super::unfinished::Unfinished;

/// How other protocols begin, with the whole of what tells them from a message.
const PROBES: [(&[u8], Probe); 14] = [
    (b"\x16\x03", Probe::TlsOnPlain),
    (b"SSH-", Probe::Ssh),
    (b"GET ", Probe::Http),
    (b"POST ", Probe::Http),
    (b"PUT ", Probe::Http),
    (b"HEAD ", Probe::Http),
    (b"OPTIONS ", Probe::Http),
    (b"DELETE ", Probe::Http),
    (b"CONNECT ", Probe::Http),
    (b"TRACE ", Probe::Http),
    (b"PATCH ", Probe::Http),
    (b"PRI * HTTP", Probe::Http),
    // Taken for newline content, a header would decide the framing of the frames behind it, and what a counted frame holds after a
    // line feed would become a record of its own.
    (b"PROXY ", Probe::Proxy),
    (b"\r\n\r\n\0\r\nQUIT\n", Probe::Proxy),
];

/// A connection whose first octets do not tell enough yet: twelve octets are always enough.
#[derive(Debug)]
pub(super) struct FirstOctets {
    settings: Settings,
    pub(super) unfinished: Unfinished,
}

impl FirstOctets {
    pub(super) const fn new(settings: Settings) -> Self {
        Self { settings, unfinished: Unfinished::new() }
    }

    /// The framing in the settings, when it is not to be detected.
    pub(super) const fn fixed(&self) -> Option<Framing> {
        match self.settings.framing {
            Framing::Detect => None,
            fixed => Some(fixed),
        }
    }

    /// What the connection is held to from now on; `None` when `input` is too short to tell.
    pub(super) fn decide(&self, input: &[u8]) -> Result<Option<State>, FrameFault> {
        let mut may_be_probe = false;
        for (beginning, probe) in PROBES {
            if input.starts_with(beginning) {
                return Err(FrameFault::Probe(probe));
            }
            may_be_probe |= beginning.starts_with(input);
        }
        if may_be_probe {
            return Ok(None);
        }
        let framing = self.fixed().or_else(|| detect(input));
        Ok(framing.map(|framing| self.held_to(framing)))
    }

    /// What it is held to, now that it has ended without telling.
    pub(super) fn at_end(&self) -> State {
        self.held_to(self.fixed().unwrap_or(Framing::Newline))
    }

    fn held_to(&self, framing: Framing) -> State {
        State::held_to(framing, self.settings.frame_bytes_max)
    }
}

/// Octet counting when `input` begins with one to eight digits, the first not 0, and a space; otherwise newline. `None`
/// when it ends before that is known.
fn detect(input: &[u8]) -> Option<Framing> {
    let digits = input.iter().take(DIGITS_MAX).take_while(|octet| octet.is_ascii_digit()).count();
    if digits == 0 || input[0] == b'0' {
        return Some(Framing::Newline);
    }
    match input.get(digits) {
        None => None,
        Some(b' ') => Some(Framing::OctetCounting),
        Some(_) => Some(Framing::Newline),
    }
}
