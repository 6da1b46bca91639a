//! `slipway serve`: what is opened, in which order, and closed again.

use std::path::{Path, PathBuf};

use slipway_identity::{Clock, Ids, Secret};
use tokio::runtime::Builder;

use crate::config::{Mode, ModeChoice, Settings};
use crate::data;
use crate::failure::Failure;
use crate::lifecycle::Signals;
use crate::readiness::{self, Ready, reachable};
use crate::telemetry;
use crate::tls::{self, Authority};
use crate::wire::{self, Wire};

/// Serves until a signal asks to stop.
///
/// # Errors
/// [`Failure::Runtime`] that says what could not be opened or closed.
pub fn serve(settings: &Settings) -> Result<(), Failure> {
    telemetry::start(settings.log_format, &settings.log_level)?;
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime
        .map_err(|error| Failure::at("runtime", error))?
        .block_on(run(settings))
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
    signals.unless_repeated(running.stop()).await
}

/// What is open while the server runs.
struct Running {
    wire: Wire,
}

impl Running {
    async fn stop(self) -> Result<(), Failure> {
        self.wire.close().await;
        Ok(())
    }
}

async fn start(settings: &Settings) -> Result<Running, Failure> {
    if let Some(file) = &settings.ready_file {
        readiness::retract(file)?;
    }
    tell_mode(settings);
    let listeners = wire::bind(&settings.listen).await?;
    let folder = &settings.data;
    data::prepare(folder)?;
    let (clock, ids) = (Clock::System, Ids::System);
    let control_secret = control_secret(folder, &ids)?;
    let (names, now) = (tls::names(&settings.tls_name), clock.now());
    let authority = Authority::open(folder, &names, now)?;
    let tls = tls::server_config(&authority, &names, now)?;
    let server = Server;
    let ca_file = absolute(&folder.join("ca.crt"))?;
    let first = listeners.first().map(tokio::net::TcpListener::local_addr);
    let address = first
        .transpose()
        .map_err(|error| Failure::at("listener", error))?;
    let address = address
        .map(reachable)
        .ok_or_else(|| Failure::Runtime("no listener".to_owned()))?;
    let wire = Wire::open(listeners, &server, tls);
    let ready = Ready {
        url: format!("https://{address}"),
        http_url: format!("http://{address}"),
        ca_file: &ca_file,
        tenant_id: None,
        client_id: None,
        client_secret: None,
        control_secret: control_secret.expose(),
    };
    readiness::announce(&ready, settings.ready_file.as_deref())?;
    Ok(Running { wire })
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
            "" => Err(Failure::at(
                path.display(),
                "is empty; remove it to make a new secret",
            )),
            secret => Ok(secret.into()),
        };
    }
    let secret = ids.secret();
    data::write(&path, format!("{}\n", secret.expose()).as_bytes(), data::PRIVATE).map_err(failed)?;
    Ok(secret)
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize()
        .map_err(|error| Failure::at(path.display(), error))
}

// SEAM: replaced by slipway_graph::{Scheme, Server}.

#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Http,
    Https,
}

#[derive(Clone, Debug)]
pub struct Server;

impl Server {
    pub async fn respond(
        &self,
        request: http::Request<hyper::body::Incoming>,
        scheme: Scheme,
    ) -> http::Response<http_body_util::Full<bytes::Bytes>> {
        use http_body_util::BodyExt;
        let ready = request.uri().path() == "/_slipway/readyz";
        let text = format!("{scheme:?} {:?}", request.version());
        let _ = request.into_body().collect().await;
        let mut response = http::Response::new(http_body_util::Full::from(text));
        if !ready {
            *response.status_mut() = http::StatusCode::NOT_FOUND;
        }
        response
    }
}
