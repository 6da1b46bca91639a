use super::*;
use crate::catalog::tests::definition;
use crate::{AppVersion, Refusal, TeamsAppId};

use PublishingState::{Published, Rejected, Submitted};

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn in_state(version: &str, state: PublishingState) -> TeamsAppDefinition {
    TeamsAppDefinition { state, created_by: Some(user("u1")), ..definition(version) }
}

/// An app with these definitions, made one by one.
fn app_with(versions: &[(&str, PublishingState)]) -> (CatalogEntry, Vec<TeamsAppDefinition>) {
    let versions: Vec<_> = versions.iter().map(|(version, state)| in_state(version, *state)).collect();
    let (first, rest) = versions.split_first().unwrap();
    let mut entry = CatalogEntry::publish(first.clone(), 7);
    for (n, definition) in rest.iter().enumerate() {
        entry = entry.add_version(&versions[..=n], definition).unwrap();
    }
    (entry, versions)
}

const ADMIN: Author<'static> = Author { user: None, administers: true };

/// What an event makes of an app whose one definition, 1.0.0, is in some state.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The app's published version, and the state in which 1.0.0 is.
    Now(Option<&'static str>, PublishingState),
    Gone,
    NotSubmitted,
    AlreadyThere,
    AdministratorNeeded(AdministratorWish),
}

#[derive(Clone, Copy, Debug)]
enum Event {
    /// The same version comes again, in this state.
    Again(PublishingState),
    /// The next version comes, in this state.
    Next(PublishingState),
    Review(Verdict),
    Withdraw,
    Delete,
}

fn outcome(before: PublishingState, event: Event, author: Author<'_>) -> Outcome {
    let (entry, versions) = app_with(&[("1.0.0", before)]);
    let now = |entry: CatalogEntry, state| {
        assert_eq!(
            entry.app.published,
            entry.published.as_ref().map(|definition| definition.version.clone())
        );
        let published = entry.app.published.as_ref().map(|version| match version.as_str() {
            "1.0.0" => "1.0.0",
            _ => "1.1.0",
        });
        Outcome::Now(published, state)
    };
    let add = |version, state| {
        author.may_bring(state)?;
        entry.add_version(&versions, &in_state(version, state))
    };
    let result = match event {
        Event::Again(state) => add("1.0.0", state).map(|entry| now(entry, state)),
        Event::Next(state) => add("1.1.0", state).map(|entry| now(entry, before)),
        Event::Review(verdict) => {
            entry.review(&versions[0], verdict, author).map(|(entry, reviewed)| now(entry, reviewed.state))
        }
        Event::Withdraw => entry
            .withdraw(&versions, &versions[0], author)
            .map(|entry| entry.map_or(Outcome::Gone, |entry| now(entry, before))),
        Event::Delete => entry.may_delete(&versions, author).map(|()| Outcome::Gone),
    };
    result.unwrap_or_else(|refusal| match refusal {
        Refusal::NotSubmitted { state, .. } => {
            assert_eq!(state, before);
            Outcome::NotSubmitted
        }
        Refusal::AlreadyPublished { .. } => Outcome::AlreadyThere,
        Refusal::AdministratorNeeded(wish) => Outcome::AdministratorNeeded(wish),
        other => panic!("{other:?}"),
    })
}

#[test]
fn every_event_in_every_state() {
    use AdministratorWish as Wish;
    use Outcome::{AdministratorNeeded, AlreadyThere, Gone, NotSubmitted, Now};
    use Verdict::{Approve, Reject};
    let (me, other) = (user("u1"), user("u2"));
    let me = Author { user: Some(&me), administers: false };
    let other = Author { user: Some(&other), administers: false };
    // The state of 1.0.0, the event, and what comes of it by an administrator, the user who made 1.0.0, and another.
    for (before, event, [by_admin, by_me, by_other]) in [
        (Submitted, Event::Again(Submitted), [AlreadyThere, AlreadyThere, AlreadyThere]),
        (Rejected, Event::Again(Submitted), [(); 3].map(|()| Now(None, Submitted))),
        (Published, Event::Again(Submitted), [AlreadyThere, AlreadyThere, AlreadyThere]),
        (Submitted, Event::Again(Published), publishing(AlreadyThere)),
        (Rejected, Event::Again(Published), publishing(Now(Some("1.0.0"), Published))),
        (Published, Event::Again(Published), publishing(AlreadyThere)),
        (Submitted, Event::Next(Submitted), [(); 3].map(|()| Now(None, Submitted))),
        (Rejected, Event::Next(Submitted), [(); 3].map(|()| Now(None, Rejected))),
        (Published, Event::Next(Submitted), [(); 3].map(|()| Now(Some("1.0.0"), Published))),
        (Submitted, Event::Next(Published), publishing(Now(Some("1.1.0"), Submitted))),
        (Rejected, Event::Next(Published), publishing(Now(Some("1.1.0"), Rejected))),
        (Published, Event::Next(Published), publishing(Now(Some("1.1.0"), Published))),
        (Submitted, Event::Review(Approve), reviewing(Now(Some("1.0.0"), Published))),
        (Rejected, Event::Review(Approve), reviewing(NotSubmitted)),
        (Published, Event::Review(Approve), reviewing(NotSubmitted)),
        (Submitted, Event::Review(Reject), reviewing(Now(None, Rejected))),
        (Rejected, Event::Review(Reject), reviewing(NotSubmitted)),
        (Published, Event::Review(Reject), reviewing(NotSubmitted)),
        (Submitted, Event::Withdraw, [Gone, Gone, AdministratorNeeded(Wish::Withdraw)]),
        (Rejected, Event::Withdraw, [NotSubmitted, NotSubmitted, AdministratorNeeded(Wish::Withdraw)]),
        (Published, Event::Withdraw, [NotSubmitted, NotSubmitted, AdministratorNeeded(Wish::Withdraw)]),
        (Submitted, Event::Delete, [Gone, Gone, AdministratorNeeded(Wish::Delete)]),
        (Rejected, Event::Delete, [Gone, Gone, AdministratorNeeded(Wish::Delete)]),
        (
            Published,
            Event::Delete,
            [Gone, AdministratorNeeded(Wish::Delete), AdministratorNeeded(Wish::Delete)],
        ),
    ] {
        assert_eq!(outcome(before, event, ADMIN), by_admin, "{before:?} {event:?} by an administrator");
        assert_eq!(outcome(before, event, me), by_me, "{before:?} {event:?} by its user");
        assert_eq!(outcome(before, event, other), by_other, "{before:?} {event:?} by another user");
    }
}

