//! A trial: servers, clients that load them, and the ledger of what must be there. A fault's module breaks and mends
//! in between.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use tokio::sync::watch;

use super::catalog::{Catalog, Listing};
use super::ledger::{Pair, Verdict};
use super::load::{Load, Sighting};
use super::site::Site;
use super::tally::Tally;
use crate::graph::{Graph, USERS, Unexpected, demo_user};
use crate::server::{Ready, Server};

/// How long may pass until something that must happen is seen.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a trial is run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How often it is broken.
    pub rounds: usize,
    /// Clients at once.
    pub clients: usize,
    /// Where its choices begin.
    pub seed: u64,
}

/// Servers under load.
pub struct Trial {
    /// Where the servers run.
    pub site: Site,
    /// The source of all choices.
    pub chance: fastrand::Rng,
    /// What came of it so far.
    pub tally: Tally,
    plan: Plan,
    /// By number; none = it is down.
    servers: Vec<Option<(Server, Ready)>>,
    /// What the clients go through: one for each server, also while it is down.
    doors: watch::Sender<Vec<Graph>>,
    catalog: Arc<Catalog>,
    /// The pairs while there is no load.
    shares: Vec<Vec<Pair>>,
    load: Option<Load>,
}

impl Trial {
    /// Starts the first server and publishes the apps.
    ///
    /// # Errors
    /// When the server does not start or does not answer as it must.
    pub async fn open(site: Site, plan: Plan) -> anyhow::Result<Self> {
        let mut chance = fastrand::Rng::with_seed(plan.seed);
        let (server, ready) = site.start(&site.data)?;
        let catalog = Catalog::publish(&ready).await?;
        let shares = catalog.deal(plan.clients, &mut chance);
        let doors = watch::Sender::new(vec![Graph::as_application(&ready).await?]);
        Ok(Self {
            site,
            chance,
            tally: Tally::default(),
            plan,
            servers: vec![Some((server, ready))],
            doors,
            catalog: Arc::new(catalog),
            shares,
            load: None,
        })
    }

    /// Whether there is another round, after a word about the last one.
    pub fn goes_on(&self) -> bool {
        if self.tally.rounds > 0 {
            println!("                       {}", self.tally);
        }
        self.tally.rounds < self.plan.rounds && self.tally.is_clean()
    }

    /// Begins a round: publishes some versions, lets the clients work, and waits for a random moment under load.
    ///
    /// # Errors
    /// When a version is not accepted.
    pub async fn begin(&mut self) -> anyhow::Result<()> {
        Arc::make_mut(&mut self.catalog).raise(&ready_of(&self.servers, 0)?, &mut self.chance).await?;
        self.work();
        self.pause(20..800).await
    }

    /// Writes enough for the engine to move records from its journal into tables.
    ///
    /// # Errors
    /// When a package is not accepted.
    pub async fn fill_tables(&mut self) -> anyhow::Result<()> {
        self.work();
        self.pause(500..1_000).await?;
        self.rest().await?;
        Catalog::publish_ballast(&ready_of(&self.servers, 0)?, &mut self.chance).await
    }

    /// Lets the clients work.
    pub fn work(&mut self) {
        let shares = std::mem::take(&mut self.shares);
        self.load = Some(Load::start(&self.doors.subscribe(), &self.catalog, shares, &mut self.chance));
    }

    /// Lets some milliseconds pass.
    ///
    /// # Errors
    /// When a client got an answer that fits no state.
    pub async fn pause(&mut self, millis: std::ops::Range<u64>) -> anyhow::Result<()> {
        let end = tokio::time::Instant::now() + Duration::from_millis(self.chance.u64(millis));
        while let Ok(Some(sighting)) = tokio::time::timeout_at(end, self.sighting()).await {
            self.count(&sighting)?;
        }
        tokio::time::sleep_until(end).await;
        Ok(())
    }

