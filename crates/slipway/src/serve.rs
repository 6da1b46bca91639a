//! `slipway serve`: what is opened, in which order, and closed again.

use std::net::SocketAddr;
use std::path::{self, Path, PathBuf};

use slipway_graph::{Hosts, Keys, RowLimits, Server};
use slipway_identity::{Clock, Ids, Secret};
use slipway_store::Store;
use tokio::runtime::Builder;

use crate::config::{DatabaseAddress, Mode, ModeChoice, PublicUrl, Settings};
use crate::failure::Failure;
use crate::lifecycle::Signals;
use crate::readiness::{self, Ready, reachable};
use crate::tls::{self, Authority};
use crate::wire::{self, Proxy, Wire};
use crate::{data, descriptors, seeding, storage, telemetry, ways_out};

/// The bearer secret of the control API in the data folder.
pub const CONTROL_SECRET_FILE: &str = "control.secret";

/// Serves until a signal asks to stop.
///
/// # Errors
/// [`Failure::Runtime`] that says what could not be opened or closed.
pub fn serve(settings: &Settings) -> Result<(), Failure> {
    telemetry::start(settings.log_format, &settings.log_level)?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::at("runtime", error))?.block_on(run(settings))
}

async fn run(settings: &Settings) -> Result<(), Failure> {
    let mut signals = Signals::catch()?;
    let running = tokio::select! {
        started = start(settings) => started?,
        name = signals.next() => {
            tracing::info!("{name} before the server was ready");
            return Ok(());
        }
    };
    readiness::announce(&running.ready, settings.ready_file.as_deref())?;
    let name = signals.next().await;
    tracing::info!("{name}: requests in flight are finished, then the server stops");
    signals.unless_repeated(running.stop()).await;
    Ok(())
}

/// What is open while the server runs.
pub struct Running {
    wire: Wire,
    store: Store,
    /// What a program needs to use it.
    pub ready: Ready,
}

impl Running {
    /// Ends the requests in flight, and then the storage, so that what they wrote is in it.
    pub async fn stop(self) {
        self.wire.close().await;
        self.store.close().await;
    }
}

/// The folder of what is this server's own, absolute: that of the storage, so that a temporary one takes it along.
fn own_folder(settings: &Settings, store: &Store) -> Result<PathBuf, Failure> {
    let folder = store.folder().unwrap_or(&settings.data);
    if store.folder().is_none() {
        data::prepare(folder)?;
    }
    path::absolute(folder).map_err(|error| Failure::at(folder.display(), error))
}

/// The files in the folder that are a server's own, as far as they are there: a backup takes them along.
pub fn own_files(folder: &Path) -> Vec<PathBuf> {
    let names = [tls::CERTIFICATE_FILE, tls::KEY_FILE, CONTROL_SECRET_FILE, data::IGNORE_FILE];
    names.map(|name| folder.join(name)).into_iter().filter(|file| file.exists()).collect()
}

