//! What the bench asks a Kafka broker, as octets: <https://kafka.apache.org/protocol>.
//!
//! Three requests, in versions whose strings and arrays have plain lengths.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a broker may take for an answer, in milliseconds.
const PATIENCE_MILLIS: u32 = 10_000;

/// A connection to a broker.
#[derive(Debug)]
pub(crate) struct Connection(TcpStream);

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub(crate) fn to(broker: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(broker)?;
        stream.set_read_timeout(Some(Duration::from_millis(u64::from(PATIENCE_MILLIS) * 2)))?;
        Ok(Self(stream))
    }

    /// Creates a topic with `partitions` partitions (CreateTopics, version 2).
    ///
    /// # Errors
    /// When the broker refuses, or as a connection fails.
    pub(crate) fn create_topic(&self, name: &str, partitions: u32) -> io::Result<()> {
        // One topic: name, partitions, one replica, nothing assigned by hand, no settings; not only a check.
        let body =
            Body::default().int(1).text(name).int(partitions).short(1).int(0).int(0).int(PATIENCE_MILLIS).octet(0);
        let mut answer = self.ask(19, 2, body)?;
        let (_throttled, _count) = (answer.int()?, answer.int()?);
        answer.text()?;
        answer.no_error(name)
    }

    /// Deletes a topic (DeleteTopics, version 1).
    ///
    /// # Errors
    /// As [`Self::create_topic`].
    pub(crate) fn delete_topic(&self, name: &str) -> io::Result<()> {
        let mut answer = self.ask(20, 1, Body::default().int(1).text(name).int(PATIENCE_MILLIS))?;
        let (_throttled, _count) = (answer.int()?, answer.int()?);
        answer.text()?;
        answer.no_error(name)
    }

    /// How many messages a topic with `partitions` partitions took (ListOffsets, version 2): the sum of their ends. Right as long
    /// as nothing was deleted from it and nobody wrote in transactions.
    ///
    /// # Errors
    /// As [`Self::create_topic`].
    pub(crate) fn messages(&self, name: &str, partitions: u32) -> io::Result<u64> {
        const NONE: u32 = u32::MAX;
        // As a client, of what all may read.
        let mut body = Body::default().int(NONE).octet(0).int(1).text(name).int(partitions);
        for partition in 0..partitions {
            // The timestamp -1 asks for the end.
            body = body.int(partition).int(NONE).int(NONE);
        }
        let mut answer = self.ask(2, 2, body)?;
        let (_throttled, _count) = (answer.int()?, answer.int()?);
        answer.text()?;
        let mut messages = 0;
        for _ in 0..answer.int()? {
            answer.int()?;
            answer.no_error(name)?;
            answer.take::<8>()?;
            messages += u64::from_be_bytes(answer.take()?);
        }
        Ok(messages)
    }

    /// Sends a request and returns the body of its answer.
    fn ask(&self, api: u16, version: u16, body: Body) -> io::Result<Answer> {
        let message = Body::default().short(api).short(version).int(0).text("bench").0;
        let length = (message.len() + body.0.len()) as u32;
        (&self.0).write_all(&[&length.to_be_bytes(), &message[..], &body.0[..]].concat())?;
        let mut length = [0; 4];
        (&self.0).read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        (&self.0).read_exact(&mut answer)?;
        let mut answer = Answer(io::Cursor::new(answer));
        let _number_of_the_request = answer.int()?;
        Ok(answer)
    }
}

/// The body of a request.
#[derive(Debug, Default)]
struct Body(Vec<u8>);

impl Body {
    fn octet(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    fn short(mut self, value: u16) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    fn int(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    fn text(self, value: &str) -> Self {
        let mut body = self.short(value.len() as u16);
        body.0.extend_from_slice(value.as_bytes());
        body
    }
}

/// The body of an answer, read from its front.
#[derive(Debug)]
struct Answer(io::Cursor<Vec<u8>>);

impl Answer {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut octets = [0; N];
        self.0.read_exact(&mut octets)?;
        Ok(octets)
    }

    fn int(&mut self) -> io::Result<u32> {
        self.take().map(u32::from_be_bytes)
    }

    /// Skips a string.
    fn text(&mut self) -> io::Result<()> {
        let length = u16::from_be_bytes(self.take()?);
        self.0.set_position(self.0.position() + u64::from(length));
        Ok(())
    }

    /// Reads an error code, which stands for an error unless it is 0.
    fn no_error(&mut self, topic: &str) -> io::Result<()> {
        match u16::from_be_bytes(self.take()?) {
            0 => Ok(()),
            code => Err(io::Error::other(format!("Kafka's error {code} for the topic {topic}"))),
        }
    }
}
