//! The four places where a setting can be written, and the rule which of them wins.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use toml::{Table, Value};

use super::Settings;
use crate::failure::Failure;

const DEFAULTS: &str = include_str!("../default.toml");
const PREFIX: &str = "SLIPWAY_";

/// What `slipway env` and `slipway exec` tell programs about a server: no settings of another one.
const TOLD: [&str; 3] = ["url", "ca-file", "control-secret"];

/// A setting as `default.toml` tells it.
#[derive(Debug)]
pub struct Setting {
    /// Name in files; the flag is `--name`, the variable `SLIPWAY_NAME`.
    pub name: &'static str,
    /// The comment above it.
    pub help: String,
    /// Value when nobody writes one; also tells the shape: list, switch, number or text.
    pub default: Value,
}

/// Every setting, in the order of `default.toml`.
///
/// # Errors
/// [`Failure::Runtime`] if the embedded file is no TOML.
pub fn settings() -> Result<Vec<Setting>, Failure> {
    let defaults = defaults()?;
    let mut settings = Vec::with_capacity(defaults.len());
    let mut help = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            help.push(comment.trim());
            continue;
        }
        let name = line.split_once(" = ").map(|(name, _)| name);
        if let Some((name, default)) = name.and_then(|name| Some((name, defaults.get(name)?))) {
            settings.push(Setting { name, help: help.join("\n"), default: default.clone() });
        }
        help.clear();
    }
    Ok(settings)
}

fn defaults() -> Result<Table, Failure> {
    DEFAULTS.parse().map_err(|error| Failure::at("default.toml", error))
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    File(PathBuf),
    Environment,
    Flag,
}

impl Source {
    /// The setting as it is spelled there.
    fn spell(&self, name: &str) -> String {
        match self {
            Self::File(path) => format!("`{name}` in {}", path.display()),
            Self::Environment => format!("{PREFIX}{}", name.to_ascii_uppercase().replace('-', "_")),
            Self::Flag => format!("--{name}"),
        }
    }
}

/// What one place says, each value in the shape of its default.
#[derive(Debug)]
pub struct Layer {
    source: Source,
    values: Table,
}

impl Layer {
    /// What the file says.
    ///
    /// # Errors
    /// [`Failure::Usage`] if it cannot be read, is no TOML, or has unknown or wrong settings.
    pub fn file(path: PathBuf) -> Result<Self, Failure> {
        let refused = |error: &dyn std::fmt::Display| Failure::Usage(format!("{}: {error}", path.display()));
        let text = fs::read_to_string(&path).map_err(|error| refused(&error))?;
        let values = text.parse().map_err(|error| refused(&place(&text, &error)))?;
        Self { source: Source::File(path), values }.checked(&defaults()?)
    }

    /// What the variables say; names are those of settings.
    ///
    /// # Errors
    /// [`Failure::Usage`] that names the unknown or wrong variable.
    pub fn environment(texts: Vec<(String, String)>) -> Result<Self, Failure> {
        let texts = texts.into_iter().map(|(name, text)| (name, vec![text]));
        Self::shaped(Source::Environment, texts)
    }

    /// What the command line says, with the values of a repeated flag in their order.
    ///
    /// # Errors
    /// [`Failure::Usage`] that names the wrong flag.
    pub fn flags(texts: Vec<(String, Vec<String>)>) -> Result<Self, Failure> {
        Self::shaped(Source::Flag, texts.into_iter())
    }

    fn shaped(source: Source, texts: impl Iterator<Item = (String, Vec<String>)>) -> Result<Self, Failure> {
        let defaults = defaults()?;
        let mut values = Table::new();
        for (name, texts) in texts {
            let value = match defaults.get(&name) {
                Some(Value::Array(_)) => list(&texts),
                Some(Value::Boolean(_)) => parsed::<bool>(&texts),
                Some(Value::Integer(_)) => parsed::<i64>(&texts),
                _ => texts.last().map_or_else(|| "".into(), |text| text.as_str().into()),
            };
            values.insert(name, value);
        }
        Self { source, values }.checked(&defaults)
    }

