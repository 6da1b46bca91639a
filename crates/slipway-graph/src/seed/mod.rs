//! Seeds: files that say what a server holds when it starts, and the demo tenant.
//!
//! A seed is read and checked as a whole, then compared with what is stored, and only what differs is written; so
//! applying it again changes nothing.

mod apply;
mod batch;
mod check;
mod error;
mod format;
mod packages;
mod passwords;
mod places;
mod plan;
mod report;
mod values;

#[cfg(test)]
mod tests;

use std::path::Path;

use serde_saphyr::{MessageFormatter, UserMessageFormatter};
use slipway_identity::Secret;

use check::TenantSeed;
use places::{Place, Places};

pub use error::{Finding, SeedError};
pub use report::{Report, Tally};

/// Id of the demo tenant.
pub const DEMO_TENANT: &str = "51190000-0000-4000-8000-000000000001";
/// Id of the demo tenant's client that has every application permission.
pub const DEMO_CLIENT: &str = "51190000-0000-4000-8000-00000000a001";
/// Secret of that client.
pub const DEMO_CLIENT_SECRET: &str = "slipway-demo-secret";

/// A client that can sign in by itself, with the secret that a seed gives it.
#[derive(Clone)]
pub struct Credential {
    /// Its tenant's id.
    pub tenant_id: String,
    /// Its id.
    pub client_id: String,
    /// One of its secrets.
    pub secret: Secret,
}

impl Credential {
    /// The demo tenant's client that has every application permission.
    #[must_use]
    pub fn demo() -> Self {
        let [tenant_id, client_id] = [DEMO_TENANT, DEMO_CLIENT].map(str::to_owned);
        Self { tenant_id, client_id, secret: DEMO_CLIENT_SECRET.into() }
    }
}

/// A seed that is right by itself; [`Seed::apply`] compares it with what is stored.
pub struct Seed {
    places: Places,
    tenants: Vec<TenantSeed>,
}

impl Seed {
    /// Reads a seed file, YAML or JSON, and the packages that it names.
    ///
    /// # Errors
    /// [`SeedError::File`] and [`SeedError::Invalid`].
    pub fn load(file: &Path) -> Result<Self, SeedError> {
        let name = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => Self::parse(&name, &text, file.parent().unwrap_or(Path::new(""))),
            Err(error) => Err(SeedError::File { name, error }),
        }
    }

    /// Reads the text of a seed, YAML or JSON. Errors call it by the name; packages are looked for in the folder.
    ///
    /// # Errors
    /// [`SeedError::Invalid`]: one finding if the text does not have the form of a seed, else up to 100.
    pub fn parse(name: &str, text: &str, folder: &Path) -> Result<Self, SeedError> {
        let (document, places) = read(name, text).map_err(|finding| SeedError::Invalid(vec![finding]))?;
        let tenants = check::check(document, &places, folder).map_err(SeedError::Invalid)?;
        Ok(Self { places, tenants })
    }

    /// The demo tenant, which a server in lab mode puts into empty storage.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn demo() -> Result<Self, SeedError> {
        Self::parse("demo.yaml", include_str!("demo.yaml"), Path::new(""))
    }

    /// The first client that has a secret, with its first one.
    #[must_use]
    pub fn credential(&self) -> Option<Credential> {
        self.tenants.iter().find_map(|tenant| {
            tenant.said.clients.iter().find_map(|client| {
                Some(Credential {
                    tenant_id: tenant.said.id.0.to_string(),
                    client_id: client.id.0.to_string(),
                    secret: client.secrets.first()?.0.clone(),
                })
            })
        })
    }
}

/// The JSON schema of the seed format, for editors.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", schemars::schema_for!(format::Document).to_value())
}

/// Reads the text twice: once for the lines of its keys, once into types.
fn read(name: &str, text: &str) -> Result<(format::Document, Places), Finding> {
    let options = || {
        serde_saphyr::options! {
            // A seed may be large; only its depth stays bounded.
            budget: serde_saphyr::budget! {
                max_events: usize::MAX,
                max_nodes: usize::MAX,
                max_total_scalar_bytes: usize::MAX,
            },
            strict_booleans: true,
            with_snippet: false,
        }
    };
    let root: Place = serde_saphyr::from_str_with_options(text, options()).map_err(|error| Finding {
        file: name.to_owned(),
        line: error.location().map_or(1, |location| location.line()),
        key: String::new(),
        text: UserMessageFormatter.format_message(&error).into_owned(),
    })?;
    let places = Places::new(name, root);
    let mut wrong_key = String::new();
    let document = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            wrong_key = error.path().to_string();
            error.into_inner()
        })
    });
    match document {
        Ok(document) => Ok((document, places)),
        Err(error) => {
            let key = if wrong_key == "." { "" } else { &wrong_key };
            Err(places.finding(key, UserMessageFormatter.format_message(&error)))
        }
    }
}
