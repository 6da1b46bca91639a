//! Tenants and packages to put into a store, and folders as a kill leaves them.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use slipway_model::{AppPermissionPolicy, AppVersion, TeamsAppId, TeamsAppSettings, Tenant, TenantId};
use slipway_store::{Changeset, Icon, OpenError, Package, Partition, ReadError, Store, package, tenant};

pub fn tenant_of(n: u64) -> Tenant {
    Tenant {
        id: TenantId::parse(&format!("tenant-{n}")).unwrap(),
        display_name: "x".repeat(100),
        domain: format!("{n}.example"),
        generation: 0,
        settings: TeamsAppSettings::default(),
        policy: AppPermissionPolicy::default(),
        has_special_users: false,
    }
}

/// Large enough to stand apart from its key, and not compressible.
pub fn package_of(n: u64) -> Package {
    let mut state = n + 1;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    let mut icon = || Icon { media_type: "image/png".to_owned(), bytes: (0..900).map(|_| byte()).collect() };
    Package {
        app: TeamsAppId::parse(&format!("app-{n}")).unwrap(),
        version: AppVersion::new("1.0.0"),
        manifest: format!("{{\"n\":{n}}}").into_bytes(),
        color_icon: icon(),
        outline_icon: icon(),
    }
}

pub fn put(n: u64) -> Changeset {
    let global = Partition::global();
    Changeset::new("put").put(&global, &tenant_of(n)).put(&global, &package_of(n))
}

pub async fn commit(store: &Store, n: u64) {
    store.commit(put(n)).await.unwrap();
}

/// How many of `0..` are there, without a gap, by every way to read them.
pub async fn read(store: &Store) -> Result<u64, ReadError> {
    let view = store.view();
    let mut n = 0;
    while let Some(stored) = view.get(&tenant::key(&tenant_of(n).id)).await? {
        assert_eq!(stored.record, tenant_of(n));
        let found = view.find(&tenant::by_domain(&tenant_of(n).domain)).await?;
        assert_eq!(found, Some(stored));
        let Package { app, version, .. } = package_of(n);
        let package = view.get(&package::key(&Partition::global(), &app, &version)).await?;
        assert_eq!(package.unwrap().record, package_of(n));
        n += 1;
    }
    assert_eq!(view.count(&tenant::all(), usize::MAX).await? as u64, n);
    let packages = view.scan(&package::all(&Partition::global()), usize::MAX).await?;
    assert_eq!(packages.rows.len() as u64, n);
    Ok(n)
}

pub async fn refusal(folder: &Path) -> OpenError {
    match Store::open(folder).await {
        Ok(_) => panic!("'{}' was opened", folder.display()),
        Err(error) => error,
    }
}

/// Copies a folder; journals without the zeros behind their last batch, which ends with none.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if is_journal(&entry.path()) {
            fs::write(target, written(&entry.path())).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub fn is_journal(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jnl")
}

/// What was written to a journal of less than a megabyte.
pub fn written(journal: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    File::open(journal).unwrap().take(1 << 20).read_to_end(&mut bytes).unwrap();
    bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    bytes
}

/// The journals, oldest first.
pub fn journals(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.join("tree")).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<_> = files.filter(|path| is_journal(path)).collect();
    journals.sort();
    journals
}