fn publishing(by_admin: Outcome) -> [Outcome; 3] {
    let refused = || Outcome::AdministratorNeeded(AdministratorWish::Publish);
    [by_admin, refused(), refused()]
}

fn reviewing(by_admin: Outcome) -> [Outcome; 3] {
    let refused = || Outcome::AdministratorNeeded(AdministratorWish::Review);
    [by_admin, refused(), refused()]
}

#[test]
fn a_new_version_replaces_the_published_one() {
    let (entry, versions) = app_with(&[("1.0.0", Published), ("1.10.0", Published)]);
    assert_eq!(entry.app.published, Some(AppVersion::new("1.10.0")));
    assert_eq!(entry.published.as_ref(), Some(&versions[1]));
    assert_eq!((entry.app.display_name.as_str(), entry.app.incarnation), ("Polls 1.10.0", 7));
    let lower = entry.add_version(&versions, &in_state("1.9.0", Submitted));
    assert!(matches!(lower, Err(Refusal::VersionNotIncremented { .. })));
    let full: Vec<_> = (0..MAX_VERSIONS_PER_APP).map(|n| in_state(&format!("0.{n}"), Published)).collect();
    assert_eq!(entry.add_version(&full, &in_state("2.0.0", Published)), Err(Refusal::TooManyVersions));
}

#[test]
fn an_approval_that_would_take_a_version_back_is_refused() {
    let (entry, versions) = app_with(&[("1.1.0", Submitted), ("1.2.0", Published)]);
    let late = entry.review(&versions[0], Verdict::Approve, ADMIN);
    assert!(matches!(late, Err(Refusal::VersionNotIncremented { .. })));
    let (same, rejected) = entry.review(&versions[0], Verdict::Reject, ADMIN).unwrap();
    assert_eq!((same, rejected.state), (entry, Rejected));
}

#[test]
fn an_app_shows_its_published_definition_or_else_its_newest() {
    let name = |entry: &CatalogEntry| entry.app.display_name.clone();
    let (entry, mut versions) = app_with(&[("1.1.0", Submitted), ("1.0.0", Submitted)]);
    assert_eq!(name(&entry), "Polls 1.1.0");
    let left = entry.withdraw(&versions, &versions[0], ADMIN).unwrap().unwrap();
    assert_eq!((name(&left), &left.published), ("Polls 1.0.0".to_owned(), &None));
    let (approved, definition) = entry.review(&versions[1], Verdict::Approve, ADMIN).unwrap();
    assert_eq!((name(&approved), approved.published.as_ref()), ("Polls 1.0.0".to_owned(), Some(&definition)));
    versions[1] = definition;
    let left = approved.withdraw(&versions, &versions[0], ADMIN).unwrap();
    assert_eq!(left, Some(approved));
}

#[test]
fn only_organization_apps_of_the_same_manifest_id_change() {
    let (entry, versions) = app_with(&[("1.0.0", Submitted)]);
    let other = TeamsAppDefinition { external_id: "ffff".into(), ..in_state("2.0.0", Published) };
    assert!(matches!(entry.add_version(&versions, &other), Err(Refusal::OtherManifestId { .. })));
    for method in [DistributionMethod::Store, DistributionMethod::Sideloaded] {
        let mut entry = entry.clone();
        entry.app.distribution_method = method;
        let refused = Refusal::NotAnOrganizationApp(TeamsAppId::parse("app-1").unwrap());
        let next = in_state("2.0.0", Published);
        assert_eq!(entry.add_version(&versions, &next), Err(refused.clone()));
        assert_eq!(entry.review(&versions[0], Verdict::Approve, ADMIN), Err(refused.clone()));
        assert_eq!(entry.withdraw(&versions, &versions[0], ADMIN), Err(refused.clone()));
        assert_eq!(entry.may_delete(&versions, ADMIN), Err(refused));
    }
}
