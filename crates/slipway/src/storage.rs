//! The storage that the settings name, and the key file that seals the signing keys in it.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use slipway_identity::{SealingKey, Secret};
use slipway_store::{Database, OpenError, Store};
use tokio::time::{Instant, sleep};

use crate::config::{DatabaseAddress, Settings};
use crate::data;
use crate::failure::Failure;

/// How long a database that cannot be reached is tried: it may be starting at the same time.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to rest between two tries.
const REST: Duration = Duration::from_secs(1);

/// Opens the storage.
///
/// # Errors
/// [`Failure::Runtime`] that names the folder or the database.
pub async fn open(settings: &Settings) -> Result<Store, Failure> {
    let opened = match &settings.database {
        _ if settings.in_memory => Store::open_temporary().await,
        Some(DatabaseAddress(database)) => {
            reach(&database.clone().with_connections(settings.database_connections)).await
        }
        None => {
            data::prepare(&settings.data)?;
            Store::open(&settings.data).await
        }
    };
    opened.map_err(|error| Failure::at("storage", error))
}

async fn reach(database: &Database) -> Result<Store, OpenError> {
    let began = Instant::now();
    loop {
        match Store::open_database(database).await {
            Err(error @ OpenError::Unreachable { .. }) if began.elapsed() + REST < PATIENCE => {
                tracing::warn!("{error}; trying again");
                sleep(REST).await;
            }
            opened => return opened,
        }
    }
}

/// Reads the key file: the base64 of 32 random bytes, for its owner's eyes alone.
///
/// # Errors
/// [`Failure::Usage`] that names the file, with a hint.
pub fn sealing_key(file: &Path) -> Result<SealingKey, Failure> {
    let refused = |why: &dyn fmt::Display| Failure::Usage(format!("key file {}: {why}", file.display()));
    let read = || -> std::io::Result<(u32, String)> {
        let mut opened = File::open(file)?;
        let mode = opened.metadata()?.permissions().mode() & 0o777;
        let mut text = String::new();
        opened.read_to_string(&mut text)?;
        Ok((mode, text))
    };
    let (mode, text) = read().map_err(|error| refused(&error))?;
    if mode & 0o077 != 0 {
        let hint = format_args!("hint: chmod 600 {}", file.display());
        return Err(refused(&format_args!("others can read it: its mode is {mode:03o}\n{hint}")));
    }
    SealingKey::parse(&Secret::from(text)).map_err(|error| {
        refused(&format_args!("{error}\nhint: (umask 077; openssl rand -base64 32 > {})", file.display()))
    })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    fn told(mode: u32, text: &str) -> Option<String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        fs::set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
        let failure = sealing_key(file.path()).err()?;
        let Failure::Usage(told) = failure else { panic!("{failure} is no usage error") };
        assert!(told.starts_with(&format!("key file {}: ", file.path().display())), "{told}");
        Some(told)
    }

    #[test]
    fn a_key_file_is_its_owners_alone_and_holds_32_bytes() {
        let text = format!("{}=\n", "A".repeat(43));
        assert_eq!(told(0o600, &text), None);
        assert_eq!(told(0o400, &text), None);
        for mode in [0o640, 0o604, 0o660] {
            let told = told(mode, &text).unwrap();
            assert!(told.contains(&format!("mode is {mode:03o}\nhint: chmod 600")), "{told}");
        }
        for text in ["", "secret", &text[1..]] {
            let told = told(0o600, text).unwrap();
            assert!(told.contains("hint: (umask 077; openssl rand -base64 32 > "), "{told}");
        }
        assert!(
            matches!(sealing_key(Path::new("/none.key")), Err(Failure::Usage(told)) if told.contains("/none.key"))
        );
    }
}
