//! Export and import, from one storage to another.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufReader, Read, Write as _};

use slipway_store::{
    Changeset, Counter, Existing, ExportError, ImportError, Partition, Selection, SigningKeys, Store, app,
    definition, device_grant, installation, package, signing_key, tenant, user,
};
use tokio::runtime::Handle;
use world::{APPS, INCARNATION, INSTALLATIONS, Place, TERMS, USERS, clean, fill, tokens};

/// All tenants, without signing keys.
fn all() -> Selection {
    Selection { tenants: Vec::new(), keys: SigningKeys::Left }
}

async fn exported(store: &Store, what: &Selection) -> String {
    let mut file = Vec::new();
    store.export(what, &mut file).await.unwrap();
    String::from_utf8(file).unwrap()
}

/// An export of one filled tenant.
async fn file_of(name: &str) -> String {
    let store = Store::open_temporary().await.unwrap();
    fill(&store, &world::tenant(name, 0)).await;
    exported(&store, &all()).await
}

/// The lines without the last one.
fn records(file: &str) -> Vec<String> {
    let mut lines: Vec<_> = file.lines().map(str::to_owned).collect();
    lines.pop();
    lines
}

/// The lines with the last one that they should have.
fn sealed(lines: &[String]) -> String {
    let mut counts = BTreeMap::<String, u64>::new();
    for line in &lines[1..] {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        *counts.entry(record["kind"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let text = lines.join("\n") + "\n";
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let sum = sum.as_ref().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    format!("{text}{}\n", serde_json::json!({ "counts": counts, "sha256": sum }))
}

/// Imports what must be refused, sees that nothing of it is left, and gives the message.
async fn refused(store: &Store, file: &str, existing: Existing) -> String {
    let before = exported(store, &all()).await;
    let error = store.import(file.as_bytes(), existing, tokens).await.unwrap_err();
    assert_eq!(exported(store, &all()).await, before, "something became visible: {error}");
    let report = clean(store).await;
    assert_eq!((report.unfinished, report.waiting), (0, 0), "{report}");
    error.to_string()
}

async fn the_bytes_are_the_same_after_a_journey(place: Place) {
    let (from, to) = (Store::open_temporary().await.unwrap(), place.open().await);
    fill(&from, &world::tenant("World", 7)).await;
    fill(&from, &world::tenant("another", 0)).await;
    clean(&from).await;
    let what = Selection { keys: SigningKeys::Taken, ..all() };
    let file = exported(&from, &what).await;
    let counts = to.import(file.as_bytes(), Existing::Kept, tokens).await.unwrap();
    let told = "85 records: app 6, chat 2, client 2, consent 2, definition 6, group 4, installation 34, membership 10, package 6, signingKey 1, tenant 2, user 10";
    assert_eq!(counts.to_string(), told);
    assert_eq!(exported(&to, &what).await, file);
    let report = clean(&to).await;
    assert_eq!((report.unfinished, report.waiting), (0, 0));
    assert_eq!(report.rows["user term"], (2 * USERS * TERMS) as u64);

    let view = to.view();
    let row = view.get(&tenant::key(&world::tenant("World", 0).id)).await.unwrap().unwrap();
    let partition = Partition::of(&row.record);
    for (counter, count) in
        [(Counter::Users, USERS), (Counter::Apps, APPS), (Counter::Installations, INSTALLATIONS)]
    {
        let counted = view.counter(&partition, counter).await.unwrap();
        assert_eq!(counted, i64::try_from(count).unwrap());
    }
    let stored = view.get(&user::key(&partition, &world::user_id(1))).await.unwrap().unwrap();
    assert_eq!(stored.record, world::user(1));
    assert_eq!(view.count(&package::all(&partition), 99).await.unwrap(), APPS);
    assert_eq!(view.count(&device_grant::all(&partition), 99).await.unwrap(), 0);
    let kept = view.get(&signing_key::key("kid")).await.unwrap().unwrap().record;
    assert!(kept == world::signing_key("kid"));
}

async fn the_bytes_do_not_tell_what_a_tenant_went_through(place: Place) {
    let (store, other) = (place.open().await, Store::open_temporary().await.unwrap());
    let living = world::tenant("world", 3);
    fill(&store, &living).await;
    fill(&other, &world::tenant("world", 0)).await;
    let partition = Partition::of(&living);
    // An app that is deleted takes its installations with it, at once or a moment later.
    let gone = world::app(APPS);
    let installed = (0..USERS).map(|user| world::installation(user, APPS));
    let changes = Changeset::new("app").put(&partition, &gone).add(&partition, Counter::Apps, 1);
    let changes =
        installed.fold(changes, |c, one| c.put(&partition, &one).add(&partition, Counter::Installations, 1));
    store.commit(changes.put(&partition, &world::definition(APPS))).await.unwrap();
    let with = exported(&store, &all()).await;
    let delete = Changeset::new("delete")
        .delete(&app::key(&partition, &gone.id))
        .delete(&definition::key(&partition, &gone.id, &world::definition(APPS).version))
        .add(&partition, Counter::Apps, -1)
        .sweep(&installation::of_app(&partition, &gone.id, INCARNATION));
    store.commit(delete).await.unwrap();
    let file = exported(&store, &all()).await;
    assert_eq!(file, exported(&other, &all()).await);
    assert_eq!(with.lines().count(), file.lines().count() + 2 + USERS);
    store.finish_sweeps().await.unwrap();
    assert_eq!(exported(&store, &all()).await, file);
}

async fn tenants_are_chosen_by_id_or_domain(place: Place) {
    let store = place.open().await;
    for name in ["Bee", "Ant", "Cat"] {
        fill(&store, &world::tenant(name, 0)).await;
    }
    let chosen = async |names: &[&str]| {
        let tenants = names.iter().map(ToString::to_string).collect();
        let file = exported(&store, &Selection { tenants, ..all() }).await;
        let lines = file.lines().filter(|line| line.starts_with(r#"{"kind":"tenant""#));
        lines.map(|line| line[27..30].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(chosen(&[]).await, ["Ant", "Bee", "Cat"]);
    assert_eq!(chosen(&["CAT", "bee.Example", "Cat"]).await, ["Bee", "Cat"]);
    let nobody = Selection { tenants: vec!["ant".into(), "dog".into()], ..all() };
    let error = store.export(&nobody, std::io::sink()).await.unwrap_err();
    assert!(matches!(&error, ExportError::NoTenant(name) if name == "dog"), "{error}");
    assert!(!exported(&store, &all()).await.contains("signingKey"));
}

async fn a_file_that_is_not_whole_is_refused(place: Place) {
    let store = place.open().await;
    let file = file_of("world").await;
    let lines = file.lines().count();
    // At the ends of lines, and within some.
    let ends = file.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
    for end in
        std::iter::once(0).chain(ends).take(lines).step_by(8).chain([1, 100, file.len() / 2, file.len() - 1])
    {
        let told = refused(&store, &file[..end], Existing::Kept).await;
        assert!(told.contains("the file is cut"), "cut at {end}: {told}");
    }
    let told = refused(&store, &format!("{file}\n"), Existing::Kept).await;
    assert_eq!(told, format!("line {lines}: something stands behind the last line"));
    let told = refused(&store, &file.replacen("Üser\\\\ 3", "Üser\\\\ 4", 1), Existing::Kept).await;
    assert_eq!(told, format!("line {lines}: the file was changed: its SHA-256 is another one"));
    let mut without = records(&file);
    without.pop();
    let text = sealed(&without).replace(r#""installation":16"#, r#""installation":17"#);
    let told = refused(&store, &text, Existing::Kept).await;
    assert!(told.ends_with("does not have the records that its last line counts"), "{told}");
}

async fn what_is_wrong_is_named_with_its_line(place: Place) {
    let store = place.open().await;
    let right = records(&file_of("world").await);
    let line = |text: &str| right.iter().position(|line| line.contains(text)).unwrap();
    // Number of a line from 0, what is done to it, and what is told.
    let replace = |at: usize, from: &str, to: &str| {
        let mut lines = right.clone();
        assert!(lines[at].contains(from), "{}", lines[at]);
        lines[at] = lines[at].replace(from, to);
        (at, lines)
    };
    let insert = |at: usize, from: usize| {
        let mut lines = right.clone();
        lines.insert(at, right[from].clone());
        (at, lines)
    };
    let remove = |at: usize, blamed: usize| {
        let mut lines = right.clone();
        lines.remove(at);
        (blamed - 1, lines)
    };
    let (user, first_app) = (line(r#""kind":"user""#), line(r#""kind":"app""#));
    let (first_definition, first_package) = (line(r#""kind":"definition""#), line(r#""kind":"package""#));
    let installed = line(r#""kind":"installation""#);
    let team_installed = line(r#""ownerKind":"team""#);
    let (first_group, chat) = (line(r#""kind":"group""#), line(r#""kind":"chat""#));
    let (members, in_group) = (line(r#""kind":"membership""#), line(r#""containerKind":"group""#));
    let cases = [
        (replace(0, r#""format":3"#, r#""format":4"#), "its format is 4, this one knows 3"),
        (replace(0, "format", "form"), "this is no export of Slipway: missing field `format`"),
        (replace(user, "document", "dokument"), "no record: unknown field `dokument`"),
        (replace(user, r#""kind":"user""#, r#""kind":"sweep""#), "'sweep' is no kind of record"),
        (replace(user, r#""v":2"#, r#""v":3"#), "this user cannot be read: written by a newer Slipway"),
        (replace(user, "User-0", "User 0"), "this user cannot be read: 'User 0' is not an id"),
        (replace(user, "+1 425", "+1\\u0000425"), "this user cannot be read: a text has a NUL character"),
        (
            replace(user, r#""tenant":"world""#, r#""tenant":"other""#),
            "it stands behind no line of its tenant",
        ),
        (
            replace(1, r#""tenant":"world""#, r#""tenant":"other""#),
            "it is another tenant than its document says",
        ),
        (remove(1, 2), "it stands behind no line of its tenant"),
        (insert(installed, 1), "the file has the tenant or its domain world.example twice"),
        (insert(installed + 1, installed), "the file has this installation twice"),
        (insert(first_app, user), "the file has this user twice"),
        (replace(user + 1, "Name1@", "NAME0@"), "user.userPrincipalName is that of an earlier record"),
        (replace(first_app + 2, "External-2", "external-0"), "app.externalId is that of an earlier record"),
        (remove(user, members), "the user that it refers to does not stand before it"),
        (remove(first_group, in_group), "the group that it refers to does not stand before it"),
        (remove(chat, members), "the chat that it refers to does not stand before it"),
        (insert(user, team_installed), "the group that it refers to does not stand before it"),
        (insert(members + 1, members), "the file has this membership twice"),
        (replace(members, r#""role":"member""#, r#""role":"guest""#), "'guest' is no role"),
        (
            replace(members, r#""kind":"membership""#, r#""kind":"userTerm""#),
            "'userTerm' is no kind of record",
        ),
        (remove(first_app, first_definition), "the app that it refers to does not stand before it"),
        (
            remove(first_definition, first_package),
            "the definition that it refers to does not stand before it",
        ),
    ];
    for ((at, lines), told) in cases {
        let message = refused(&store, &sealed(&lines), Existing::Kept).await;
        let expected = format!("line {}: ", at + 1);
        assert!(message.starts_with(&expected) && message.contains(told), "{message}, not {expected}{told}");
    }
}

async fn a_tenant_that_is_there_stays_unless_it_is_replaced(place: Place) {
    let store = place.open().await;
    let former = world::tenant("world", 4);
    fill(&store, &former).await;
    let file = file_of("WORLD").await;
    let told = refused(&store, &file, Existing::Kept).await;
    assert_eq!(told, "line 2: the tenant WORLD (world.example) is there already");
    let cut = records(&file).join("\n") + "\n";
    refused(&store, &cut, Existing::Replaced).await;

    let partition = Partition::of(&former);
    let changes = world::put_user(Changeset::new("more"), &partition, &world::user(USERS));
    let changes = changes.add(&partition, Counter::Users, 1);
    store.commit(changes).await.unwrap();
    store.import(file.as_bytes(), Existing::Replaced, tokens).await.unwrap();
    assert_eq!(exported(&store, &all()).await, file);
    let report = clean(&store).await;
    assert_eq!((report.unfinished, report.waiting), (0, 0));
    assert_eq!(report.rows["user"], USERS as u64);
    assert_eq!(report.rows.get("device grant"), None);
    // And once more, over what was imported.
    store.import(file.as_bytes(), Existing::Replaced, tokens).await.unwrap();
    assert_eq!(exported(&store, &all()).await, file);

    fill(&store, &world::tenant("other", 0)).await;
    let stolen = file.replace("other.example", "world.example");
    let taken = sealed(&records(&stolen.replace("WORLD", "third")));
    let told = refused(&store, &taken, Existing::Replaced).await;
    assert_eq!(told, "line 2: its domain world.example is that of the tenant WORLD");
}

async fn signing_keys_are_added_to_those_that_are_there(place: Place) {
    let store = place.open().await;
    let key = world::signing_key("other");
    store.commit(Changeset::new("key").put(&Partition::global(), &key)).await.unwrap();
    let from = Store::open_temporary().await.unwrap();
    fill(&from, &world::tenant("world", 0)).await;
    let taken = Selection { keys: SigningKeys::Taken, ..all() };
    let file = exported(&from, &taken).await;
    store.import(file.as_bytes(), Existing::Kept, tokens).await.unwrap();
    assert_eq!(store.view().count(&signing_key::all(), 9).await.unwrap(), 2);
    store.import(file.as_bytes(), Existing::Replaced, tokens).await.unwrap();
    let another = sealed(&records(&file.replacen("AP8H", "BP8H", 1)));
    assert_ne!(another, file);
    let told = refused(&store, &another, Existing::Replaced).await;
    assert_eq!(told, "line 2: another signing key with the id 'kid' is there");
}

/// A file of one tenant with many users; that of the last line has the id of `twice`.
fn crowd(users: usize, twice: usize) -> String {
    let tenant = r#"{"kind":"tenant","tenant":"t","document":{"v":1,"id":"t","displayName":"","domain":"t.example","generation":0}}"#;
    let mut lines = vec![r#"{"format":1,"product":"a test"}"#.to_owned(), tenant.to_owned()];
    for n in (0..users).chain([twice]) {
        let document = format!(
            r#"{{"v":1,"id":"{n:06}","userPrincipalName":"{}@t.example","displayName":"","businessPhones":[],"accountEnabled":true,"directoryRoles":[]}}"#,
            lines.len()
        );
        lines.push(format!(r#"{{"kind":"user","tenant":"t","document":{document}}}"#));
    }
    sealed(&lines)
}

async fn many_rows_take_many_commits(place: Place) {
    let store = place.open().await;
    let told = refused(&store, &crowd(4_500, 1_234), Existing::Kept).await;
    assert_eq!(told, "line 4503: the file has this user twice");
    let counts = store.import(crowd(4_500, 4_500).as_bytes(), Existing::Kept, tokens).await.unwrap();
    assert_eq!(counts.to_string(), "4502 records: tenant 1, user 4501");
    assert_eq!(clean(&store).await.rows["user"], 4_501);
}

/// Panics where the file ends, which is as near to a kill as a test comes: nobody tidies up.
struct Killed<'a>(&'a [u8]);

impl Read for Killed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        assert!(!self.0.is_empty(), "killed");
        self.0.read(buffer)
    }
}

/// Begins an import of many rows that ends in the middle.
async fn kill_import(store: &Store) {
    let killed = tokio::spawn({
        let store = store.clone();
        async move {
            let file = crowd(6_500, 6_500);
            let half = BufReader::new(Killed(&file.as_bytes()[..file.len() - 80_000]));
            store.import(half, Existing::Kept, tokens).await
        }
    });
    assert!(killed.await.unwrap_err().is_panic());
}

async fn what_a_killed_import_left_is_deleted_by_the_next(place: Place) {
    let store = place.open().await;
    fill(&store, &world::tenant("world", 0)).await;
    let before = exported(&store, &all()).await;
    kill_import(&store).await;
    let report = clean(&store).await;
    assert!(report.unfinished >= 1_000, "{report}");
    assert!(report.to_string().contains("of an import that is not finished"), "{report}");
    assert_eq!(exported(&store, &all()).await, before);

    store.import(crowd(10, 10).as_bytes(), Existing::Kept, tokens).await.unwrap();
    let report = clean(&store).await;
    assert_eq!((report.unfinished, report.waiting), (0, 0), "{report}");
    assert_eq!(report.rows["user"], (USERS + 11) as u64);
}

#[tokio::test]
async fn what_a_killed_import_left_in_a_folder_is_deleted_at_the_next_start() {
    let place = Place::embedded();
    let store = place.open().await;
    kill_import(&store).await;
    store.close().await;
    drop(store);
    let store = place.open().await;
    store.finish_sweeps().await.unwrap();
    let report = clean(&store).await;
    assert_eq!((report.unfinished, report.rows.len()), (0, 0), "{report}");
}

async fn a_new_import_ends_the_one_that_runs(place: Place) {
    let store = place.open().await;
    let (input, mut output) = std::io::pipe().unwrap();
    let slow = tokio::task::spawn_blocking({
        let store = store.clone();
        move || Handle::current().block_on(store.import(BufReader::new(input), Existing::Kept, tokens))
    });
    let file = crowd(3_000, 3_000);
    let (half, rest) = file.split_at(file.len() / 2);
    let mut output = tokio::task::spawn_blocking({
        let half = half.to_owned();
        move || {
            output.write_all(half.as_bytes()).unwrap();
            output
        }
    })
    .await
    .unwrap();
    while store.check().await.unwrap().unfinished < 1_000 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let other = file_of("world").await;
    store.import(other.as_bytes(), Existing::Kept, tokens).await.unwrap();
    let rest = rest.to_owned();
    // The other end may be gone before all of it is read.
    tokio::task::spawn_blocking(move || drop(output.write_all(rest.as_bytes()))).await.unwrap();
    let error = slow.await.unwrap().unwrap_err();
    assert!(matches!(error, ImportError::Ended), "{error}");
    assert_eq!(exported(&store, &all()).await, other);
    let report = clean(&store).await;
    assert_eq!((report.unfinished, report.waiting), (0, 0), "{report}");
}

macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(super::Place::embedded()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(super::Place::postgres().await).await;
            })*
        }
    };
}

on_both_engines!(
    the_bytes_are_the_same_after_a_journey,
    the_bytes_do_not_tell_what_a_tenant_went_through,
    tenants_are_chosen_by_id_or_domain,
    a_file_that_is_not_whole_is_refused,
    what_is_wrong_is_named_with_its_line,
    a_tenant_that_is_there_stays_unless_it_is_replaced,
    signing_keys_are_added_to_those_that_are_there,
    many_rows_take_many_commits,
    what_a_killed_import_left_is_deleted_by_the_next,
    a_new_import_ends_the_one_that_runs,
);
