//! The clients: each asks for one thing after another and writes down what was answered and when.

use std::fmt;

use anyhow::Context as _;

use super::answers;
use super::catalog::Life;
use super::history::{Answer, Operation, Request};
use super::run::Caller;
use crate::graph::{Body, demo_user, install_body};

/// Users whose apps are fought over.
pub const USERS: usize = 4;

/// The first of them in the demo tenant; the demo's own installation belongs to one before.
const FIRST_USER: usize = 4;

/// Whose history an operation belongs to: an app's life and a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Number of the life.
    pub life: usize,
    /// Index of the user.
    pub user: usize,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and app {}", demo_user(FIRST_USER + self.user), self.life)
    }
}

/// What one client saw.
#[derive(Debug, Default)]
pub struct Recording {
    /// Operations in the order of requests. A list is one of each app that it may show.
    pub operations: Vec<(Key, Operation)>,
    /// Requests.
    pub requests: usize,
    /// Requests without a known outcome.
    pub unknown: usize,
}

/// A client at work.
pub struct Client {
    caller: Caller,
    chance: fastrand::Rng,
    recording: Recording,
}

impl Client {
    /// A client that has asked for nothing yet.
    pub fn new(caller: Caller, chance: fastrand::Rng) -> Self {
        Self { caller, chance, recording: Recording::default() }
    }

    /// Asks for whatever chance says until no request is left.
    ///
    /// # Errors
    /// When an answer fits no state.
    pub async fn work(mut self) -> anyhow::Result<Recording> {
        while self.caller.run.take_request() {
            let user = self.chance.usize(..USERS);
            let request = match self.chance.u8(..20) {
                0..=4 => Request::Install,
                5..=8 => Request::Upgrade,
                9..=12 => Request::Uninstall,
                13..=16 => Request::Get,
                _ => {
                    self.list(user).await?;
                    continue;
                }
            };
            if let Some(life) = self.chance.choice(self.caller.run.catalog.current()) {
                self.ask(request, user, &life).await?;
            }
        }
        Ok(self.recording)
    }

    /// Looks once at what every user has.
    ///
    /// # Errors
    /// When an answer fits no state.
    pub async fn look(mut self) -> anyhow::Result<Recording> {
        for user in 0..USERS {
            self.list(user).await?;
        }
        Ok(self.recording)
    }

    async fn ask(&mut self, request: Request, index: usize, life: &Life) -> anyhow::Result<()> {
        let (user, app) = (demo_user(FIRST_USER + index), &*life.app);
        let body = if request == Request::Install { Body::Json(install_body(app)) } else { Body::Empty };
        let (mut operation, response) = self.caller.ask(request, (&user, app), body).await;
        operation.answer = answers::read(request, (&user, app), response)?;
        self.recording.count(&operation);
        self.recording.add(Key { life: life.number, user: index }, operation);
        Ok(())
    }

    async fn list(&mut self, index: usize) -> anyhow::Result<()> {
        let user = demo_user(FIRST_USER + index);
        // A list may show apps that are published from now on, too.
        let mut lives = self.caller.run.catalog.current();
        let (mut operation, response) = self.caller.ask(Request::List, (&user, ""), Body::Empty).await;
        let versions = answers::read_list(&user, response)?;
        if let Some(versions) = &versions {
            for app in versions.keys() {
                if lives.iter().all(|life| *life.app != **app) {
                    let life = self.caller.run.catalog.find(app);
                    lives.push(life.with_context(|| format!("{user} has app {app}, which nobody knows"))?);
                }
            }
            for life in lives {
                operation.answer = Answer::Saw(versions.get(&*life.app).copied());
                self.recording.add(Key { life: life.number, user: index }, operation);
            }
        }
        self.recording.count(&operation);
        Ok(())
    }
}

impl Recording {
    fn count(&mut self, operation: &Operation) {
        self.requests += 1;
        self.unknown += usize::from(operation.is_unknown());
    }

    fn add(&mut self, key: Key, operation: Operation) {
        // A read without an answer tells nothing.
        if !(operation.is_unknown() && operation.request.is_read()) {
            self.operations.push((key, operation));
        }
    }
}
