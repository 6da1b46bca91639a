//! Settings: what they are, and how flag, environment, file and default become one of each.
//!
//! `default.toml` is the list of the settings: their names, defaults, shapes and the help of their flags. A new
//! setting is an entry there and a field of [`Settings`].

mod layers;
mod values;

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use slipway_graph::{LegacyPermissions, LegacyRefusal, MICROSOFT_HOSTS};

use crate::failure::Failure;
use layers::Layer;
pub use layers::{Setting, settings, variable};
pub use values::{DatabaseAddress, InterceptedName, IssuerUrl, Listen, LogLevel, PublicUrl, TlsName};

/// The settings in force. `default.toml` says what each one is.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    #[serde(deserialize_with = "values::at_least_one")]
    pub listen: Vec<Listen>,
    pub tls_name: Vec<TlsName>,
    pub intercept: Vec<InterceptedName>,
    pub pass_through: bool,
    #[serde(deserialize_with = "values::unless_blank", skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,
    pub max_connections: NonZeroU32,
    pub rows_examined: NonZeroUsize,
    pub rows_counted: NonZeroUsize,
    pub trust_issuer: Vec<IssuerUrl>,
    #[serde(deserialize_with = "values::unless_blank", skip_serializing_if = "Option::is_none")]
    pub outbound_ca: Option<PathBuf>,
    #[serde(deserialize_with = "values::some_path")]
    pub data: PathBuf,
    pub in_memory: bool,
    #[serde(deserialize_with = "values::unless_blank", skip_serializing_if = "Option::is_none")]
    pub database: Option<DatabaseAddress>,
    pub database_connections: u32,
    #[serde(deserialize_with = "values::unless_blank", skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    pub mode: ModeChoice,
    #[serde(deserialize_with = "values::unless_blank", skip_serializing_if = "Option::is_none")]
    pub seed: Option<PathBuf>,
    pub no_demo: bool,
    pub log_format: LogFormat,
    pub log_level: LogLevel,
    #[serde(deserialize_with = "values::unless_blank", skip_serializing_if = "Option::is_none")]
    pub ready_file: Option<PathBuf>,
    #[serde(with = "LegacyPermissionsText")]
    pub legacy_permissions: LegacyPermissions,
    #[serde(with = "LegacyRefusalText")]
    pub legacy_refusal: LegacyRefusal,
    /// What is unwise about them, to be told as soon as there is a log.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Names of settings with what is written for them.
pub type Texts = Vec<(String, Vec<String>)>;

/// Whom the server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Tests and rehearsals.
    Lab,
    /// A durable service.
    Service,
}

/// The mode as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModeChoice {
    Auto,
    Lab,
    Service,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    Text,
    Json,
}

/// How `legacy-permissions` is spelled.
#[derive(Deserialize, Serialize)]
#[serde(remote = "LegacyPermissions", rename_all = "kebab-case")]
enum LegacyPermissionsText {
    Off,
    Beta,
    All,
}

/// How `legacy-refusal` is spelled.
#[derive(Deserialize, Serialize)]
#[serde(remote = "LegacyRefusal", rename_all = "kebab-case")]
enum LegacyRefusalText {
    Forbidden,
    UnknownError,
}

impl Settings {
    /// The settings in force: flags, then environment, then the file that `config` or `SLIPWAY_CONFIG` names,
    /// then defaults.
    ///
    /// # Errors
    /// [`Failure::Usage`] that names the setting and the place where it is unknown, wrong or contradicts another.
    pub fn load(config: Option<PathBuf>, flags: Texts) -> Result<Self, Failure> {
        Self::load_over(Texts::new(), config, flags)
    }

    /// As [`Settings::load`], with other defaults for some settings.
    ///
    /// # Errors
    /// As there.
    pub fn load_over(defaults: Texts, config: Option<PathBuf>, flags: Texts) -> Result<Self, Failure> {
        let mut environment = layers::environment()?;
        let named = layers::take(&mut environment, "config").map(PathBuf::from);
        let mut layers = vec![Layer::flags(defaults)?];
        if let Some(path) = config.or(named) {
            layers.push(Layer::file(path)?);
        }
        layers.push(Layer::environment(environment)?);
        layers.push(Layer::flags(flags)?);
        layers::merge(&layers)
    }

    /// The mode in force.
    pub fn mode(&self) -> Mode {
        match self.mode {
            ModeChoice::Lab => Mode::Lab,
            ModeChoice::Auto if self.database.is_none() && self.public_listeners().next().is_none() => {
                Mode::Lab
            }
            ModeChoice::Auto | ModeChoice::Service => Mode::Service,
        }
    }

    /// The names for which the server stands in: in mode lab Microsoft's, and those that were given.
    pub fn intercepted(&self) -> Vec<String> {
        let usual: &[&str] = match self.mode() {
            Mode::Lab => &MICROSOFT_HOSTS,
            Mode::Service => &[],
        };
        let mut names: Vec<String> = usual.iter().copied().map(String::from).collect();
        for InterceptedName(name) in &self.intercept {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }

    /// The addresses that machines beside this one can reach.
    pub fn public_listeners(&self) -> impl Iterator<Item = Listen> {
        self.listen.iter().copied().filter(|listen| !listen.0.ip().is_loopback())
    }

    /// The settings as a file for `--config`, with the mode that is in force; the address of the database is masked.
    ///
    /// # Errors
    /// The serializer's, which says what cannot be written.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let mut table = toml::Table::try_from(self)?;
        let mode = match self.mode() {
            Mode::Lab => "lab",
            Mode::Service => "service",
        };
        table.insert("mode".to_owned(), mode.into());
        if self.in_memory {
            table.remove("data");
        }
        toml::to_string(&table)
    }
}
