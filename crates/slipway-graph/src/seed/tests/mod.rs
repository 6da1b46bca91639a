//! Seeds from text to rows.

mod again;
mod apply;
mod demo;
mod document;
mod documentation;
mod groups;
mod misfits;
mod owners;
mod policies;
mod terms;

use std::path::Path;

use jiff::Timestamp;
use slipway_identity::Ids;
use slipway_model::{Owner, TeamsAppId, TenantId, UserId};
use slipway_store::{Counter, Partition, Store, View};
use slipway_testkit::Package;

use super::{Report, Seed, SeedError, Tally};

/// Manifest's id of the test app.
const POLLS: &str = "51190000-0000-4000-8000-0000000000e1";

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn partition(tenant: &str) -> Partition {
    Partition::new(&TenantId::parse(tenant).unwrap(), 0)
}

fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

fn owner(user: &str) -> Owner {
    Owner::User(user_id(user))
}

fn app_id(text: &str) -> TeamsAppId {
    TeamsAppId::parse(text).unwrap()
}

/// A manifest as JSON on one line, which is YAML too.
fn manifest(id: &str, version: &str) -> String {
    Package::new(id, version).manifest.to_string()
}

/// A tenant `t` with what the text says, which is indented as its keys are.
fn tenant(rest: &str) -> String {
    format!("tenants:\n  - id: t\n    displayName: T\n    domain: t.example\n{rest}")
}

fn seed(text: &str) -> Seed {
    Seed::parse("seed.yaml", text, Path::new("")).unwrap_or_else(|error| panic!("{error}"))
}

/// What is wrong with the text by itself.
fn findings(text: &str) -> Vec<String> {
    match Seed::parse("seed.yaml", text, Path::new("")) {
        Err(SeedError::Invalid(findings)) => findings.iter().map(ToString::to_string).collect(),
        Err(error) => panic!("{error}"),
        Ok(_) => vec![],
    }
}

async fn empty_store() -> Store {
    Store::open_temporary().await.unwrap()
}

async fn apply(store: &Store, text: &str) -> Report {
    seed(text).apply(store, &Ids::seeded(1), now()).await.unwrap_or_else(|error| panic!("{error}"))
}

/// What does not fit what is stored.
async fn misfits(store: &Store, text: &str) -> Vec<String> {
    match seed(text).apply(store, &Ids::seeded(2), now()).await {
        Err(SeedError::Invalid(findings)) => findings.iter().map(ToString::to_string).collect(),
        Err(error) => panic!("{error}"),
        Ok(report) => panic!("{report}"),
    }
}

/// Users, apps, installations as the counters of tenant `t` have them.
async fn counters(view: &View) -> [i64; 3] {
    let partition = partition("t");
    let mut values = [0; 3];
    for (value, counter) in values.iter_mut().zip([Counter::Users, Counter::Apps, Counter::Installations]) {
        *value = view.counter(&partition, counter).await.unwrap();
    }
    values
}

fn created(objects: u64) -> Tally {
    Tally { created: objects, ..Tally::default() }
}

fn changed(objects: u64) -> Tally {
    Tally { changed: objects, ..Tally::default() }
}

fn removed(objects: u64) -> Tally {
    Tally { removed: objects, ..Tally::default() }
}

fn unchanged(objects: u64) -> Tally {
    Tally { unchanged: objects, ..Tally::default() }
}
