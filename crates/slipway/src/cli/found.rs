//! The server that a command is about.

use std::path::{self, Path, PathBuf};

use http::Uri;

use super::readyz;
use crate::config::{self, Settings};
use crate::data;
use crate::failure::Failure;
use crate::readiness::Ready;
use crate::serve::CONTROL_SECRET_FILE;
use crate::tls;

/// What a program needs to use the server. It is found by the first of these that is there:
///
/// 1. the URL, with what lies in the data folder of the settings;
/// 2. the ready file of the settings (`--ready-file`), as the server wrote it;
/// 3. `SLIPWAY_URL`, `SLIPWAY_CA_FILE` and `SLIPWAY_CONTROL_SECRET`, as `slipway env` and `slipway exec` tell them;
/// 4. the first address of the settings, with what lies in their data folder.
///
/// # Errors
/// [`Failure`] that says what is missing.
pub fn server(settings: &Settings, url: Option<&Uri>) -> Result<Ready, Failure> {
    match (url, &settings.ready_file) {
        (Some(_), _) => keeper(settings, url),
        (None, Some(file)) => of_file(file),
        (None, None) => match of_variables()? {
            Some(ready) => Ok(ready),
            None => keeper(settings, None),
        },
    }
}

fn of_file(file: &Path) -> Result<Ready, Failure> {
    let text = data::read(file).map_err(|error| Failure::at(file.display(), error))?;
    let text = text.ok_or_else(|| {
        Failure::at(file.display(), "is not there\nhint: slipway serve writes it when it is ready")
    })?;
    serde_json::from_str(&text).map_err(|error| Failure::at(file.display(), error))
}

fn of_variables() -> Result<Option<Ready>, Failure> {
    let text = |name: &str| config::variable(name).and_then(|value| value.into_string().ok());
    let Some(url) = text("SLIPWAY_URL") else { return Ok(None) };
    let needed = |name: &str| text(name).ok_or_else(|| Failure::Usage(format!("SLIPWAY_URL without {name}")));
    let parsed = url.parse().map_err(|error| Failure::Usage(format!("SLIPWAY_URL: {error}")))?;
    Ok(Some(Ready {
        http_url: format!("http://{}", readyz::address_of(&parsed)?),
        url,
        ca_file: needed("SLIPWAY_CA_FILE")?.into(),
        tenant_id: text("AZURE_TENANT_ID"),
        client_id: text("AZURE_CLIENT_ID"),
        client_secret: text("AZURE_CLIENT_SECRET"),
        control_secret: needed("SLIPWAY_CONTROL_SECRET")?,
    }))
}

/// The server that has the data folder open: at the URL, else at the first address of the settings. The folder does
/// not say which clients there are.
///
/// # Errors
/// [`Failure`] that says what is missing.
pub fn keeper(settings: &Settings, url: Option<&Uri>) -> Result<Ready, Failure> {
    let address = match url {
        Some(url) => readyz::address_of(url)?,
        None => readyz::address_of_settings(settings)?,
    };
    let secret_file = settings.data.join(CONTROL_SECRET_FILE);
    let secret = data::read(&secret_file).map_err(|error| Failure::at(secret_file.display(), error))?;
    let secret = secret.ok_or_else(|| {
        Failure::at(
            secret_file.display(),
            "is not there\nhint: --data names the folder of a server, --ready-file the file that it wrote",
        )
    })?;
    Ok(Ready {
        url: format!("https://{address}"),
        http_url: format!("http://{address}"),
        ca_file: certificate(settings)?,
        tenant_id: None,
        client_id: None,
        client_secret: None,
        control_secret: secret.trim().to_owned(),
    })
}

/// The certificate of the server's authority, found as the server is.
///
/// # Errors
/// [`Failure`] that says what is missing.
pub fn authority(settings: &Settings) -> Result<PathBuf, Failure> {
    match (&settings.ready_file, config::variable("SLIPWAY_CA_FILE")) {
        (Some(file), _) => Ok(of_file(file)?.ca_file),
        (None, Some(file)) => Ok(file.into()),
        (None, None) => certificate(settings),
    }
}

/// Absolute path of the authority's certificate in the data folder.
fn certificate(settings: &Settings) -> Result<PathBuf, Failure> {
    let file = settings.data.join(tls::CERTIFICATE_FILE);
    path::absolute(&file).map_err(|error| Failure::at(file.display(), error))
}
