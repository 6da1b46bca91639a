//! What everybody in a run shares: the apps, the clock, the requests that are left; and who asks whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::Method;

use super::catalog::Catalog;
use super::history::{Answer, Operation, Request};
use crate::graph::{self, Body, Graph, NoAnswer};

/// One run.
pub struct Run {
    /// The apps.
    pub catalog: Catalog,
    /// Where the one clock begins.
    began: Instant,
    requests_left: AtomicUsize,
}

impl Run {
    /// Begins now, with so many requests for clients to make.
    pub fn begin(requests: usize) -> Self {
        Self { catalog: Catalog::default(), began: Instant::now(), requests_left: AtomicUsize::new(requests) }
    }

    /// Time since the beginning.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether there is one more request for a client to make; it is then this one's.
    pub fn take_request(&self) -> bool {
        let left = &self.requests_left;
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// Whether no request is left.
    pub fn is_over(&self) -> bool {
        self.requests_left.load(Ordering::Relaxed) == 0
    }
}

/// Somebody who asks one thing at a time, each of the other server than the last if there are two.
#[derive(Clone)]
pub struct Caller {
    /// The run.
    pub run: Arc<Run>,
    client: usize,
    here: Endpoint,
    there: Option<Endpoint>,
}

/// A server, and a way to ask it.
#[derive(Clone)]
pub struct Endpoint {
    /// Which server.
    pub server: usize,
    /// Signed in there.
    pub graph: Graph,
}

impl Caller {
    /// The first caller of a run.
    pub fn new(run: Arc<Run>, graph: Graph, other: Option<Graph>) -> Self {
        let there = other.map(|graph| Endpoint { server: 1, graph });
        Self { run, client: 0, here: Endpoint { server: 0, graph }, there }
    }

    /// Another one like this.
    pub fn numbered(&self, client: usize) -> Self {
        Self { client, ..self.clone() }
    }

    /// The server whose turn it is.
    pub fn next(&mut self) -> Endpoint {
        if let Some(there) = &mut self.there {
            std::mem::swap(&mut self.here, there);
        }
        self.here.clone()
    }

    /// Asks for something about a user and an app. The operation still is of unknown outcome.
    pub async fn ask(
        &mut self,
        request: Request,
        (user, app): (&str, &str),
        body: Body<'_>,
    ) -> (Operation, Result<graph::Answer, NoAnswer>) {
        let (method, path) = address(request, user, app);
        let Endpoint { server, graph } = self.next();
        let invoked = self.run.now();
        let response = graph.send(method, &path, body, None).await;
        let (client, answered) = (self.client, self.run.now());
        (Operation { client, server, invoked, answered, request, answer: Answer::Unknown }, response)
    }
}

fn address(request: Request, user: &str, app: &str) -> (Method, String) {
    const EXPAND: &str = "?$expand=teamsAppDefinition";
    let collection = format!("/v1.0/users/{user}/teamwork/installedApps");
    let installation = graph::installation_path(user, app);
    let entry = format!("/v1.0/appCatalogs/teamsApps/{app}");
    match request {
        Request::Install => (Method::POST, collection),
        Request::Upgrade => (Method::POST, format!("{installation}/upgrade")),
        Request::Uninstall => (Method::DELETE, installation),
        Request::Get => (Method::GET, format!("{installation}{EXPAND}")),
        Request::List => (Method::GET, format!("{collection}{EXPAND}")),
        Request::Publish(_) => (Method::POST, format!("{entry}/appDefinitions")),
        Request::Delete => (Method::DELETE, entry),
    }
}
