//! From the configuration, as written, to the settings that each room wants.

use std::net::{SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use config::Address;
use listener::{
    ActivatedSocket, Keepalive, NamePattern, Protocol, Rejoin, Socket, SocketOptions, TlsSettings, UnixPath,
};
use redact::{Detector, Redactor};
use select::{Condition, DropList, Filter};
use tracing::level_filters::LevelFilter;

use crate::exit::{Exit, Failure};
use crate::logging::Format;

/// How our own log is written.
pub(crate) fn log(log: &config::Log) -> (Format, LevelFilter) {
    let format = match log.format {
        config::LogFormat::Text => Format::Text,
        config::LogFormat::Json => Format::Json,
    };
    let level = match log.level {
        config::LogLevel::Error => LevelFilter::ERROR,
        config::LogLevel::Warn => LevelFilter::WARN,
        config::LogLevel::Info => LevelFilter::INFO,
        config::LogLevel::Debug => LevelFilter::DEBUG,
        config::LogLevel::Trace => LevelFilter::TRACE,
    };
    (format, level)
}

/// What a listener is told. Takes its socket out of `activated` if it was opened by systemd.
pub(crate) fn listener(
    listener: &config::Listener,
    activated: &mut Vec<ActivatedSocket>,
) -> Result<listener::Settings, Failure> {
    let mut settings = listener::Settings::new(&listener.name, protocol(listener, activated)?);
    settings.framing = framing::Settings {
        framing: match listener.framing {
            config::Framing::Detect => framing::Framing::Detect,
            config::Framing::OctetCounting => framing::Framing::OctetCounting,
            config::Framing::Newline => framing::Framing::Newline,
            config::Framing::Nul => framing::Framing::Nul,
        },
        // The configuration has checked that it is at most 16 MiB.
        frame_bytes_max: u32::try_from(listener.frame_bytes_max).unwrap_or(framing::FRAME_BYTES_HARD_MAX),
    };
    settings.rejoin = listener.rejoin.as_ref().map(|rejoin| Rejoin {
        time_max: rejoin.time_max,
        // The configuration has checked that it is at most 16 MiB.
        bytes_max: usize::try_from(rejoin.bytes_max).unwrap_or(usize::MAX),
    });
    settings.frame_time_max = listener.frame_timeout;
    settings.idle_time_max = listener.idle_timeout;
    settings.handshake_time_max = listener.handshake_timeout;
    settings.connections_max = listener.connections_max as usize;
    settings.connections_per_source_max = listener.connections_per_source_max.map_or(usize::MAX, |max| max as usize);
    let config::Keepalive { idle, interval, probes } = listener.keepalive;
    settings.socket = SocketOptions {
        receive_buffer_bytes: usize::try_from(listener.receive_buffer).ok().filter(|bytes| *bytes > 0),
        keepalive: Keepalive { idle, interval, probes },
        user_timeout: listener.user_timeout,
        dual_stack: listener.dual_stack,
    };
    Ok(settings)
}

fn protocol(listener: &config::Listener, activated: &mut Vec<ActivatedSocket>) -> Result<Protocol, Failure> {
    Ok(match listener.protocol {
        config::Protocol::Tcp => Protocol::Tcp(internet_socket(listener, activated)?),
        config::Protocol::Tls => Protocol::Tls(internet_socket(listener, activated)?, tls(listener)?),
        config::Protocol::Udp => Protocol::Udp {
            socket: internet_socket(listener, activated)?,
            receivers: NonZeroUsize::new(listener.receivers as usize).unwrap_or(NonZeroUsize::MIN),
        },
        config::Protocol::Unix => Protocol::UnixStream(unix_socket(listener, activated)?),
        config::Protocol::UnixDatagram => Protocol::UnixDatagram(unix_socket(listener, activated)?),
    })
}

fn internet_socket(
    listener: &config::Listener,
    activated: &mut Vec<ActivatedSocket>,
) -> Result<Socket<SocketAddr>, Failure> {
    match &listener.address {
        Address::Ip(address) => Ok(Socket::Bind(*address)),
        Address::Host { name, port } => Ok(Socket::Bind(resolve(&listener.name, name, *port)?)),
        Address::Systemd(name) => take_activated(&listener.name, name, activated),
        Address::Unix(path) => Err(misfit(&listener.name, &path.display())),
    }
}

fn unix_socket(listener: &config::Listener, activated: &mut Vec<ActivatedSocket>) -> Result<Socket<UnixPath>, Failure> {
    match &listener.address {
        Address::Unix(path) => Ok(Socket::Bind(UnixPath { path: path.clone(), mode: listener.socket_mode })),
        Address::Systemd(name) => take_activated(&listener.name, name, activated),
        Address::Ip(address) => Err(misfit(&listener.name, address)),
        Address::Host { name, .. } => Err(misfit(&listener.name, name)),
    }
}

/// The configuration's own checks come before this, so it is never seen.
fn misfit(listener: &str, address: &dyn std::fmt::Display) -> Failure {
    let cause = anyhow!("listener.{listener}.address: {address} does not fit the protocol");
    Failure::new(Exit::Configuration, cause)
}

fn resolve(listener: &str, name: &str, port: u16) -> Result<SocketAddr, Failure> {
    let cannot = || format!("listener.{listener}.address: cannot resolve {name:?}; give an IP address instead");
    let found = (name, port).to_socket_addrs().with_context(cannot).map(|mut addresses| addresses.next());
    match found {
        Ok(Some(address)) => Ok(address),
        Ok(None) => Err(Failure::new(Exit::Unavailable, anyhow!(cannot()))),
        Err(cause) => Err(Failure::new(Exit::Unavailable, cause)),
    }
}

fn take_activated<A>(listener: &str, name: &str, activated: &mut Vec<ActivatedSocket>) -> Result<Socket<A>, Failure> {
    match activated.iter().position(|socket| socket.name == name) {
        Some(index) => Ok(Socket::Activated(activated.swap_remove(index).socket)),
        None => {
            let cause = anyhow!(
                "listener.{listener}.address: systemd handed over no socket called {name:?}; \
                 check FileDescriptorName= and Service= in the socket unit"
            );
            Err(Failure::new(Exit::Unavailable, cause))
        }
    }
}

/// Which records of its classes a sink takes. The configuration's checks come before this, so a wrong condition is never seen.
pub(crate) fn filter(sink: &config::Sink) -> Result<Filter, Failure> {
    let condition = sink.condition.as_deref().map(Condition::parse).transpose();
    let condition = condition.with_context(|| sink.key("where"));
    let condition = condition.map_err(|cause| Failure::new(Exit::Configuration, cause))?;
    Ok(Filter::new(condition, sink.drop.iter().filter_map(|list| DropList::named(list.word()))))
}

/// What replaces secrets, if there is something to look for. The key's length was checked.
pub(crate) fn redactor(redaction: &config::Redaction) -> Result<Option<Redactor>, Failure> {
    let Some(key) = redaction.key.as_ref().filter(|_| !redaction.redact.is_empty()) else { return Ok(None) };
    let detectors = redaction.redact.iter().filter_map(|detector| detector.word().parse::<Detector>().ok());
    let redactor = Redactor::new(detectors.collect(), key.reveal().as_bytes()).context("redaction.key");
    redactor.map(Some).map_err(|cause| Failure::new(Exit::Configuration, cause))
}

/// Certificates and clients of a TLS listener.
pub(crate) fn tls(listener: &config::Listener) -> Result<TlsSettings, Failure> {
    let name = &listener.name;
    let wrong = |cause: anyhow::Error| Failure::new(Exit::Configuration, cause);
    let tls = listener.tls.as_ref().ok_or_else(|| wrong(anyhow!("listener.{name}.tls is missing")))?;
    let names = tls.client_names.iter().map(|pattern| pattern.parse::<NamePattern>()).collect::<Result<Vec<_>, _>>();
    let names = names.with_context(|| format!("listener.{name}.tls.client_names")).map_err(wrong)?;
    let ca = || {
        let ca: Option<PathBuf> = tls.client_ca.clone();
        ca.ok_or_else(|| wrong(anyhow!("listener.{name}.tls.client_ca is missing")))
    };
    let clients = match tls.client_auth {
        config::ClientAuth::None => listener::ClientAuth::None,
        config::ClientAuth::Optional => listener::ClientAuth::Optional { ca: ca()?, names },
        config::ClientAuth::Required => listener::ClientAuth::Required { ca: ca()?, names },
    };
    let only_tls13 = tls.min_version == config::TlsVersion::Tls13;
    Ok(TlsSettings { certificate: tls.certificate.clone(), key: tls.key.clone(), clients, only_tls13 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word of a key's table in the reference, such as `drop = ["health-probes"]`.
    fn words(key: &str) -> Vec<String> {
        let page = config::reference_markdown();
        let word = |line: &str| Some(line.strip_prefix(&format!("- `{key} = [\""))?.split_once('"')?.0.to_owned());
        page.lines().filter_map(word).collect()
    }

    #[test]
    fn every_drop_list_can_be_configured_and_no_other() {
        let lists = select::DROP_LISTS.iter().map(|list| list.name);
        assert!(words("drop").iter().map(String::as_str).eq(lists), "{:?}", words("drop"));
    }

    #[test]
    fn every_detector_can_be_configured_and_no_other() {
        let detectors = Detector::ALL.iter().map(|detector| detector.name());
        assert!(words("redact").iter().map(String::as_str).eq(detectors), "{:?}", words("redact"));
    }

    #[test]
    fn the_shortest_key_is_one_that_the_redactor_takes() {
        assert_eq!(config::Redaction::KEY_BYTES_MIN, redact::KEY_BYTES_MIN);
    }
}
