//! `slipway package diff`: what an upgrade from one app package to another asks of people.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;
use slipway_manifest::{Change, Consent, Diff, PackageError, PackageFacts, Step, diff, read_package};
use slipway_model::ResourceSpecificPermission;

use super::print;
use crate::failure::Failure;

/// The packages that are compared.
#[derive(Debug, clap::Args)]
pub struct Diffed {
    /// The package that people have.
    #[arg(value_name = "OLD.zip")]
    old: PathBuf,
    /// The package that they are to get.
    #[arg(value_name = "NEW.zip")]
    new: PathBuf,
    /// How to say it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Diffed {
    /// Prints whether the upgrade waits for consent, and why.
    ///
    /// # Errors
    /// [`Failure::Runtime`] with all findings, if a package cannot be read or is not valid.
    pub fn run(&self) -> Result<(), Failure> {
        let (old, new) = match (read(&self.old), read(&self.new)) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(first), Err(second)) => return Err(Failure::Runtime(format!("{first}\n{second}"))),
            (Err(wrong), _) | (_, Err(wrong)) => return Err(Failure::Runtime(wrong)),
        };
        let found = diff(&old, &new);
        match self.format {
            Format::Text => print(&text(&old, &new, &found)),
            Format::Json => {
                let json = serde_json::to_string_pretty(&Report::of(&old, &new, found));
                print(&format!("{}\n", json.map_err(|error| Failure::at("report", error))?))
            }
        }
    }
}

/// The facts of the package in the file, or everything that is wrong with it, with the file's name.
fn read(file: &Path) -> Result<PackageFacts, String> {
    let shown = file.display();
    let zip = fs::read(file).map_err(|error| format!("{shown}: {error}"))?;
    match read_package(&zip) {
        Ok(package) => Ok(package.facts),
        Err(PackageError::Invalid(details)) => {
            let mut text = format!("{shown} is not valid:");
            for detail in details {
                // Writing to a string does not fail.
                let _ = write!(text, "\n  {}: {} ({})", detail.target, detail.message, detail.code);
            }
            Err(text)
        }
        Err(error @ (PackageError::NotAZip { .. } | PackageError::Refused(_))) => {
            Err(format!("{shown}: {error}"))
        }
    }
}

/// What is said of the packages, for people.
fn text(old: &PackageFacts, new: &PackageFacts, found: &Diff) -> String {
    let (name, before, now) = (&new.display_name, &old.version, &new.version);
    let mut lines = vec![match found.step {
        Step::Upgrade => format!("{name} {before} -> {now}: an upgrade"),
        Step::OtherApp => format!("no upgrade: the app is {} and not {}", new.external_id, old.external_id),
        Step::SameVersion => format!("no upgrade: {name} {now} is the same version"),
        Step::LowerVersion => format!("no upgrade: {name} {now} is lower than {before}"),
    }];
    if found.changes.is_empty() {
        lines.push("No change waits for consent.".to_owned());
    } else {
        lines.push("These changes wait for consent:".to_owned());
        lines.extend(found.changes.iter().map(|change| format!("- {}", Reason::of(change).text)));
    }
    let (must, asked) = match &found.consent {
        Consent::Nothing => return lines.join("\n") + "\n",
        Consent::MayBeSent(asked) => ("may", asked),
        Consent::MustBeSent(asked) => ("must", asked),
    };
    lines.push(format!("The call that upgrades {must} send exactly these as consentedPermissionSet:"));
    lines.extend(asked.iter().map(|asked| format!("- {} ({})", asked.value, asked.kind.as_str())));
    lines.join("\n") + "\n"
}

/// What is said of the packages, for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    old: Side,
    new: Side,
    /// `upgrade`, `otherApp`, `sameVersion` or `lowerVersion`.
    step: &'static str,
    /// Whether there is anything in `changes`.
    consent_needed: bool,
    changes: Vec<Reason>,
    /// Whether the call that upgrades has to send the permissions: `mustBeSent`, `mayBeSent` or `nothing`.
    consented_permission_set: &'static str,
    resource_specific_permissions: Vec<Permission>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    display_name: String,
    external_id: String,
    version: String,
}

#[derive(Serialize)]
struct Reason {
    kind: &'static str,
    /// Id, permission or property of the manifest that it is about.
    subject: String,
    text: String,
}

/// As Graph writes it in a `consentedPermissionSet`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    permission_value: String,
    permission_type: &'static str,
}

impl Report {
    fn of(old: &PackageFacts, new: &PackageFacts, found: Diff) -> Self {
        let (consented, permissions) = match found.consent {
            Consent::Nothing => ("nothing", Vec::new()),
            Consent::MayBeSent(permissions) => ("mayBeSent", permissions),
            Consent::MustBeSent(permissions) => ("mustBeSent", permissions),
        };
        let permission = |asked: ResourceSpecificPermission| Permission {
            permission_value: asked.value,
            permission_type: asked.kind.as_str(),
        };
        Self {
            old: Side::of(old),
            new: Side::of(new),
            step: match found.step {
                Step::Upgrade => "upgrade",
                Step::OtherApp => "otherApp",
                Step::SameVersion => "sameVersion",
                Step::LowerVersion => "lowerVersion",
            },
            consent_needed: !found.changes.is_empty(),
            changes: found.changes.iter().map(Reason::of).collect(),
            consented_permission_set: consented,
            resource_specific_permissions: permissions.into_iter().map(permission).collect(),
        }
    }
}

impl Side {
    fn of(facts: &PackageFacts) -> Self {
        Self {
            display_name: facts.display_name.clone(),
            external_id: facts.external_id.clone(),
            version: facts.version.to_string(),
        }
    }
}

impl Reason {
    fn of(change: &Change) -> Self {
        let (kind, subject, text) = match change {
            Change::BotAdded { id } => ("botAdded", id.as_str(), format!("bot added: {id}")),
            Change::BotRemoved { id } => ("botRemoved", id.as_str(), format!("bot removed: {id}")),
            Change::BotIdChanged { old, new } => {
                ("botIdChanged", new.as_str(), format!("bot changed: {new} in place of {old}"))
            }
            Change::BotAbilityChanged { ability, now } => {
                ("botAbilityChanged", *ability, format!("bot changed: {ability} is {now} now"))
            }
            Change::MessageExtensionAdded => {
                ("messageExtensionAdded", "composeExtensions", "message extension added".to_owned())
            }
            Change::MessageExtensionRemoved => {
                ("messageExtensionRemoved", "composeExtensions", "message extension removed".to_owned())
            }
            Change::ConnectorAdded { id } => {
                ("connectorAdded", id.as_str(), format!("connector added: {id}"))
            }
            Change::StaticTabAdded { id } => {
                ("staticTabAdded", id.as_str(), format!("static tab added: {id}"))
            }
            Change::ConfigurableTabAdded => {
                ("configurableTabAdded", "configurableTabs", "configurable tab added".to_owned())
            }
            Change::WebApplicationInfoChanged => {
                ("webApplicationInfoChanged", "webApplicationInfo", "webApplicationInfo changed".to_owned())
            }
            Change::PermissionAdded(ResourceSpecificPermission { value, kind }) => {
                ("permissionAdded", value.as_str(), format!("permission added: {value} ({})", kind.as_str()))
            }
            Change::PermissionRemoved(ResourceSpecificPermission { value, kind }) => (
                "permissionRemoved",
                value.as_str(),
                format!("permission removed: {value} ({})", kind.as_str()),
            ),
        };
        Self { kind, subject: subject.to_owned(), text }
    }
}
