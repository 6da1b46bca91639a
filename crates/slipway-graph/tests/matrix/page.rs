//! `docs/operations.md`: the operation table as a page for people.

use std::fmt::Write as _;
use std::path::Path;

use slipway_graph::{ApiVersion, Operation, Throttle, operations};
use slipway_model::Permission;

const HEAD: &str = "\
# Operations

What this server serves of Microsoft Graph. The page is made from the operation table in
`crates/slipway-graph/src/operations.rs`, from which the router is built too: what is not here is not served. A test
compares the two.

";

const NOTES: &str = "
Every operation takes a bearer token; `not supported` means that no permission of that kind is enough. The names below
stand in the order in which a refusal prints them. Legacy permissions are those of the first documentation (2019);
they are accepted, delegated or application, where the setting `legacy-permissions` says so: on `beta` by default.
`TeamsAppInstallation.Read.User` is granted by an installation on one user and never stands in a token.

Segments match without case. Keys come as `/users/{user}` or `/users('{user}')`; `{user}` is an object id or a user
principal name. A query option that is not named here is refused by its name. The throttle class is the row of
Microsoft's limits that an operation belongs to.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "| operation | request | versions | throttle class | query options |\n|---|---|---|---|---|\n",
    );
    for operation in operations() {
        let Operation { name, method, path, .. } = operation;
        let versions = [ApiVersion::V1, ApiVersion::Beta].map(ApiVersion::as_str).join(", ");
        let options: Vec<_> = operation.options.iter().map(|option| option.as_str().to_lowercase()).collect();
        let options: Vec<_> = options.iter().map(|option| format!("`${option}`")).collect();
        let options = if options.is_empty() { "none".to_owned() } else { options.join(", ") };
        let class = throttle_class(operation.throttle);
        writeln!(
            page,
            "| [{name}](#{}) | `{method} {path}` | {versions} | {class} | {options} |",
            anchor(name)
        )
        .unwrap();
    }
    page.push_str(NOTES);
    for operation in operations() {
        let Operation { name, method, path, .. } = operation;
        writeln!(page, "\n## {name}\n\n`{method} {path}`\n").unwrap();
        writeln!(page, "- Delegated: {}", permissions(operation.delegated)).unwrap();
        writeln!(page, "- Application: {}", permissions(operation.application)).unwrap();
        if !operation.legacy.is_empty() {
            writeln!(page, "- Legacy: {}", permissions(operation.legacy)).unwrap();
        }
    }
    page
}

/// The anchor that Markdown renderers give a heading.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace('.', "")
}

fn throttle_class(throttle: Throttle) -> &'static str {
    match throttle {
        Throttle::Identity => "identity",
        Throttle::TeamsRead => "Teams, read",
        Throttle::TeamsWrite => "Teams, write",
        Throttle::TeamsDelete => "Teams, delete",
    }
}

fn permissions(permissions: &[Permission]) -> String {
    let names: Vec<_> = permissions.iter().map(|permission| format!("`{}`", permission.name())).collect();
    if names.is_empty() { "not supported".to_owned() } else { names.join(", ") }
}

#[test]
fn the_page_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (page, kept) = (page(), std::fs::read_to_string(root.join("docs/operations.md")).unwrap_or_default());
    if page != kept {
        std::fs::create_dir_all(root.join("target")).unwrap();
        std::fs::write(root.join("target/operations.md"), page).unwrap();
        panic!(
            "docs/operations.md is not the operation table; hint: cp target/operations.md docs/operations.md"
        );
    }
}
