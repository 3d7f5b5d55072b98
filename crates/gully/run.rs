//! `gully run`: from a configuration to a process that receives, delivers and stops.

use std::fs::{DirBuilder, File};
use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use anyhow::{Context, anyhow};
use config::{Address, Config};
use listener::{BindError, Listener, Running};
use pipeline::{Gauges, Pipeline, PipelineSettings};
use record::JournalId;
use rustix::process::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use telemetry::Exporter;
use tokio_util::sync::CancellationToken;

use crate::admin::{self, Status};
use crate::announce::announce;
use crate::exit::{Exit, Failure};
use crate::load::{Loaded, descriptors_for_connections, load};
use crate::signals::{Request, Signals};
use crate::sinks::{self, Publish, Sinks};
use crate::{logging, settings, stop};

/// Runs until stopped.
pub(crate) fn run(file: Option<&Path>) -> Result<Exit, Failure> {
    let Loaded { config, warnings, .. } = load(file)?;
    let (format, level) = settings::log(&config.log);
    logging::start(format, level);
    for warning in &warnings {
        let config::Problem { key, found, expected, .. } = warning;
        let colon = if key.is_empty() { "" } else { ": " };
        tracing::warn!("configuration: {key}{colon}found {found}, expected {expected}");
    }
    warn_of_root(&config);
    if !sys::return_freed_pages_at_once() {
        tracing::warn!("the allocator may hold freed memory for a while, beyond the bound that `gully check` prints");
    }
    raise_descriptor_limit();
    let exporter = Exporter::install(env!("CARGO_PKG_VERSION")).map_err(|cause| Failure::new(Exit::Software, cause))?;
    make_data_dir(&config.data_dir)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("worker").build();
    let runtime = runtime.context("cannot start threads").map_err(|cause| Failure::new(Exit::InputOutput, cause))?;
    let exit = runtime.block_on(serve(&config, file, exporter));
    // Nothing that matters runs any more; a thread inside a blocking call must not keep the process.
    runtime.shutdown_background();
    exit
}

async fn serve(config: &Config, file: Option<&Path>, exporter: Exporter) -> Result<Exit, Failure> {
    let mut signals = Signals::new().map_err(|cause| Failure::new(Exit::Software, cause))?;
    let Sinks { plans, publishers } = sinks::open(config)?;
    let redactor = settings::redactor(&config.redaction)?;
    let pipeline = Pipeline::start(pipeline_settings(config)?, redactor, plans)
        .map_err(|cause| Failure::new(Exit::InputOutput, cause))?;
    let listeners = bind_listeners(config, &pipeline)?;
    let phase = AtomicU8::new(Phase::Ready as u8);
    let endpoint = Arc::new(Endpoint { phase, exporter, gauges: pipeline.gauges(), publishers });
    if let Some(address) = &config.admin.address {
        let listener = bind_admin(address).await?;
        tokio::spawn(admin::serve(listener, Arc::clone(&endpoint)));
    }
    tokio::spawn(keep_up(endpoint.exporter.clone()));
    let listeners: Vec<_> = listeners.into_iter().map(|(name, listener)| (name, listener.start())).collect();
    announce(config, &listeners, file.is_none());
    notify(&[NotifyState::Ready]);

    let sink_died = pipeline.sink_died();
    loop {
        tokio::select! {
            request = signals.next() => match request {
                Request::Reload => reload(file, config, &pipeline, &listeners),
                Request::Stop => break,
            },
            () = sink_died.cancelled() => {
                tracing::error!("a sink's thread has died, which is a bug: stopping, since its records go nowhere");
                break;
            }
        }
    }
    endpoint.phase.store(Phase::Draining as u8, Ordering::Release);
    notify(&[NotifyState::Stopping]);
    tracing::info!("stopping: a second signal hurries");
    let hurry = CancellationToken::new();
    tokio::spawn(hurry_on_second(signals, hurry.clone()));
    let summary = stop::stop(listeners, pipeline, &config.drain, &hurry).await;
    summary.log_closed();
    if sink_died.is_cancelled() {
        tracing::error!("{summary}");
        return Ok(Exit::Software);
    }
    if summary.is_clean() {
        tracing::info!("{summary}");
        return Ok(Exit::Success);
    }
    tracing::error!("{summary}");
    Ok(Exit::TryAgain)
}

/// A stop is hurried by any further request to stop.
async fn hurry_on_second(mut signals: Signals, hurry: CancellationToken) {
    while signals.next().await != Request::Stop {}
    tracing::warn!("hurrying: what the sinks have not taken will be left behind");
    hurry.cancel();
}

/// Opens files again and loads certificates again. Other changes in the file need a restart, and are checked now.
fn reload(file: Option<&Path>, config: &Config, pipeline: &Pipeline, listeners: &[(String, Running)]) {
    pipeline.reopen();
    for (listener, running) in listeners {
        let Some(tls) = running.tls_reloader() else { continue };
        match tls.reload() {
            Ok(warnings) => warnings.iter().for_each(|warning| tracing::warn!(listener, "{warning}")),
            Err(error) => tracing::error!(listener, %error, "the certificate in use stays in use"),
        }
    }
    match load(file) {
        Ok(loaded) if loaded.config == *config => tracing::info!("reloaded: files reopened, certificates loaded"),
        Ok(_) => tracing::warn!("reloaded files and certificates; other changes in the configuration need a restart"),
        Err(failure) => tracing::error!("{:#}: what is running goes on as it was", failure.cause),
    }
}

