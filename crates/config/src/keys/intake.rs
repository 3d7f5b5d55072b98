//! `[listener.NAME]`: where records come from.

use super::Fallback::{Absent, Required, Value};
use super::{DAY, KIB, Key, Kind, MIB, MINUTE, SECOND, Section};
use crate::choices::{Ack, ClientAuth, Durability, Framing, Protocol, TlsVersion};

pub(super) const LISTENER: Section = Section {
    name: "listener",
    named: true,
    selector: Some("protocol"),
    meaning: "Where records come from. One section per listener; its name is a label in metrics and records. A file that \
              names any listener or sink replaces all default ones.",
    keys: KEYS,
};

const STREAMS: &[&str] = &["tcp", "tls", "unix"];
const TCP_AND_TLS: &[&str] = &["tcp", "tls"];

const KEYS: &[Key] = &[
    Key {
        name: "address",
        kind: Kind::Address { off: false },
        default: Required { example: "\"0.0.0.0:6514\"" },
        only: &[],
        meaning: "Where to listen: \"host:port\", \"[v6]:port\", \"unix:/path/socket\", or \"systemd:NAME\" for a socket that systemd hands over.",
        worst: "Every machine that reaches the address can send records.",
    },
    Key {
        name: "protocol",
        kind: Kind::Choice(&Protocol::CHOICES),
        default: Value("\"tcp\""),
        only: &[],
        meaning: "How the octets arrive.",
        worst: "A protocol that the senders do not speak: their octets are kept as class \"other\" or refused as probes.",
    },
    Key {
        name: "framing",
        kind: Kind::Choice(&Framing::CHOICES),
        default: Value("\"detect\""),
        only: STREAMS,
        meaning: "How frames are found in the stream.",
        worst: "The wrong one: a whole connection becomes one record, or ends at its first octet.",
    },
    Key {
        name: "frame_bytes_max",
        kind: Kind::Size { min: 480, max: 16 * MIB },
        default: Value("\"256KiB\""),
        only: &[],
        meaning: "The longest frame; of a longer one the prefix of this length is kept and marked truncated. At least the 480 octets that RFC 5424 §6.1 asks for.",
        worst: "Each connection with an unfinished frame holds up to this much of `limits.memory`.",
    },
    Key {
        name: "connections_max",
        kind: Kind::Integer { min: 1, max: 1_000_000 },
        default: Value("20000"),
        only: STREAMS,
        meaning: "How many connections are open at once; one more is refused, none is closed for it.",
        worst: "About 4 KiB each when idle, 12 KiB with TLS, and a file descriptor; beside `limits.memory`.",
    },
    Key {
        name: "connections_per_source_max",
        kind: Kind::Integer { min: 1, max: 1_000_000 },
        default: Absent { so: "no limit below connections_max", example: "500" },
        only: TCP_AND_TLS,
        meaning: "How many connections one source address has open at once.",
        worst: "Too low: senders behind one address translation are refused. Too high: one host takes every place.",
    },
    Key {
        name: "idle_timeout",
        kind: Kind::Duration { min: SECOND, max: 30 * DAY, off: true },
        default: Value("\"off\""),
        only: STREAMS,
        meaning: "A connection without octets for this long is closed. Cloud Foundry keeps quiet connections for 20 minutes and more.",
        worst: "Off: connections that nobody uses stay until keepalive finds them dead. Too short: what the sender had on its way is lost.",
    },
    Key {
        name: "frame_timeout",
        kind: Kind::Duration { min: SECOND, max: DAY, off: false },
        default: Value("\"30s\""),
        only: STREAMS,
        meaning: "How long a frame may take from its first octet to its last, counted while it is being read.",
        worst: "A slow sender holds its unfinished frame in memory for this long.",
    },
    Key {
        name: "handshake_timeout",
        kind: Kind::Duration { min: 100, max: 10 * MINUTE, off: false },
        default: Value("\"10s\""),
        only: &["tls"],
        meaning: "How long a TLS handshake may take.",
        worst: "A client that never finishes holds about 64 KiB for this long.",
    },
    Key {
        name: "keepalive",
        kind: Kind::table(KEEPALIVE),
        default: Value("{}"),
        only: TCP_AND_TLS,
        meaning: "TCP keepalive, which finds senders that vanished.",
        worst: "A dead connection holds its place for idle + interval × probes: two minutes.",
    },
    Key {
        name: "user_timeout",
        kind: Kind::Duration { min: SECOND, max: DAY, off: true },
        default: Value("\"120s\""),
        only: TCP_AND_TLS,
        meaning: "TCP_USER_TIMEOUT: how long the kernel waits for an answer before it gives a connection up; \"off\" leaves it to the kernel.",
        worst: "A dead connection that owes us an answer holds its place for this long.",
    },
    Key {
        name: "receive_buffer",
        kind: Kind::Size { min: 4 * KIB, max: super::GIB },
        default: Absent { so: "128KiB for streams, 32MiB for udp and unix-datagram", example: "\"32MiB\"" },
        only: &[],
        meaning: "The receive buffer asked of the kernel (SO_RCVBUFFORCE where allowed, else SO_RCVBUF); what it gives is logged.",
        worst: "Kernel memory, twice this much for each connection or receiver, beside `limits.memory`.",
    },
    Key {
        name: "dual_stack",
        kind: Kind::Bool,
        default: Value("true"),
        only: &["tcp", "tls", "udp"],
        meaning: "Whether \"[::]\" takes IPv4 as well.",
        worst: "True: the port is taken on IPv4 too.",
    },
    Key {
        name: "receivers",
        kind: Kind::Integer { min: 1, max: 64 },
        default: Value("1"),
        only: &["udp"],
        meaning: "How many sockets share the address (SO_REUSEPORT); senders are spread over them.",
        worst: "A `receive_buffer` and a task each.",
    },
    Key {
        name: "socket_mode",
        kind: Kind::Mode { max: 0o777 },
        default: Value("\"0660\""),
        only: &["unix", "unix-datagram"],
        meaning: "Permissions of the socket file, in octal.",
        worst: "Whoever may write to it can send records.",
    },
    Key {
        name: "tls",
        kind: Kind::table(TLS),
        default: Absent {
            so: "required with protocol = \"tls\"",
            example: "{ certificate = \"server.pem\", key = \"server.key\" }",
        },
        only: &["tls"],
        meaning: "Certificates and who may connect.",
        worst: "Without `client_ca`, whoever reaches the port can send records.",
    },
    Key {
        name: "proxy_protocol",
        kind: Kind::Later,
        default: Absent { so: "connections begin with records", example: "{ trusted = [\"10.0.0.0/8\"] }" },
        only: &[],
        meaning: "The PROXY header of a load balancer, which tells the true peer.",
        worst: "Records name the load balancer as their peer.",
    },
    Key {
        name: "durability",
        kind: Kind::Choice(&Durability::CHOICES),
        default: Value("\"memory\""),
        only: &[],
        meaning: "How safe a record is before it counts as accepted.",
        worst: "A crash loses what is in memory: at most `limits.memory`.",
    },
    Key {
        name: "ack",
        kind: Kind::Choice(&Ack::CHOICES),
        default: Value("\"journal\""),
        only: &[],
        meaning: "What an acknowledgement waits for; TCP, TLS, UDP and unix sockets have none.",
        worst: "What is acknowledged is as safe as `durability` makes it.",
    },
];