    /// Tries each value alone over the defaults, so that an error is told with the place that caused it, also
    /// when another place overrides the value.
    fn checked(self, defaults: &Table) -> Result<Self, Failure> {
        for (name, value) in &self.values {
            let spelled = self.source.spell(name);
            if !defaults.contains_key(name) {
                let known: Vec<&str> = defaults.keys().map(String::as_str).collect();
                return Err(Failure::Usage(format!(
                    "unknown setting {spelled}\nhint: the settings are {}",
                    known.join(", ")
                )));
            }
            let mut alone = defaults.clone();
            alone.insert(name.clone(), value.clone());
            if let Err(error) = alone.try_into::<Settings>() {
                return Err(Failure::Usage(format!("{spelled}: {}", error.message())));
            }
        }
        Ok(self)
    }
}

/// The line and what is wrong, without the line's text, which may hold a password.
fn place(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", 1 + before.matches('\n').count(), error.message())
}

/// A comma separates items, and a flag may be repeated.
fn list(texts: &[String]) -> Value {
    let items = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    items.filter(|item| !item.is_empty()).map(Value::from).collect::<Vec<_>>().into()
}

/// A switch (`true` or `false`) or a number; anything else stays text and is refused by its shape.
fn parsed<T: FromStr + Into<Value>>(texts: &[String]) -> Value {
    let text = texts.last().map_or("", String::as_str);
    text.parse::<T>().map_or_else(|_| text.into(), Into::into)
}

/// The variables of the process that are settings, under the names of the settings.
///
/// # Errors
/// [`Failure::Usage`] if one is not UTF-8.
#[expect(clippy::disallowed_methods, reason = "the one place where settings are read")]
pub fn environment() -> Result<Vec<(String, String)>, Failure> {
    let mut texts = Vec::new();
    for (variable, text) in std::env::vars_os() {
        let Some(name) = variable.to_str().and_then(|variable| variable.strip_prefix(PREFIX)) else {
            continue;
        };
        let name = name.to_ascii_lowercase().replace('_', "-");
        if TOLD.contains(&name.as_str()) {
            continue;
        }
        let text = text.into_string();
        let text =
            text.map_err(|_| Failure::Usage(format!("{}: not UTF-8", Source::Environment.spell(&name))))?;
        texts.push((name, text));
    }
    Ok(texts)
}

/// A variable of the process that is no setting.
#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|text| !text.is_empty())
}

/// Takes one text out of the list.
pub fn take(texts: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let at = texts.iter().position(|(found, _)| found == name)?;
    Some(texts.swap_remove(at).1)
}