fn pipeline_settings(config: &Config) -> Result<PipelineSettings, Failure> {
    let random = random_u64().context("cannot read /dev/urandom");
    Ok(PipelineSettings {
        journal: JournalId(random.map_err(|cause| Failure::new(Exit::InputOutput, cause))?),
        memory_bytes: config.limits.memory,
        udp_reserve_bytes: config.limits.udp_reserve,
    })
}

fn random_u64() -> io::Result<u64> {
    let mut octets = [0; 8];
    File::open("/dev/urandom")?.read_exact(&mut octets)?;
    Ok(u64::from_ne_bytes(octets))
}

fn bind_listeners(config: &Config, pipeline: &Pipeline) -> Result<Vec<(String, Listener<pipeline::Intake>)>, Failure> {
    let mut activated = listener::activated_sockets();
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let (wanted, possible) = (config.connections_max(), descriptors_for_connections(config, limit));
    let bind = |listener: &config::Listener| {
        let (intake, meter) = pipeline.intake(&listener.name);
        let mut settings = settings::listener(listener, &mut activated)?;
        if wanted > possible {
            // Each listener gives up the same share: connections must not take what files and the admin endpoint need.
            let share = u64::from(listener.connections_max) * possible / wanted;
            settings.connections_max = usize::try_from(share).unwrap_or(usize::MAX).max(1);
        }
        let bound = Listener::bind(settings, Arc::new(intake), Arc::new(meter));
        let bound = bound.map_err(|error| {
            let exit = exit_of(&error);
            Failure::new(exit, anyhow::Error::new(error).context(format!("listener.{}", listener.name)))
        })?;
        Ok((listener.name.clone(), bound))
    };
    config.listeners.iter().map(bind).collect()
}

fn exit_of(error: &BindError) -> Exit {
    match error {
        BindError::NotPermitted { .. } => Exit::Permission,
        BindError::Tls(_) => Exit::Configuration,
        BindError::NoDirectory { .. } | BindError::NotASocket(_) => Exit::CannotCreate,
        _ => Exit::Unavailable,
    }
}

async fn bind_admin(address: &Address) -> Result<tokio::net::TcpListener, Failure> {
    let failed = |cause: io::Error| {
        let exit = if cause.kind() == io::ErrorKind::PermissionDenied { Exit::Permission } else { Exit::Unavailable };
        let cause = anyhow!("admin.address: cannot bind {address}: {cause}; choose another port, or \"off\"");
        Failure::new(exit, cause)
    };
    let found: io::Result<SocketAddr> = match address {
        Address::Ip(address) => Ok(*address),
        Address::Host { name, port } => tokio::net::lookup_host((name.as_str(), *port))
            .await
            .and_then(|mut addresses| addresses.next().ok_or_else(|| io::Error::other("the name has no address"))),
        // The configuration takes neither for this key.
        Address::Unix(_) | Address::Systemd(_) => Err(io::Error::from(io::ErrorKind::Unsupported)),
    };
    admin::bind(found.map_err(failed)?).await.map_err(failed)
}

/// Descriptors for every connection: the soft limit is often 1024 for the sake of programs that use `select`.
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

fn warn_of_root(config: &Config) {
    if rustix::process::geteuid().is_root() && !config.strict {
        tracing::warn!("running as root: gully needs CAP_NET_BIND_SERVICE at most");
    }
}

fn make_data_dir(data_dir: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o750).create(data_dir);
    made.with_context(|| format!("data_dir: cannot create {}", data_dir.display()))
        .map_err(|cause| Failure::new(Exit::CannotCreate, cause))
}

/// Folds histogram samples now and then; they would pile up between scrapes.
async fn keep_up(exporter: Exporter) {
    let mut ticks = tokio::time::interval(Exporter::UPKEEP_INTERVAL);
    loop {
        ticks.tick().await;
        exporter.upkeep();
    }
}

/// Tells the service manager, if there is one.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

/// How far the process is.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Phase {
    Ready,
    Draining,
}

/// What the admin endpoint shows.
struct Endpoint {
    phase: AtomicU8,
    exporter: Exporter,
    gauges: Gauges,
    publishers: Vec<Box<dyn Publish>>,
}

impl Status for Endpoint {
    fn unready(&self) -> Option<&'static str> {
        // The endpoint is there only after the listeners are bound and the journal is open.
        (self.phase.load(Ordering::Acquire) != Phase::Ready as u8).then_some("draining")
    }

    fn metrics(&self) -> String {
        self.gauges.publish();
        self.publishers.iter().for_each(|publisher| publisher.publish());
        self.exporter.render()
    }
}