const KEEPALIVE: &[Key] = &[
    Key {
        name: "idle",
        kind: Kind::Duration { min: SECOND, max: 32_767 * SECOND, off: false },
        default: Value("\"60s\""),
        only: &[],
        meaning: "Quiet time before the first probe (TCP_KEEPIDLE), in whole seconds.",
        worst: "Adds to the time that a dead connection holds its place.",
    },
    Key {
        name: "interval",
        kind: Kind::Duration { min: SECOND, max: 32_767 * SECOND, off: false },
        default: Value("\"10s\""),
        only: &[],
        meaning: "Time between probes (TCP_KEEPINTVL), in whole seconds.",
        worst: "Times `probes`, adds to the time that a dead connection holds its place.",
    },
    Key {
        name: "probes",
        kind: Kind::Integer { min: 1, max: 127 },
        default: Value("6"),
        only: &[],
        meaning: "Probes without an answer before the connection is dead (TCP_KEEPCNT).",
        worst: "Too few: a short outage of the network ends connections.",
    },
];

const TLS: &[Key] = &[
    Key {
        name: "certificate",
        kind: Kind::Path,
        default: Required { example: "\"server.pem\"" },
        only: &[],
        meaning: "PEM file with the certificate and the chain below its root, the certificate first.",
        worst: "Expired or unknown to the senders: none of them connects.",
    },
    Key {
        name: "key",
        kind: Kind::Path,
        default: Required { example: "\"server.key\"" },
        only: &[],
        meaning: "PEM file with the private key, not encrypted, and readable by this user alone.",
        worst: "Whoever reads it can pose as this receiver.",
    },
    Key {
        name: "client_ca",
        kind: Kind::Path,
        default: Absent { so: "clients need no certificate", example: "\"clients.pem\"" },
        only: &[],
        meaning: "PEM file with the authorities that sign the clients' certificates.",
        worst: "Every certificate that one of them signed may connect, unless `client_names` says which.",
    },
    Key {
        name: "client_names",
        kind: Kind::List { of: &Kind::HostPattern, min: 0 },
        default: Value("[]"),
        only: &[],
        meaning: "Names of which a client's certificate must have one; \"*.\" in front stands for one label. Empty: any name.",
        worst: "Empty: see `client_ca`.",
    },
    Key {
        name: "client_auth",
        kind: Kind::Choice(&ClientAuth::CHOICES),
        default: Absent { so: "\"required\" with client_ca, else \"none\"", example: "\"required\"" },
        only: &[],
        meaning: "Whether clients show a certificate.",
        worst: "\"none\" and \"optional\": whoever reaches the port can send records.",
    },
    Key {
        name: "min_version",
        kind: Kind::Choice(&TlsVersion::CHOICES),
        default: Value("\"1.2\""),
        only: &[],
        meaning: "The oldest version of TLS that is spoken.",
        worst: "\"1.3\": senders that speak only TLS 1.2 cannot connect.",
    },
];
