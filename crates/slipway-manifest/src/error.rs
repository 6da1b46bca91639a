//! Why a package is turned away.

use std::fmt;

/// One finding of package validation, as an item of Graph's `innerError.details`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Code of the validation errors in "Publish teamsApp", such as `SchemaError_Required`.
    pub code: &'static str,
    /// Graph's text.
    pub message: String,
    /// Path in the manifest, such as `developer.websiteUrl` or `bots[0].botId`; `manifest.json` for the file.
    pub target: String,
}

/// Why a package is turned away. Its text is the `message` of Graph's error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageError {
    /// No zip archive, or a damaged one. Graph: 400 `BadRequest`, inner `InvalidRequest`.
    NotAZip {
        /// What the reader says, the end of Graph's message.
        reason: String,
    },
    /// An archive that breaks a limit of this server or is built to harm its reader. The text says which.
    Refused(String),
    /// The manifest or an icon breaks rules; at least one finding.
    /// Graph: 400 `BadRequest`, inner `UnableToParseTeamsAppManifest`, the findings in its `details`.
    Invalid(Vec<Detail>),
}

impl fmt::Display for PackageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAZip { reason } => write!(f, "Invalid zip archive provided, ex: {reason}"),
            Self::Refused(text) => f.write_str(text),
            Self::Invalid(details) => {
                for (at, Detail { message, target, .. }) in details.iter().enumerate() {
                    let separator = if at == 0 { "" } else { "; " };
                    write!(f, "{separator}{target} | {message}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for PackageError {}
