//! `slipway serve`: what is opened, in which order, and closed again.

use std::path::Path;

use slipway_graph::seed::{DEMO_CLIENT, DEMO_CLIENT_SECRET, DEMO_TENANT};
use slipway_graph::{Hosts, Server};
use slipway_identity::{Clock, Ids, Secret};
use slipway_store::Store;
use tokio::runtime::Builder;

use crate::config::{Mode, ModeChoice, PublicUrl, Settings};
use crate::failure::Failure;
use crate::lifecycle::Signals;
use crate::readiness::{self, Ready, reachable};
use crate::tls::{self, Authority};
use crate::wire::{self, Wire};
use crate::{data, descriptors, seeding, telemetry};

/// Serves until a signal asks to stop.
///
/// # Errors
/// [`Failure::Runtime`] that says what could not be opened or closed.
pub fn serve(settings: &Settings) -> Result<(), Failure> {
    telemetry::start(settings.log_format, &settings.log_level)?;
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
    let name = signals.next().await;
    tracing::info!("{name}: requests in flight are finished, then the server stops");
    signals.unless_repeated(running.stop()).await;
    Ok(())
}

/// What is open while the server runs.
struct Running {
    wire: Wire,
    store: Store,
}

impl Running {
    /// Ends the requests in flight, and then the storage, so that what they wrote is in it.
    async fn stop(self) {
        self.wire.close().await;
        self.store.close().await;
    }
}

/// Opens the storage; keys and certificates lie in its folder, so that a temporary one takes them with it.
async fn open(settings: &Settings) -> Result<Store, Failure> {
    let opened = if settings.in_memory {
        Store::open_temporary().await
    } else {
        data::prepare(&settings.data)?;
        Store::open(&settings.data).await
    };
    opened.map_err(|error| Failure::at("storage", error))
}

async fn start(settings: &Settings) -> Result<Running, Failure> {
    tell_mode(settings);
    let places = descriptors::connections(settings.max_connections);
    let listeners = wire::bind(&settings.listen).await?;
    let first = listeners.first().and_then(|listener| listener.local_addr().ok()).map(reachable);
    let address = first.ok_or_else(|| Failure::Runtime("no address to listen on".to_owned()))?;

    // The storage first: its lock tells a second server on the same folder before that touches anything, the ready
    // file of the first one too.
    let store = open(settings).await?;
    if let Some(file) = &settings.ready_file {
        readiness::retract(file)?;
    }
    seeding::refuse_demo_in_service(settings, &store).await?;
    let folder = store.folder().unwrap_or(&settings.data).to_owned();
    let (clock, ids) = (Clock::System, Ids::System);
    let (names, now) = (tls::names(&settings.tls_name), clock.now());
    // Making the first key takes longer than everything else together.
    let keys = tokio::spawn({
        let store = store.clone();
        async move { slipway_graph::load_or_make(&store, now).await }
    });
    let control_secret = control_secret(&folder, &ids)?;
    let authority = Authority::open(&folder, &names, now)?;
    let tls = tls::server_config(&authority, &names, now)?;
    seeding::fill(settings, &store, &ids, now).await?;
    let keys = keys.await.map_err(|error| Failure::at("signing keys", error))?;
    let keys = keys.map_err(|error| Failure::Runtime(error.to_string()))?;

    let demo = seeding::has_demo(&store).await?;
    let graph = slipway_graph::Settings {
        legacy_permissions: settings.legacy_permissions,
        legacy_refusal: settings.legacy_refusal,
        hosts: Hosts {
            public_url: settings.public_url.as_ref().map(PublicUrl::to_string),
            names: settings.tls_name.iter().map(ToString::to_string).collect(),
        },
        control_secret: control_secret.clone(),
        ca_certificate: authority.certificate().to_owned(),
    };
    let server = Server::new(graph, store.clone(), keys, clock, ids);
    let wire = Wire::open(listeners, &server, tls, places);
    let ready = Ready {
        url: format!("https://{address}"),
        http_url: format!("http://{address}"),
        ca_file: &folder.join(tls::CERTIFICATE_FILE),
        tenant_id: demo.then_some(DEMO_TENANT),
        client_id: demo.then_some(DEMO_CLIENT),
        client_secret: demo.then_some(DEMO_CLIENT_SECRET),
        control_secret: control_secret.expose(),
    };
    readiness::announce(&ready, settings.ready_file.as_deref())?;
    Ok(Running { wire, store })
}

/// Tells who can reach the server, and what that means.
fn tell_mode(settings: &Settings) {
    for listen in settings.public_listeners() {
        let address = listen.0;
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
    let path = folder.join("control.secret");
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
