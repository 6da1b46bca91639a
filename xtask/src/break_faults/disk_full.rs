//! The disk is full: writes are refused until there is space, reads go on, and the same process resumes.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use tempfile::TempDir;

use super::load::Sighting;
use super::site::Site;
use super::tally::Tally;
use super::trial::{Plan, Trial};
use crate::at_end::AtEnd;
use crate::workspace;

/// The size of the disk, as `mount` takes it: enough for the data of many rounds.
const SIZE: &str = "size=512m,mode=700";

/// Fills the disk round by round, until the clients are told to retry, and for up to two seconds more.
///
/// # Errors
/// Without the right to mount; when the server does not resume, or behaves in a way that no count can express.
pub async fn run(mut site: Site, plan: Plan) -> anyhow::Result<Tally> {
    let disk = SmallDisk::mount()?;
    site.data = disk.folder.path().join("data");
    let mut trial = Trial::open(site, plan).await?;
    while trial.goes_on() {
        trial.begin().await?;
        let ballast = disk.fill()?;
        trial.until("answer that tells to retry later", Sighting::told_to_retry).await?;
        trial.require_reading().await?;
        trial.pause(0..2_000).await?;
        trial.require_reading().await?;
        std::fs::remove_file(ballast)?;
        let since = Instant::now();
        trial.finish(since).await?;
        trial.require_reading().await?;
    }
    trial.close().await
}

/// A disk of its own in memory.
struct SmallDisk {
    /// Before the folder, which cannot go while something is mounted on it.
    _unmount: AtEnd,
    folder: TempDir,
}

impl SmallDisk {
    fn mount() -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SIZE, "slipway-break"]).arg(folder.path());
        workspace::succeed(&mut mount)
            .context("a full disk needs the right to mount: run this as root, or in `unshare -Urm`")?;
        let unmount = AtEnd::run(r#"umount --lazy "$1"; rmdir "$1""#, &[folder.path()])?;
        Ok(Self { _unmount: unmount, folder })
    }

    /// Takes all the space there is.
    fn fill(&self) -> anyhow::Result<PathBuf> {
        let path = self.folder.path().join("ballast");
        let mut ballast = File::create(&path)?;
        // First in large steps, then in those of the disk's blocks, so that nothing is left.
        for step in [1 << 20, 1 << 12] {
            let zeros = vec![0; step];
            loop {
                match ballast.write_all(&zeros) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(path)
    }
}
