//! The apps of a run, and what Graph shows of them: everything is read back and compared with the ledger.

use std::collections::BTreeMap;

use anyhow::Context as _;

use super::ledger::{Pair, State, Verdict};
use crate::graph::{Graph, USERS};
use crate::package::{app_package, heavy_package};
use crate::server::Ready;

/// Apps that are published; with the demo's users they make the pairs.
const APPS: usize = 40;

/// How many apps get a new version before each round, so that upgrades have work.
const RAISED: usize = 4;

/// What [`Catalog::publish_ballast`] publishes, as much as a file in a package may be each time.
const BALLAST_PACKAGES: usize = 12;
const BALLAST_BYTES: usize = 7 * 1_024 * 1_024;

/// The demo tenant's one installation, which belongs to no pair: user and app.
const DEMO: (usize, &str) = (1, "51190000-0000-4000-8000-00000000b001");

/// The apps: ids, and which version of each is published (the n of `1.n.0`).
#[derive(Clone, Debug)]
pub struct Catalog {
    apps: Vec<(String, u32)>,
}

/// The apps that are installed for a user, with their versions; none if the server said that it cannot tell.
pub type Listing = Option<BTreeMap<String, String>>;

impl Catalog {
    /// Publishes the apps.
    ///
    /// # Errors
    /// When one is not accepted.
    pub async fn publish(ready: &Ready) -> anyhow::Result<Self> {
        let administrator = Graph::as_administrator(ready).await?;
        let mut apps = Vec::with_capacity(APPS);
        for number in 0..APPS {
            apps.push((administrator.publish(app_package(number, "1.0.0")?).await?, 0));
        }
        Ok(Self { apps })
    }

    /// Publishes new versions of some apps.
    ///
    /// # Errors
    /// When one is not accepted.
    pub async fn raise(&mut self, ready: &Ready, chance: &mut fastrand::Rng) -> anyhow::Result<()> {
        let administrator = Graph::as_administrator(ready).await?;
        for (number, (id, version)) in chance.choose_multiple(self.apps.iter_mut().enumerate(), RAISED) {
            *version += 1;
            administrator.publish_version(id, app_package(number, &format!("1.{version}.0"))?).await?;
        }
        Ok(())
    }

    /// Publishes packages so large that the engine cannot keep all of it in its journal: it has 64 MiB for that.
    ///
    /// # Errors
    /// When one is not accepted.
    pub async fn publish_ballast(ready: &Ready, chance: &mut fastrand::Rng) -> anyhow::Result<()> {
        let administrator = Graph::as_administrator(ready).await?;
        for number in 0..BALLAST_PACKAGES {
            let mut ballast = vec![0; BALLAST_BYTES];
            chance.fill(&mut ballast);
            administrator.publish(heavy_package(APPS + number, "1.0.0", &ballast)?).await?;
        }
        Ok(())
    }

    /// Id and published version of an app.
    pub fn published(&self, app: usize) -> Option<(&str, u32)> {
        self.apps.get(app).map(|(id, version)| (id.as_str(), *version))
    }

    /// Every pair of a user and an app belongs to one client.
    pub fn deal(&self, clients: usize, chance: &mut fastrand::Rng) -> Vec<Vec<Pair>> {
        let apps = 0..self.apps.len();
        let mut pairs: Vec<Pair> =
            (0..USERS).flat_map(|user| apps.clone().map(move |app| Pair::new(user, app))).collect();
        chance.shuffle(&mut pairs);
        let share = pairs.len().div_ceil(clients.max(1));
        pairs.chunks(share).map(<[Pair]>::to_vec).collect()
    }

    /// Compares every user's list with the ledger, prints what differs, and goes on from what was found.
    ///
    /// # Errors
    /// When a list shows a version that was never published.
    pub fn compare(&self, shares: &mut [Vec<Pair>], listings: &[Listing]) -> anyhow::Result<Vec<Verdict>> {
        let mut listings = listings.to_vec();
        let mut verdicts = Vec::new();
        for pair in shares.iter_mut().flatten() {
            let (app, _) = self.published(pair.app).context("a pair of an unknown app")?;
            let Some(listing) = listings.get_mut(pair.user).context("a pair of an unknown user")? else {
                continue;
            };
            let found = match &listing.remove(app) {
                None => State::Absent,
                Some(version) => State::Installed(minor(version)?),
            };
            let expected = format!("{pair:?}");
            let verdict = pair.found(found);
            if verdict != Verdict::Kept {
                println!("  {verdict:?}: found {found:?}, expected {expected}");
            }
            verdicts.push(verdict);
        }
        let (user, app) = DEMO;
        if let Some(Some(listing)) = listings.get_mut(user)
            && listing.remove(app).is_none()
        {
            println!("  Lost: the demo tenant's installation");
            verdicts.push(Verdict::Lost);
        }
        for stranger in listings.iter().flatten().flat_map(BTreeMap::keys) {
            println!("  Phantom: an installation of {stranger} that no client asked for");
            verdicts.push(Verdict::Phantom);
        }
        Ok(verdicts)
    }
}

/// The n of `1.n.0`.
fn minor(version: &str) -> anyhow::Result<u32> {
    let number = version.strip_prefix("1.").and_then(|rest| rest.strip_suffix(".0"));
    number.and_then(|n| n.parse().ok()).with_context(|| format!("version {version} was never published"))
}
