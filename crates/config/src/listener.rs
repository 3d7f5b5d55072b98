//! `[listener.NAME]`, checked.

use std::path::PathBuf;
use std::time::Duration;

use crate::address::Address;
use crate::choices::{Ack, ClientAuth, Durability, Framing, Protocol, TlsVersion};
use crate::values::Values;

/// A listener. Fields that do not apply to its protocol have their default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its name, `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// Where it listens; fits the protocol.
    pub address: Address,
    /// How octets arrive.
    pub protocol: Protocol,
    /// How frames are found in a stream.
    pub framing: Framing,
    /// The longest frame in bytes, 480 B to 16 MiB.
    pub frame_bytes_max: u64,
    /// How records that were cut are put together again; `None`: not at all, as always with datagrams.
    pub rejoin: Option<Rejoin>,
    /// Open connections of a stream protocol.
    pub connections_max: u32,
    /// Open connections of one source address; `None`: only `connections_max` counts.
    pub connections_per_source_max: Option<u32>,
    /// A connection without octets for this long is closed; `None`: never.
    pub idle_timeout: Option<Duration>,
    /// The time from a frame's first octet to its last.
    pub frame_timeout: Duration,
    /// The time a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// TCP keepalive.
    pub keepalive: Keepalive,
    /// `TCP_USER_TIMEOUT`; `None`: as the kernel has it.
    pub user_timeout: Option<Duration>,
    /// Bytes of receive buffer asked of the kernel, per connection or receiver.
    pub receive_buffer: u64,
    /// `[::]` takes IPv4 as well.
    pub dual_stack: bool,
    /// Sockets that share a UDP address.
    pub receivers: u32,
    /// Permissions of a unix socket.
    pub socket_mode: u32,
    /// There exactly with [`Protocol::Tls`].
    pub tls: Option<Tls>,
    /// How safe a record is before it counts as accepted.
    pub durability: Durability,
    /// What an acknowledgement waits for.
    pub ack: Ack,
}

/// How records that were cut into pieces are put together again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejoin {
    /// How long a piece waits for the next one.
    pub time_max: Duration,
    /// The longest record that is put together, in bytes.
    pub bytes_max: u64,
}

/// TCP keepalive, in whole seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keepalive {
    /// Quiet time before the first probe.
    pub idle: Duration,
    /// Time between probes.
    pub interval: Duration,
    /// Probes without an answer before the connection is dead.
    pub probes: u32,
}

/// Certificates and who may connect. The files were there, and held the right kind of PEM block, when they were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// PEM file with the certificate and its chain.
    pub certificate: PathBuf,
    /// PEM file with the private key, not encrypted.
    pub key: PathBuf,
    /// PEM file with the authorities of clients; there unless `client_auth` is `None`.
    pub client_ca: Option<PathBuf>,
    /// Host names, or `*.` and a domain; empty: any name.
    pub client_names: Vec<String>,
    /// Whether clients show a certificate.
    pub client_auth: ClientAuth,
    /// The oldest version of TLS that is spoken.
    pub min_version: TlsVersion,
}

impl Listener {
    const STREAM_RECEIVE_BUFFER: u64 = 128 << 10;
    const DATAGRAM_RECEIVE_BUFFER: u64 = 32 << 20;

    /// `None` without an address, or when its protocol is not known.
    pub(crate) fn from_values(name: &str, values: &Values) -> Option<Self> {
        if values.is_unusable {
            return None;
        }
        let protocol = values.word::<Protocol>("protocol");
        let receive_buffer =
            if protocol.is_stream() { Self::STREAM_RECEIVE_BUFFER } else { Self::DATAGRAM_RECEIVE_BUFFER };
        Some(Self {
            name: name.to_owned(),
            address: values.address_if_given("address")?,
            protocol,
            framing: values.word("framing"),
            frame_bytes_max: values.number("frame_bytes_max"),
            rejoin: (protocol.is_stream() && values.flag("rejoin")).then(|| Rejoin {
                time_max: values.duration("rejoin_time_max"),
                bytes_max: values.number("rejoin_bytes_max"),
            }),
            connections_max: values.count("connections_max"),
            connections_per_source_max: values.count_if_given("connections_per_source_max"),
            idle_timeout: values.duration_if_given("idle_timeout"),
            frame_timeout: values.duration("frame_timeout"),
            handshake_timeout: values.duration("handshake_timeout"),
            keepalive: Keepalive::from_values(values.table("keepalive")),
            user_timeout: values.duration_if_given("user_timeout"),
            receive_buffer: values.number_if_given("receive_buffer").unwrap_or(receive_buffer),
            dual_stack: values.flag("dual_stack"),
            receivers: values.count("receivers"),
            socket_mode: values.count("socket_mode"),
            tls: values.table_if_given("tls").and_then(Tls::from_values),
            durability: values.word("durability"),
            ack: values.word("ack"),
        })
    }

    /// The longest record that can come out of it, in bytes.
    #[must_use]
    pub fn record_bytes_max(&self) -> u64 {
        self.rejoin.as_ref().map_or(0, |rejoin| rejoin.bytes_max).max(self.frame_bytes_max)
    }

    /// The full key of one of its keys.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("listener.{}.{name}", self.name)
    }
}

impl Keepalive {
    fn from_values(values: &Values) -> Self {
        Self { idle: values.duration("idle"), interval: values.duration("interval"), probes: values.count("probes") }
    }
}

impl Tls {
    /// `None` without a certificate or key.
    fn from_values(values: &Values) -> Option<Self> {
        let client_ca = values.path_if_given("client_ca");
        let by_default = if client_ca.is_some() { ClientAuth::Required } else { ClientAuth::None };
        Some(Self {
            certificate: values.path_if_given("certificate")?,
            key: values.path_if_given("key")?,
            client_ca,
            client_names: values.texts("client_names"),
            client_auth: values.word_if_given("client_auth").unwrap_or(by_default),
            min_version: values.word("min_version"),
        })
    }
}