/// The defaults, overridden by each layer in turn; the last one wins.
///
/// # Errors
/// [`Failure::Usage`] if settings contradict each other.
pub fn merge(layers: &[Layer]) -> Result<Settings, Failure> {
    let mut merged = defaults()?;
    let mut written = BTreeMap::new();
    for layer in layers {
        for (name, value) in &layer.values {
            merged.insert(name.clone(), value.clone());
            written.insert(name.as_str(), &layer.source);
        }
    }
    let mut settings: Settings =
        merged.try_into().map_err(|error| Failure::Usage(error.message().to_owned()))?;
    let spell = |name| written.get(name).map(|source| source.spell(name));
    if settings.in_memory {
        let elsewhere = [
            (spell("data"), "in a folder"),
            (spell("database").filter(|_| settings.database.is_some()), "in a database"),
        ];
        for (other, place) in elsewhere {
            if let (Some(in_memory), Some(other)) = (spell("in-memory"), other) {
                return Err(Failure::Usage(format!(
                    "{in_memory} and {other} contradict each other: nothing is kept in memory and {place}"
                )));
            }
        }
    }
    if settings.database.is_some() && written.get("database") == Some(&&Source::Flag) {
        settings.warnings.push(format!(
            "--database: others on this machine can read the command line; {PREFIX}DATABASE or a file hides it"
        ));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{LogFormat, Mode};
    use super::*;

    const DATABASE: &str = "postgres://slipway:hunter2@db.test/records";

    fn file(text: &str) -> (tempfile::NamedTempFile, PathBuf) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_owned();
        (file, path)
    }

    fn variables(texts: &[(&str, &str)]) -> Layer {
        let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Layer::environment(texts).unwrap()
    }

    fn flags(texts: &[(&str, &[&str])]) -> Result<Layer, Failure> {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Layer::flags(texts.iter().map(|(name, texts)| ((*name).to_owned(), own(texts))).collect())
    }

    fn message(failure: Failure) -> String {
        let Failure::Usage(message) = failure else { panic!("{failure} is no usage error") };
        message
    }

    #[test]
    fn the_embedded_file_lists_exactly_the_settings() {
        let settings = settings().unwrap();
        assert_eq!(settings.len(), defaults().unwrap().len());
        assert!(settings.iter().all(|setting| !setting.help.is_empty()));
        assert!(merge(&[]).is_ok());
    }

    #[test]
    fn flag_beats_environment_beats_file_beats_default() {
        let (_kept, path) = file("log-level = 'error'\nlog-format = 'json'\ndata = '/file'\n");
        let layers = [
            Layer::file(path).unwrap(),
            variables(&[("data", "/environment"), ("log-level", "warn")]),
            flags(&[("log-level", &["trace"])]).unwrap(),
        ];
        let settings = merge(&layers).unwrap();
        assert_eq!(String::from(settings.log_level), "trace");
        assert_eq!(settings.data, PathBuf::from("/environment"));
        assert_eq!(settings.log_format, LogFormat::Json);
        assert!(!settings.no_demo);
    }

    #[test]
    fn lists_are_repeated_flags_or_separated_by_commas() {
        let settings = merge(&[variables(&[("listen", ":0, [::1]:0"), ("tls-name", "a.test")])]).unwrap();
        assert_eq!(settings.listen.len(), 2);
        let settings = merge(&[flags(&[("listen", &[":1", ":2", "0.0.0.0:3"])]).unwrap()]).unwrap();
        assert_eq!(settings.listen.len(), 3);
        assert_eq!(settings.public_listeners().count(), 1);
    }

    #[test]
    fn unknown_settings_are_named_with_their_place() {
        let (_kept, path) = file("listne = ['127.0.0.1:1']\n");
        let told = message(Layer::file(path.clone()).unwrap_err());
        assert!(told.starts_with(&format!("unknown setting `listne` in {}", path.display())), "{told}");
        let told = message(Layer::environment(vec![("listne".into(), ":1".into())]).unwrap_err());
        assert!(told.starts_with("unknown setting SLIPWAY_LISTNE"), "{told}");
        assert!(told.contains("hint: the settings are") && told.contains("listen"), "{told}");
    }

    #[test]
    fn wrong_values_are_named_with_their_place() {
        let (_kept, path) = file("listen = ['127.0.0.1:1', 'here']\n");
        let told = message(Layer::file(path.clone()).unwrap_err());
        assert!(told.contains("`listen` in") && told.contains("`here`"), "{told}");
        let (_kept, path) = file("in-memory = 'yes'\n");
        assert!(message(Layer::file(path).unwrap_err()).contains("`in-memory` in"));
        let (_kept, path) = file("listen = \n");
        assert!(message(Layer::file(path).unwrap_err()).contains("line 1"));
        let told = message(Layer::environment(vec![("in-memory".into(), "yes".into())]).unwrap_err());
        assert!(told.starts_with("SLIPWAY_IN_MEMORY: "), "{told}");
        let wrong = [("mode", "prod"), ("log-format", "xml"), ("listen", ""), ("data", "")];
        for (name, text) in wrong.into_iter().chain(["", "0", "-1", "many"].map(|n| ("max-connections", n))) {
            let told = message(flags(&[(name, &[text])]).unwrap_err());
            assert!(told.starts_with(&format!("--{name}: ")), "{told}");
        }
    }

    #[test]
    fn a_broken_file_is_told_without_its_text() {
        let (_kept, path) = file("log-level = 'info'\ndatabase = \"postgres://u:hunter2@h/d\n");
        let told = message(Layer::file(path.clone()).unwrap_err());
        assert!(told.starts_with(&format!("{}: line 2: ", path.display())), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn in_memory_contradicts_a_folder_or_a_database_that_was_given() {
        assert!(merge(&[flags(&[("in-memory", &["true"])]).unwrap()]).is_ok());
        let layers = [variables(&[("data", "/d")]), flags(&[("in-memory", &["true"])]).unwrap()];
        let told = message(merge(&layers).unwrap_err());
        assert!(told.starts_with("--in-memory and SLIPWAY_DATA contradict"), "{told}");
        let layers = [variables(&[("data", "/d")]), flags(&[("in-memory", &["false"])]).unwrap()];
        assert!(merge(&layers).is_ok());

        let database = variables(&[("database", DATABASE)]);
        let told = message(merge(&[database, flags(&[("in-memory", &["true"])]).unwrap()]).unwrap_err());
        assert!(told.starts_with("--in-memory and SLIPWAY_DATABASE contradict"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
        let none = [variables(&[("database", "")]), flags(&[("in-memory", &["true"])]).unwrap()];
        assert!(merge(&none).is_ok());
    }

    #[test]
    fn only_a_database_on_the_command_line_is_warned_of() {
        let given = || flags(&[("database", &[DATABASE])]).unwrap();
        let warnings = merge(&[given()]).unwrap().warnings;
        assert!(warnings.len() == 1 && warnings[0].starts_with("--database: others"), "{warnings:?}");
        assert!(!warnings[0].contains("hunter2"), "{warnings:?}");
        assert!(merge(&[variables(&[("database", DATABASE)])]).unwrap().warnings.is_empty());
        assert!(merge(&[given(), flags(&[("database", &[""])]).unwrap()]).unwrap().warnings.is_empty());
    }

    #[test]
    fn the_address_of_a_database_shows_nowhere() {
        let settings = merge(&[variables(&[("database", DATABASE)])]).unwrap();
        for shown in [settings.to_toml().unwrap(), format!("{settings:?}")] {
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains("records") && shown.contains("db.test"), "{shown}");
        }
        let wrong = Layer::environment(vec![("database".into(), "postgres://u:hunter2@h:port/d".into())]);
        let told = message(wrong.unwrap_err());
        assert!(told.starts_with("SLIPWAY_DATABASE: ") && !told.contains("hunter2"), "{told}");
        let printed = settings.to_toml().unwrap();
        let (_kept, path) = file(&printed);
        assert!(message(Layer::file(path).unwrap_err()).contains("`database` in"), "a mask is no address");
    }

    #[test]
    fn a_public_address_or_a_database_means_service_unless_the_mode_is_given() {
        let mode = |texts: &[(&str, &[&str])]| merge(&[flags(texts).unwrap()]).unwrap().mode();
        assert_eq!(mode(&[]), Mode::Lab);
        assert_eq!(mode(&[("listen", &["[::1]:1", "127.8.0.1:1"])]), Mode::Lab);
        assert_eq!(mode(&[("listen", &[":1", "0.0.0.0:1"])]), Mode::Service);
        assert_eq!(mode(&[("listen", &["0.0.0.0:1"]), ("mode", &["lab"])]), Mode::Lab);
        assert_eq!(mode(&[("mode", &["service"])]), Mode::Service);
        assert_eq!(mode(&[("database", &[DATABASE])]), Mode::Service);
        assert_eq!(mode(&[("database", &[DATABASE]), ("mode", &["lab"])]), Mode::Lab);
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        for texts in
            [&[("in-memory", &["true"] as &[&str])], &[("public-url", &["https://a.test"] as &[&str])]]
        {
            let printed = merge(&[flags(texts).unwrap()]).unwrap().to_toml().unwrap();
            let (_kept, path) = file(&printed);
            let again = merge(&[Layer::file(path).unwrap()]).unwrap();
            assert_eq!(again.to_toml().unwrap(), printed);
            assert!(printed.contains("mode = \"lab\""), "{printed}");
        }
    }
}