    /// Waits until a client sees what must be seen.
    ///
    /// # Errors
    /// When none does.
    pub async fn until(&mut self, what: &str, is_it: impl Fn(&Sighting) -> bool) -> anyhow::Result<Sighting> {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            match tokio::time::timeout_at(end, self.sighting()).await {
                Ok(Some(sighting)) => {
                    self.count(&sighting)?;
                    if is_it(&sighting) {
                        return Ok(sighting);
                    }
                }
                Ok(None) => bail!("the clients have ended, and there was no {what}"),
                Err(_) => bail!("no {what} within {PATIENCE:?}"),
            }
        }
    }

    /// Waits for the first acknowledged write of those asked for after the end of a fault: an answer that comes then
    /// may have been given before.
    ///
    /// # Errors
    /// When none is.
    pub async fn recover(&mut self, since: Instant) -> anyhow::Result<()> {
        let acknowledged = |seen: &Sighting| seen.verdict == Verdict::Acknowledged && seen.asked >= since;
        let first = self.until("acknowledged write after the fault", acknowledged).await?;
        self.tally.recovered(first.answered.duration_since(since));
        Ok(())
    }

    /// Ends a round: waits for the recovery, stops the clients, and reads everything back.
    ///
    /// # Errors
    /// When there is no recovery, or the reading is refused.
    pub async fn finish(&mut self, since: Instant) -> anyhow::Result<()> {
        self.recover(since).await?;
        self.pause(50..300).await?;
        self.rest().await?;
        self.read_back().await?;
        self.tally.rounds += 1;
        Ok(())
    }

    /// Lets the clients finish what they have asked and stop.
    ///
    /// # Errors
    /// When a client got an answer that fits no state.
    pub async fn rest(&mut self) -> anyhow::Result<()> {
        let load = self.load.take().context("nobody works")?;
        let (shares, sightings) = load.end().await?;
        self.shares = shares;
        sightings.iter().try_for_each(|sighting| self.count(sighting))
    }

    /// Compares what every running server shows with the ledger.
    ///
    /// # Errors
    /// When a server goes on refusing to show it.
    pub async fn read_back(&mut self) -> anyhow::Result<()> {
        for (_, ready) in self.servers.iter().flatten() {
            match installed_at(ready).await {
                Ok(listings) => {
                    let verdicts = self.catalog.compare(&mut self.shares, &listings)?;
                    verdicts.into_iter().try_for_each(|verdict| self.tally.count(verdict))?;
                }
                Err(error) if error.is::<Unexpected>() => return Err(error),
                Err(half) => {
                    println!("  Phantom: {half:#}");
                    self.tally.count(Verdict::Phantom)?;
                }
            }
        }
        Ok(())
    }

    /// Compares what the server of a damaged copy shows with the ledger, which stays as it is. A list that the server
    /// says it cannot read is not compared; how many there are is given back.
    ///
    /// # Errors
    /// When a list is refused with less than a 5xx.
    pub async fn compare_copy(&mut self, ready: &Ready) -> anyhow::Result<usize> {
        let mut listings: Vec<Listing> = Vec::with_capacity(USERS);
        let graph = Graph::as_application(ready).await?;
        for user in 0..USERS {
            listings.push(match graph.installed(&demo_user(user)).await {
                Ok(listed) => Some(listed.into_iter().map(|item| (item.app, item.version)).collect()),
                Err(error) if is_server_error(&error) => None,
                Err(error) => return Err(error),
            });
        }
        let verdicts = self.catalog.compare(&mut self.shares.clone(), &listings)?;
        verdicts.into_iter().try_for_each(|verdict| self.tally.count(verdict))?;
        Ok(listings.iter().filter(|listing| listing.is_none()).count())
    }

    /// Starts a server, by number, and sends the clients to it too.
    ///
    /// # Errors
    /// When it does not start or refuses the sign-in.
    pub async fn start(&mut self, number: usize) -> anyhow::Result<()> {
        let (server, ready) = self.site.start(&self.site.data_of(number))?;
        // A token of before must do; only one who comes without needs a new one.
        let known = self.doors.borrow().first().cloned();
        let door = match known {
            Some(graph) => graph.at(&ready),
            None => Graph::as_application(&ready).await?,
        };
        self.servers.resize_with(self.servers.len().max(number + 1), || None);
        if let Some(place) = self.servers.get_mut(number) {
            *place = Some((server, ready));
        }
        self.doors.send_modify(|doors| match doors.get_mut(number) {
            Some(old) => *old = door,
            None => doors.push(door),
        });
        Ok(())
    }

    /// SIGKILL to a server.
    ///
    /// # Errors
    /// When it is down or had ended by itself.
    pub fn kill(&mut self, number: usize) -> anyhow::Result<()> {
        let place = self.servers.get_mut(number).and_then(Option::take);
        let (server, _) = place.context("the server is down")?;
        server.kill()
    }

    /// SIGTERM to a server, and waits for the graceful stop.
    ///
    /// # Errors
    /// When it is down, hangs or does not exit with 0.
    pub fn stop(&mut self, number: usize) -> anyhow::Result<()> {
        let place = self.servers.get_mut(number).and_then(Option::take);
        let (server, _) = place.context("the server is down")?;
        server.stop()
    }

    /// Signs in anew; the clients go on with this token.
    ///
    /// # Errors
    /// When the sign-in is refused.
    pub async fn renew_tokens(&self) -> anyhow::Result<()> {
        let mut doors = Vec::new();
        for number in 0..self.servers.len() {
            doors.push(Graph::as_application(&ready_of(&self.servers, number)?).await?);
        }
        self.doors.send_replace(doors);
        Ok(())
    }

    /// Sees that reading goes on and the process lives.
    ///
    /// # Errors
    /// When it does not.
    pub async fn require_reading(&mut self) -> anyhow::Result<()> {
        let user = demo_user(self.chance.usize(..USERS));
        let doors = self.doors.borrow().clone();
        for door in &doors {
            door.installed(&user).await.context("reading does not go on")?;
        }
        for (server, _) in self.servers.iter_mut().flatten() {
            server.require_alive()?;
        }
        Ok(())
    }

    /// Stops the servers, reads everything back once more after a start, and gives the tally.
    ///
    /// # Errors
    /// When a server does not stop or start.
    pub async fn close(mut self) -> anyhow::Result<Tally> {
        if self.tally.is_clean() {
            for number in 0..self.servers.len() {
                self.stop(number)?;
            }
            self.start(0).await?;
            self.read_back().await?;
        }
        ensure!(self.load.is_none(), "the clients still work");
        Ok(self.tally)
    }

    fn count(&mut self, seen: &Sighting) -> anyhow::Result<()> {
        if seen.verdict == Verdict::Unknown {
            self.tally.note(&match seen.status {
                Some(status) if seen.has_retry_after => format!("unknown: {status} with Retry-After"),
                Some(status) => format!("unknown: {status}"),
                None => "unknown: no answer".to_owned(),
            });
        }
        self.tally.count(seen.verdict)
    }

    async fn sighting(&mut self) -> Option<Sighting> {
        match &mut self.load {
            Some(load) => load.next().await,
            None => None,
        }
    }
}

fn ready_of(servers: &[Option<(Server, Ready)>], number: usize) -> anyhow::Result<Ready> {
    let (_, ready) = servers.get(number).and_then(Option::as_ref).context("the server is down")?;
    Ok(ready.clone())
}

/// Everything that a server shows, asked for again while it answers 5xx: it may still find connections to its database
/// that a fault has broken.
async fn installed_at(ready: &Ready) -> anyhow::Result<Vec<Listing>> {
    let started = Instant::now();
    loop {
        let shown = async { Graph::as_application(ready).await?.installed_for_all(ready).await };
        match shown.await {
            Ok(users) => return Ok(users.into_iter().map(Some).collect()),
            Err(error) if is_server_error(&error) && started.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_server_error(error: &anyhow::Error) -> bool {
    let status = error.downcast_ref::<Unexpected>().and_then(|unexpected| unexpected.status);
    status.is_some_and(|status| status.is_server_error())
}
