//! The publishers, one for each place: new versions of its app, and now and then the app is deleted and published anew.

use std::time::Duration;

use super::answers;
use super::catalog::{APPS, Life};
use super::history::{Operation, Request, State};
use super::run::{Caller, Endpoint};
use crate::graph::Body;
use crate::package::app_package;

/// Longest pause between two publications. It is short, so that most upgrades have something to do.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest time for which a deleted app is not published anew, so that clients ask for it.
const GAP: Duration = Duration::from_millis(10);

/// What became of one app in the catalog.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The app.
    pub life: Life,
    /// Where the history of every user begins: published, and not installed.
    pub start: State,
    /// New versions, and the end.
    pub operations: Vec<Operation>,
}

/// A publisher at work.
pub struct Publisher {
    caller: Caller,
    chance: fastrand::Rng,
    place: usize,
    /// The number of the manifest id in use; each publisher has every `APPS`-th.
    manifest: usize,
    /// The last version; the same goes for versions, so that none can be taken for another app's.
    version: u32,
}

impl Publisher {
    /// A publisher that has published nothing yet.
    ///
    /// # Errors
    /// When there are more places than versions.
    pub fn new(caller: Caller, chance: fastrand::Rng, place: usize) -> anyhow::Result<Self> {
        Ok(Self { caller, chance, place, manifest: place, version: place.try_into()? })
    }

    /// Publishes an app that takes the place over.
    ///
    /// # Errors
    /// When it is refused or not answered.
    pub async fn publish(&mut self) -> anyhow::Result<Fate> {
        let (version, package) = self.package()?;
        let Endpoint { graph, .. } = self.caller.next();
        let life = self.caller.run.catalog.begin(self.place, &graph.publish(package).await?);
        let start = State { published: Some(version), installed: None };
        Ok(Fate { life, start, operations: Vec::new() })
    }

    /// Publishes until the run is over, beginning with versions of an app; gives what became of all apps of the place.
    ///
    /// # Errors
    /// When an answer fits no state, or an app cannot be published anew.
    pub async fn work(mut self, mut app: Fate) -> anyhow::Result<Vec<Fate>> {
        let mut gone = Vec::new();
        while !self.caller.run.is_over() {
            self.pause(PAUSE).await;
            if self.chance.u8(..8) == 0 {
                let deleted = self.ask(Request::Delete, Body::Empty, &mut app).await?;
                self.pause(GAP).await;
                // An app that may still be there keeps its manifest id to itself.
                self.manifest += if deleted.is_unknown() { APPS } else { 0 };
                gone.push(std::mem::replace(&mut app, self.publish().await?));
            } else {
                let (version, package) = self.package()?;
                self.ask(Request::Publish(version), Body::Zip(package), &mut app).await?;
            }
        }
        gone.push(app);
        Ok(gone)
    }

    async fn ask(&mut self, request: Request, body: Body<'_>, app: &mut Fate) -> anyhow::Result<Operation> {
        let names = ("the publisher", &*app.life.app);
        let (mut operation, response) = self.caller.ask(request, names, body).await;
        operation.answer = answers::read(request, names, response)?;
        app.operations.push(operation);
        Ok(operation)
    }

    /// A package of the next version.
    fn package(&mut self) -> anyhow::Result<(u32, Vec<u8>)> {
        self.version += u32::try_from(APPS)?;
        Ok((self.version, app_package(self.manifest, &answers::version(self.version))?))
    }

    async fn pause(&mut self, longest: Duration) {
        tokio::time::sleep(longest.mul_f64(self.chance.f64())).await;
    }
}
