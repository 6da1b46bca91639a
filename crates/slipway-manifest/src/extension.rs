//! The service's rules for message extensions: those of a bot, and those of an API without a bot.

use crate::findings::Findings;
use crate::node::Node;
use crate::{rules, schema};

/// Most commands whose operations are looked at; a manifest with more has findings.
const MAX_COMMANDS: usize = 10;

/// An API that a message extension asks, as the manifest says it.
pub struct Api {
    /// The file that describes it.
    pub specification: String,
    /// Where the manifest names that file.
    pub target: String,
    pub commands: Vec<Command>,
    /// `webApplicationInfo.resource`, if people sign in with Microsoft Entra.
    pub entra_resource: Option<String>,
}

/// A command of an API: an operation of its description.
pub struct Command {
    pub id: String,
    /// Where the manifest has it.
    pub target: String,
    /// Names of its parameters.
    pub parameters: Vec<String>,
}

/// Adds what is wrong with the message extensions; gives the API of the first that has a description of one.
pub fn judge(root: &Node<'_>, findings: &mut Findings) -> Option<Api> {
    let mut api = None;
    for extension in root.field("composeExtensions").items() {
        if extension.value().is_none_or(|value| !value.is_object()) {
            continue;
        }
        let kind = extension.field("composeExtensionType");
        if kind.text().is_some_and(|kind| kind.eq_ignore_ascii_case("apiBased")) {
            api_based(&extension, findings);
            authorization(root, &extension.field("authorization"), findings);
            api = api.or_else(|| read(root, &extension));
        } else {
            bot_based(&extension, findings);
        }
    }
    api
}

fn bot_based(extension: &Node<'_>, findings: &mut Findings) {
    let id = extension.field("botId");
    if !id.text().is_some_and(schema::GUID.fits) {
        findings.broken(rules::EXTENSION_BOT_ID_IS_GUID, &id.path);
    }
    let specification = extension.field("apiSpecificationFile");
    if !specification.is_absent() {
        findings.broken(rules::BOT_BASED_HAS_NO_SPECIFICATION, &specification.path);
    }
    for command in extension.field("commands").items() {
        let template = command.field("apiResponseRenderingTemplateFile");
        if !template.is_absent() {
            findings.broken(rules::BOT_BASED_HAS_NO_TEMPLATE, &template.path);
        }
    }
}

fn api_based(extension: &Node<'_>, findings: &mut Findings) {
    let specification = extension.field("apiSpecificationFile");
    if specification.filled_text().is_none() {
        findings.broken(rules::API_BASED_HAS_SPECIFICATION, &specification.path);
    }
    for (name, rule) in [
        ("botId", rules::API_BASED_HAS_NO_BOT),
        ("canUpdateConfiguration", rules::API_BASED_IS_NOT_CONFIGURED),
    ] {
        let node = extension.field(name);
        if !node.is_absent() {
            findings.broken(rule, &node.path);
        }
    }
    let commands = extension.field("commands");
    if commands.items().is_empty() {
        findings.broken(rules::API_BASED_HAS_PARAMETERS, &commands.path);
    }
    for command in commands.items() {
        let (parameters, template) =
            (command.field("parameters"), command.field("apiResponseRenderingTemplateFile"));
        if parameters.is_absent() {
            findings.broken(rules::API_BASED_HAS_PARAMETERS, &parameters.path);
        }
        if template.filled_text().is_none() {
            findings.broken(rules::API_BASED_HAS_TEMPLATE, &template.path);
        }
    }
}

/// The way to sign in and what goes with it. Nothing is said of OAuth: the service has no codes for it.
fn authorization(root: &Node<'_>, authorization: &Node<'_>, findings: &mut Findings) {
    let secret = authorization.field("apiSecretServiceAuthConfiguration");
    let entra = authorization.field("microsoftEntraConfiguration");
    let kind = authorization.field("authType").text().unwrap_or("none").to_ascii_lowercase();
    match kind.as_str() {
        "none" => {
            let any = [&secret, &entra, &authorization.field("oAuthConfiguration")];
            if any.iter().any(|configuration| !configuration.is_absent()) {
                findings.broken(rules::NO_AUTH_IS_NOT_CONFIGURED, &authorization.path);
            }
        }
        "apisecretserviceauth" => {
            if !entra.is_absent() {
                findings.broken(rules::SECRET_HAS_NO_ENTRA, &entra.path);
            }
            let id = secret.field("apiSecretRegistrationId");
            if secret.is_absent() {
                findings.broken(rules::SECRET_IS_CONFIGURED, &secret.path);
            } else if id.filled_text().is_none() {
                findings.broken(rules::SECRET_IS_REGISTERED, &id.path);
            }
        }
        "microsoftentra" => {
            if !secret.is_absent() {
                findings.broken(rules::ENTRA_HAS_NO_SECRET, &secret.path);
            }
            let single = entra.field("supportsSingleSignOn");
            if entra.is_absent() {
                findings.broken(rules::ENTRA_IS_CONFIGURED, &entra.path);
            } else if !single.is_true() {
                findings.broken(rules::ENTRA_SIGNS_ON_ONCE, &single.path);
            }
            let application = root.field("webApplicationInfo");
            if ["id", "resource"].iter().any(|name| application.field(name).filled_text().is_none()) {
                findings.broken(rules::ENTRA_HAS_APPLICATION, &application.path);
            }
        }
        _ => {}
    }
}

fn read(root: &Node<'_>, extension: &Node<'_>) -> Option<Api> {
    let specification = extension.field("apiSpecificationFile");
    let commands = extension.field("commands").items();
    let commands = commands.iter().take(MAX_COMMANDS).filter_map(|command| {
        let parameters = command.field("parameters").items();
        let names = parameters.iter().filter_map(|parameter| parameter.field("name").text());
        Some(Command {
            id: command.field("id").text()?.to_owned(),
            target: command.path.clone(),
            parameters: names.map(str::to_owned).collect(),
        })
    });
    let kind = extension.field("authorization").field("authType");
    let entra = kind.text().is_some_and(|kind| kind.eq_ignore_ascii_case("microsoftEntra"));
    let resource = root.field("webApplicationInfo").field("resource");
    Some(Api {
        specification: specification.filled_text()?.to_owned(),
        target: specification.path,
        commands: commands.collect(),
        entra_resource: resource.filled_text().filter(|_| entra).map(str::to_owned),
    })
}
