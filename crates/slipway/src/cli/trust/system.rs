//! The operating system's store.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::certificate::Certificate;
use super::{java, refused, succeed};
use crate::data;
use crate::failure::Failure;
use crate::tls;

/// Where Debian takes an administrator's authorities from, update-ca-certificates(8).
pub const DEBIAN_FOLDER: &str = "/usr/local/share/ca-certificates";
/// Where Fedora does, update-ca-trust(8).
pub const FEDORA_FOLDER: &str = "/etc/pki/ca-trust/source/anchors";

/// The keychain of macOS that all users share.
const KEYCHAIN: &str = "/Library/Keychains/System.keychain";

/// How the system keeps its authorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Debian,
    Fedora,
    Mac,
}

impl System {
    /// The one below the root.
    fn of(root: &Path) -> Result<Self, Failure> {
        let has = |path: &str| below(root, path).exists();
        if has("/etc/ca-certificates.conf") {
            Ok(Self::Debian)
        } else if has(FEDORA_FOLDER) && root == Path::new("/") {
            Ok(Self::Fedora)
        } else if cfg!(target_os = "macos") && root == Path::new("/") {
            Ok(Self::Mac)
        } else {
            let hint = "slipway trust prints what other systems take; on Debian install ca-certificates";
            Err(Failure::Runtime(format!("{}: an unknown system\nhint: {hint}", root.display())))
        }
    }

    /// The copy of the certificate, where the system takes copies.
    fn copy(self, root: &Path, alias: &str) -> Option<PathBuf> {
        let folder = match self {
            Self::Debian => DEBIAN_FOLDER,
            Self::Fedora => FEDORA_FOLDER,
            Self::Mac => return None,
        };
        Some(below(root, folder).join(format!("{alias}.crt")))
    }

    /// Has the system make its lists anew, after a copy came or went.
    fn update(self, root: &Path) -> Result<(), Failure> {
        match self {
            // Without --fresh links to a copy that is gone stay. Its options are in none of its pages, but in every
            // version since 2003.
            Self::Debian => succeed(
                Command::new("update-ca-certificates").arg("--fresh").args(
                    [
                        ("--certsconf", "/etc/ca-certificates.conf"),
                        ("--certsdir", "/usr/share/ca-certificates"),
                        ("--localcertsdir", DEBIAN_FOLDER),
                        ("--etccertsdir", "/etc/ssl/certs"),
                        ("--hooksdir", "/etc/ca-certificates/update.d"),
                    ]
                    .into_iter()
                    .flat_map(|(option, path)| [PathBuf::from(option), below(root, path)]),
                ),
            ),
            Self::Fedora => succeed(&mut Command::new("update-ca-trust")),
            Self::Mac => Ok(()),
        }
    }
}

/// The path below the root.
fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Makes the system trust the certificate; says what was done.
///
/// # Errors
/// [`Failure::Runtime`]; the copy is gone again then.
pub fn install(certificate: &Certificate, root: Option<&Path>) -> Result<String, Failure> {
    let root = root.unwrap_or(Path::new("/"));
    let system = System::of(root)?;
    let (alias, names) = (&certificate.alias, certificate.names.join(", "));
    let key = certificate.file.with_file_name(tls::KEY_FILE);
    let done = format!(
        "{alias} is trusted, for {names}\nwho can read {} can stand in for these on this machine\n",
        key.display()
    );
    let Some(copy) = system.copy(root, alias) else {
        let mut command = Command::new("security");
        command.args(["add-trusted-cert", "-d", "-r", "trustRoot", "-k", KEYCHAIN]).arg(&certificate.file);
        succeed(&mut command)?;
        return Ok(done);
    };
    let known = data::read(&copy).map_err(|error| refused(&copy, &error))?;
    if known.as_ref() == Some(&certificate.pem) && listed(system, root, alias) {
        return Ok(format!("{} was there already: {alias} is trusted, for {names}\n", copy.display()));
    }
    if let Some(folder) = copy.parent() {
        fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    }
    data::write(&copy, certificate.pem.as_bytes(), data::PUBLIC).map_err(|error| refused(&copy, &error))?;
    if let Err(failure) = system.update(root) {
        fs::remove_file(&copy).map_err(|error| refused(&copy, &error))?;
        return Err(failure);
    }
    Ok(format!("copied to {}\n{done}", copy.display()))
}

/// Whether the system's list has it, as far as a look at the links tells.
fn listed(system: System, root: &Path, alias: &str) -> bool {
    system != System::Debian || below(root, "/etc/ssl/certs").join(format!("{alias}.pem")).exists()
}

/// Takes the trust back; says what was done.
///
/// # Errors
/// [`Failure::Runtime`] if the system goes on trusting it.
pub fn uninstall(certificate: &Certificate, root: Option<&Path>) -> Result<String, Failure> {
    let root = root.unwrap_or(Path::new("/"));
    let system = System::of(root)?;
    let alias = &certificate.alias;
    let Some(copy) = system.copy(root, alias) else {
        succeed(Command::new("security").args(["remove-trusted-cert", "-d"]).arg(&certificate.file))?;
        return Ok(format!("{alias} is not trusted any more\n"));
    };
    if data::read(&copy).map_err(|error| refused(&copy, &error))?.is_none() {
        return Ok(format!("{} was not there: {alias} is not trusted\n", copy.display()));
    }
    fs::remove_file(&copy).map_err(|error| refused(&copy, &error))?;
    system.update(root)?;
    // Debian hands what comes on to Java's store, but not what goes.
    let store = below(root, "/etc/ssl/certs/java/cacerts");
    if system == System::Debian && store.exists() {
        java::forget(&store, &format!("debian:{alias}.pem"))?;
    }
    Ok(format!("removed {}\n{alias} is not trusted any more\n", copy.display()))
}
