//! Names and values as shells and tools read them.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::cli::variables::Variable;
use crate::failure::Failure;

/// For whom the variables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// sh, bash and zsh: `eval "$(slipway env)"`.
    Shell,
    /// A .env file, in the part of the notation that its readers agree on.
    Dotenv,
    /// One JSON object.
    Json,
    /// GitHub Actions: `slipway env --format github >> "$GITHUB_ENV"`. The secrets are masked in the log.
    Github,
    /// PowerShell: `slipway env --format powershell | Out-String | Invoke-Expression`.
    Powershell,
}

impl Format {
    /// The text.
    ///
    /// # Errors
    /// [`Failure::Runtime`] that names the variable which the format cannot hold.
    pub fn write(self, variables: &[Variable]) -> Result<String, Failure> {
        let mut text = String::new();
        if self == Self::Json {
            let object: Map<String, Value> = variables
                .iter()
                .map(|Variable { name, value }| ((*name).to_owned(), value.as_str().into()))
                .collect();
            let json = serde_json::to_string_pretty(&object);
            return Ok(json.map_err(|error| Failure::at("variables", error))? + "\n");
        }
        for Variable { name, value } in variables {
            // Writing to a string does not fail.
            let _ = match self {
                Self::Shell => writeln!(text, "export {name}={}", shell(value)),
                Self::Dotenv => writeln!(text, "{name}={}", dotenv(name, value)?),
                Self::Github => writeln!(text, "{}", github(name, value)),
                Self::Powershell => writeln!(text, "$env:{name} = {}", powershell(value)),
                Self::Json => Ok(()),
            };
        }
        Ok(text)
    }
}

/// A command of GitHub's runner that keeps the value out of the log, if it is a secret.
/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions#masking-a-value-in-a-log>
pub fn mask(variable: &Variable) -> Option<String> {
    let escaped = variable.value.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    variable.is_secret().then(|| format!("::add-mask::{escaped}\n"))
}

/// The text as one word of a command.
///
/// POSIX: nothing is special between single quotes but a single quote.
pub fn shell(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// PowerShell: nothing is special between single quotes but single quotes, of which it knows five.
/// <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>
fn powershell(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('\'');
    for character in value.chars() {
        if matches!(character, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(character);
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

/// One line, or from a delimiter to the next one.
/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions#multiline-strings>
fn github(name: &str, value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return format!("{name}={value}");
    }
    let mut delimiter = "SLIPWAY".to_owned();
    while value.contains(&delimiter) {
        delimiter.push('_');
    }
    format!("{name}<<{delimiter}\n{value}\n{delimiter}")
}

/// Readers of .env files differ in escapes and expansion. Between single quotes all of them, and shells too, take what
/// stands there, but for python-dotenv, which knows `\\`, `\'` and `${NAME}` everywhere; between double quotes all take
/// what has none of the characters that are special to any of them.
fn dotenv(name: &str, value: &str) -> Result<String, Failure> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_-./:@,+".contains(character);
    if value.chars().all(plain) {
        return Ok(value.to_owned());
    }
    if !value.contains(['\'', '\r'])
        && !value.contains(r"\\")
        && !value.ends_with('\\')
        && !value.contains("${")
    {
        return Ok(format!("'{value}'"));
    }
    if !value.contains(['"', '\\', '$', '`', '!', '\r']) {
        return Ok(format!("\"{value}\""));
    }
    Err(Failure::Runtime(format!(
        "{name} cannot be written so that all who read .env files read the same\nhint: another --format, or a folder \
         with a simpler name"
    )))
}

#[cfg(test)]
mod tests;
