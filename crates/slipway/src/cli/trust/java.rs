//! Java's key stores, through its own keytool.

use std::path::Path;
use std::process::{Command, Output};

use super::certificate::Certificate;
use super::succeed;
use crate::failure::Failure;

/// The password of the store that Java comes with, which protects nothing.
const PASSWORD: &str = "changeit";

/// Makes programs on Java trust the certificate; says what was done.
///
/// # Errors
/// [`Failure::Runtime`] with what keytool says.
pub fn install(certificate: &Certificate, keystore: Option<&Path>) -> Result<String, Failure> {
    let (alias, place) = (&certificate.alias, place(keystore));
    if has(keystore, alias)? {
        return Ok(format!("{alias} was in {place} already\n"));
    }
    let mut import = keytool("-importcert", keystore);
    import.args(["-noprompt", "-alias", alias, "-file"]).arg(&certificate.file);
    succeed(&mut import).map_err(hinted)?;
    let how = keystore.map_or(String::new(), |file| {
        format!("java -Djavax.net.ssl.trustStore={} … trusts it and nobody else\n", file.display())
    });
    Ok(format!("{alias} is in {place}\n{how}"))
}

/// Takes it back; says what was done.
///
/// # Errors
/// [`Failure::Runtime`] with what keytool says.
pub fn uninstall(certificate: &Certificate, keystore: Option<&Path>) -> Result<String, Failure> {
    let (alias, place) = (&certificate.alias, place(keystore));
    if !has(keystore, alias)? {
        return Ok(format!("{alias} was not in {place}\n"));
    }
    succeed(keytool("-delete", keystore).args(["-alias", alias])).map_err(hinted)?;
    Ok(format!("removed {alias} from {place}\n"))
}

/// Takes the alias out of the store, if Java is there and the alias is in it.
///
/// # Errors
/// [`Failure::Runtime`] with what keytool says.
pub fn forget(store: &Path, alias: &str) -> Result<(), Failure> {
    if let Ok(true) = has(Some(store), alias) {
        succeed(keytool("-delete", Some(store)).args(["-alias", alias]))?;
    }
    Ok(())
}

fn place(keystore: Option<&Path>) -> String {
    keystore.map_or_else(|| "Java's cacerts".to_owned(), |file| file.display().to_string())
}

fn has(keystore: Option<&Path>, alias: &str) -> Result<bool, Failure> {
    if keystore.is_some_and(|file| !file.exists()) {
        return Ok(false);
    }
    let listed = keytool("-list", keystore).args(["-alias", alias]).output();
    let missing = |error| Failure::at("keytool", format_args!("{error}\nhint: it comes with a JDK"));
    let Output { status, stdout, stderr } = listed.map_err(missing)?;
    let told = String::from_utf8_lossy(&[stdout, stderr].concat()).trim().to_owned();
    match status.success() {
        true => Ok(true),
        false if told.contains("does not exist") && told.contains(alias) => Ok(false),
        false => Err(Failure::at("keytool", told)),
    }
}

fn keytool(task: &str, keystore: Option<&Path>) -> Command {
    let mut command = Command::new("keytool");
    command.args(["-J-Duser.language=en", task, "-storepass", PASSWORD]);
    match keystore {
        Some(file) => command.arg("-keystore").arg(file),
        None => command.arg("-cacerts"),
    };
    command
}

fn hinted(failure: Failure) -> Failure {
    let told = failure.to_string();
    let hint = "hint: sudo, or --keystore FILE and -Djavax.net.ssl.trustStore=FILE";
    if told.contains("Permission denied") { Failure::Runtime(format!("{told}\n{hint}")) } else { failure }
}