/// Opens everything, without telling anybody.
///
/// # Errors
/// [`Failure`] that says what could not be opened.
pub async fn start(settings: &Settings) -> Result<Running, Failure> {
    tell_mode(settings);
    let sealing = settings.key_file.as_deref().map(storage::sealing_key).transpose()?;
    let places = descriptors::connections(settings.max_connections);
    let listeners = wire::bind(&settings.listen).await?;
    let addresses: Vec<_> = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
    let first = addresses.first().copied().map(reachable);
    let address = first.ok_or_else(|| Failure::Runtime("no address to listen on".to_owned()))?;
    let outbound = ways_out::of_server(settings, &addresses)?;

    // The storage first: its lock tells a second server on the same folder before that touches anything, the ready
    // file of the first one too.
    let store = storage::open(settings).await?;
    if let Some(file) = &settings.ready_file {
        readiness::retract(file)?;
    }
    let folder = own_folder(settings, &store)?;
    // Servers that start at once on one database come here one after the other: the first one makes the keys and
    // the seed's rows, the others find them. They may share the folder too.
    let turn = store.setup_lock().await.map_err(|error| Failure::at("storage", error))?;
    seeding::refuse_demo_in_service(settings, &store).await?;
    let (clock, ids) = (Clock::System, Ids::System);
    let (names, now) = (tls::names(&settings.tls_name), clock.now());
    // Making the first key takes longer than everything else together.
    let keys = tokio::spawn({
        let (store, ids) = (store.clone(), ids.clone());
        async move { Keys::open(&store, sealing, &ids, now).await }
    });
    let control_secret = control_secret(&folder, &ids)?;
    let intercepted = settings.intercepted();
    let authority = Authority::open(&folder, &tls::vouched(&names, &intercepted), now)?;
    let tls = tls::server_config(&authority, &names, &intercepted, now)?;
    // Before the seed, which goes by the terms that its users have.
    let found = store.add_missing_terms(slipway_graph::search_tokens).await;
    found.map_err(|error| Failure::at("storage", error))?;
    let client = seeding::fill(settings, &store, &ids, now).await?;
    let keys = keys.await.map_err(|error| Failure::at("signing keys", error))?;
    let keys = keys.map_err(|error| Failure::Runtime(error.to_string()))?;

    drop(turn);

    let hosts = Hosts {
        public_url: settings.public_url.as_ref().map(PublicUrl::to_string),
        names: settings.tls_name.iter().map(ToString::to_string).collect(),
        intercepted,
    };
    let graph = slipway_graph::Settings {
        mode: match settings.mode() {
            Mode::Lab => slipway_graph::Mode::Lab,
            Mode::Service => slipway_graph::Mode::Service,
        },
        legacy_permissions: settings.legacy_permissions,
        legacy_refusal: settings.legacy_refusal,
        row_limits: RowLimits { examined: settings.rows_examined, counted: settings.rows_counted },
        hosts: hosts.clone(),
        control_secret: control_secret.clone(),
        ca_certificate: authority.certificate().to_owned(),
        trusted_issuers: settings.trust_issuer.iter().map(|issuer| issuer.0.clone()).collect(),
        outbound,
        own_files: own_files(&folder),
    };
    let server = Server::new(graph, store.clone(), keys, clock, ids);
    let ports = addresses.iter().map(SocketAddr::port).collect();
    let proxy = Proxy::new(hosts, ports, ways_out::of_clients(settings, &addresses));
    let wire = Wire::open(listeners, server, tls, proxy, places);
    let ready = Ready {
        url: format!("https://{address}"),
        http_url: format!("http://{address}"),
        ca_file: folder.join(tls::CERTIFICATE_FILE),
        tenant_id: client.as_ref().map(|client| client.tenant_id.clone()),
        client_id: client.as_ref().map(|client| client.client_id.clone()),
        client_secret: client.map(|client| client.secret.expose().to_owned()),
        control_secret: control_secret.expose().to_owned(),
    };
    Ok(Running { wire, store, ready })
}

/// Tells who can reach the server and its records, and what that means.
fn tell_mode(settings: &Settings) {
    if let Some(DatabaseAddress(database)) = &settings.database {
        let database = database.name();
        match (settings.mode(), settings.mode) {
            (Mode::Lab, _) => tracing::warn!(
                %database,
                "mode lab on a database: if it is empty, all who share it get users and secrets that everybody knows"
            ),
            (Mode::Service, ModeChoice::Auto) => {
                tracing::info!(%database, "mode service, because a database is given");
            }
            (Mode::Service, _) => tracing::info!(%database, "mode service"),
        }
        if settings.key_file.is_none() {
            tracing::warn!("without a key file, who reads the database can sign tokens");
        }
    }
    for listen in settings.public_listeners() {
        let address = listen.0;
        if settings.pass_through {
            tracing::warn!(%address, "pass-through: who reaches this address reaches the Internet through it");
        }
        match (settings.mode(), settings.mode) {
            (Mode::Lab, _) => {
                tracing::warn!(%address, "mode lab on an address that other machines reach: they can do everything");
            }
            (Mode::Service, ModeChoice::Auto) => {
                tracing::warn!(%address, "mode service, because other machines reach this address");
            }
            (Mode::Service, _) => tracing::warn!(%address, "other machines reach this address"),
        }
    }
}

/// The bearer secret of the control API: made once, kept in the folder.
fn control_secret(folder: &Path, ids: &Ids) -> Result<Secret, Failure> {
    let path = folder.join(CONTROL_SECRET_FILE);
    let failed = |error: std::io::Error| Failure::at(path.display(), error);
    if let Some(kept) = data::read(&path).map_err(failed)? {
        return match kept.trim() {
            "" => Err(Failure::at(path.display(), "is empty; remove it to make a new secret")),
            secret => Ok(secret.into()),
        };
    }
    let secret = ids.secret();
    data::write(&path, format!("{}\n", secret.expose()).as_bytes(), data::PRIVATE).map_err(failed)?;
    Ok(secret)
}
