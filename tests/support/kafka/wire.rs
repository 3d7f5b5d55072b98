//! Requests of the Kafka protocol, as octets: <https://kafka.apache.org/protocol>.
//!
//! Only what the tests ask for. Most versions used here are older than the flexible ones, so that strings and arrays have plain
//! lengths.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a broker may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The body of a request.
#[derive(Debug, Default)]
pub(super) struct Request(Vec<u8>);

/// The body of an answer, read from its front.
#[derive(Debug)]
pub(super) struct Answer(io::Cursor<Vec<u8>>);

/// The header that surrounds a body: flexible requests and answers have tagged fields at the end of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Plain,
    Flexible,
}

impl Request {
    pub(super) fn octet(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub(super) fn short(mut self, value: i16) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(super) fn int(mut self, value: i32) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(super) fn long(mut self, value: i64) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    pub(super) fn text(self, value: &str) -> Self {
        let mut request = self.short(i16::try_from(value.len()).expect("names are short"));
        request.0.extend_from_slice(value.as_bytes());
        request
    }

    /// A string of a flexible version. All of ours are shorter than 127 octets, whose length plus one is one octet.
    pub(super) fn compact_text(self, value: &str) -> Self {
        let mut request = self.compact_length(value.len());
        request.0.extend_from_slice(value.as_bytes());
        request
    }

    /// The length of an array or string of a flexible version.
    pub(super) fn compact_length(self, length: usize) -> Self {
        assert!(length < 127, "longer than one octet says");
        self.octet(length as u8 + 1)
    }

    pub(super) fn array<T>(self, items: &[T], add: impl Fn(Self, &T) -> Self) -> Self {
        items.iter().fold(self.int(items.len() as i32), add)
    }

    /// Sends it as version `version` of the request `api` over a connection of its own, and returns the answer.
    pub(super) fn ask(self, broker: SocketAddr, api: i16, version: i16, header: Header) -> io::Result<Answer> {
        let mut message = Self::default().short(api).short(version).int(1).text("tests").0;
        if header == Header::Flexible {
            message.push(0);
        }
        message.extend_from_slice(&self.0);
        let mut stream = TcpStream::connect_timeout(&broker, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&[&(message.len() as u32).to_be_bytes(), &message[..]].concat())?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut answer)?;
        // The number that we gave the request, and the tagged fields, of which there are none.
        let skipped = if header == Header::Flexible { 5 } else { 4 };
        let mut answer = io::Cursor::new(answer);
        answer.set_position(skipped);
        Ok(Answer(answer))
    }
}

impl Answer {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut octets = [0; N];
        self.0.read_exact(&mut octets).expect("a broker's answer is whole");
        octets
    }

    pub(super) fn octet(&mut self) -> u8 {
        self.take::<1>()[0]
    }

    pub(super) fn short(&mut self) -> i16 {
        i16::from_be_bytes(self.take())
    }

    pub(super) fn int(&mut self) -> i32 {
        i32::from_be_bytes(self.take())
    }

    pub(super) fn long(&mut self) -> i64 {
        i64::from_be_bytes(self.take())
    }

    /// A string; null reads as empty.
    pub(super) fn text(&mut self) -> String {
        let length = self.short().max(0);
        self.octets(length as usize)
    }

    /// A string of a flexible version; null reads as empty.
    pub(super) fn compact_text(&mut self) -> String {
        let length = usize::from(self.octet());
        self.octets(length.saturating_sub(1))
    }

    /// An array; null reads as empty.
    pub(super) fn array<T>(&mut self, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.int().max(0)).map(|_| item(self)).collect()
    }

    fn octets(&mut self, length: usize) -> String {
        let mut octets = vec![0; length];
        self.0.read_exact(&mut octets).expect("a broker's answer is whole");
        String::from_utf8(octets).expect("Kafka's strings are UTF-8")
    }
}
