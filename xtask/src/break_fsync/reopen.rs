//! Opens the copies with the server and compares what it shows with what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Tally;
use super::cuts::Cut;
use super::recording::Recording;
use super::trace::Event;
use crate::graph::Graph;
use crate::server::Server;

/// Copies opened at once.
const AT_ONCE: usize = 4;

/// How many findings are told one by one.
const TOLD: usize = 20;

/// What every check needs.
struct Place {
    binary: PathBuf,
    scratch: PathBuf,
    data: PathBuf,
    graph: Graph,
    asked: BTreeMap<String, (usize, String)>,
    /// Installations that were there before the traced run.
    before: usize,
}

/// What one copy lacks or has too much.
struct Finding {
    lost: usize,
    phantom: usize,
    message: String,
}

/// Opens a copy for each power loss.
///
/// # Errors
/// When a copy cannot be made.
pub async fn all(
    binary: &Path,
    scratch: &Path,
    recording: Recording,
    cuts: Vec<Cut>,
) -> anyhow::Result<Tally> {
    let acknowledged = recording.events.iter().filter(|e| matches!(e, Event::Acknowledged(_))).count();
    let mut tally = Tally { acknowledged, copies: cuts.len(), ..Tally::default() };
    let place = Arc::new(Place {
        binary: binary.to_owned(),
        scratch: scratch.to_owned(),
        data: recording.data,
        graph: recording.graph,
        asked: recording.asked,
        // The demo tenant's one installation.
        before: 1,
    });
    let free = Arc::new(Semaphore::new(AT_ONCE));
    let mut checks = JoinSet::new();
    for (number, cut) in cuts.into_iter().enumerate() {
        let (place, free) = (Arc::clone(&place), Arc::clone(&free));
        checks.spawn(async move {
            let _turn = free.acquire_owned().await?;
            place.check(number, &cut).await
        });
    }
    let mut told = 0;
    while let Some(done) = checks.join_next().await {
        let Some(finding) = done?? else { continue };
        tally.lost += finding.lost;
        tally.phantom += finding.phantom;
        told += 1;
        if told <= TOLD {
            println!("{}", finding.message);
        }
    }
    Ok(tally)
}

impl Place {
    async fn check(&self, number: usize, cut: &Cut) -> anyhow::Result<Option<Finding>> {
        let folder = self.scratch.join(format!("copy-{number}"));
        let copy = folder.join("data");
        std::fs::create_dir(&folder)?;
        cut.write_copy(&self.data, &copy)?;
        let shown = self.shown(&copy).await;
        std::fs::remove_dir_all(&folder)?;
        let (shown, total) = match shown {
            Ok(shown) => shown,
            Err(error) => {
                let message = format!("{}: the copy cannot be read: {error:#}", cut.name);
                // A copy that cannot be opened has lost everything, even if nothing had been acknowledged.
                return Ok(Some(Finding { lost: cut.required.len().max(1), phantom: 0, message }));
            }
        };
        let required: BTreeSet<&str> = cut.required.iter().map(String::as_str).collect();
        let lost = required.difference(&shown).count();
        let phantom = total.saturating_sub(shown.len() + self.before);
        let message =
            format!("{}: {lost} lost, {phantom} phantom of {} acknowledged", cut.name, required.len());
        Ok((lost + phantom > 0).then_some(Finding { lost, phantom, message }))
    }

    /// The installations of the test that a copy shows, and how many it shows in all.
    async fn shown(&self, copy: &Path) -> anyhow::Result<(BTreeSet<&str>, usize)> {
        let (binary, data) = (self.binary.clone(), copy.to_owned());
        let start = move || Server::start(&binary, &data, &[]);
        let (server, ready) = tokio::task::spawn_blocking(start).await??;
        let users = self.graph.at(&ready).installed_for_all(&ready).await?;
        drop(server);
        let there = |(user, app): &(usize, String)| {
            users.get(*user).and_then(|apps| apps.get(app)).is_some_and(|version| version == "1.0.0")
        };
        let shown =
            self.asked.iter().filter(|(_, pair)| there(pair)).map(|(mark, _)| mark.as_str()).collect();
        Ok((shown, users.iter().map(BTreeMap::len).sum()))
    }
}
