//! `docs/operations.md`: the operation table as a page for people.

use std::fmt::Write as _;
use std::path::Path;

use slipway_graph::{ListedOperation, listing};

const HEAD: &str = "\
# Operations

What this server serves of Microsoft Graph. The page is made from the operation table in
`crates/slipway-graph/src/operations/`, from which the router is built too: what is not here is not served.
`slipway operations --format json` prints the same. A test compares the two.

";

const NOTES: &str = "
Every operation takes a bearer token; `not supported` means that no permission of that kind is enough. The names below
stand in the order in which a refusal prints them. Legacy permissions are those of the first documentation (2019);
they are accepted, delegated or application, where the setting `legacy-permissions` says so: on `beta` by default.
`TeamsAppInstallation.Read.User` is granted by an installation on one user and never stands in a token.

Segments match without case. Keys come as `/users/{user}` or `/users('{user}')`; `{user}` is an object id or a user
principal name. An application or service principal is named by its `id`, or as `/applications(appId='{appId}')`; a
federated credential by `id` or name. A query option that is not named here is refused by its name. The throttle class is the row of
Microsoft's limits that an operation belongs to. The owner is whose installations an operation is about.

`/me/…` is `/users/{user}/…` of the signed-in user, with the permissions of that row, unless `/me/…` has a row of its
own. A client that acts for itself has no `/me`: 400. `/tenants/{id}` of the token's own tenant, or `/myorganization`,
may stand before any path. HEAD is answered as GET without its body.

`POST /$batch`, on both versions, takes up to 20 of these operations in one body of at most 4 MiB and has no
permissions of its own: each request in it is authorised singly, by the batch's token or by one in its own headers.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "| operation | request | versions | owner | throttle class | query options |\n|---|---|---|---|---|---|\n",
    );
    for ListedOperation { name, method, path, versions, owner, throttle, options, .. } in listing() {
        let (anchor, versions) = (anchor(name), versions.join(", "));
        let (owner, options) = (owner.unwrap_or("none"), words(&options, "none"));
        writeln!(
            page,
            "| [{name}](#{anchor}) | `{method} {path}` | {versions} | {owner} | {throttle} | {options} |"
        )
        .unwrap();
    }
    page.push_str(NOTES);
    for ListedOperation { name, method, path, me, delegated, application, legacy, .. } in listing() {
        let me = me.map_or_else(String::new, |me| format!(" or `{method} {me}`"));
        writeln!(page, "\n## {name}\n\n`{method} {path}`{me}\n").unwrap();
        writeln!(page, "- Delegated: {}", words(&delegated, "not supported")).unwrap();
        writeln!(page, "- Application: {}", words(&application, "not supported")).unwrap();
        if !legacy.is_empty() {
            writeln!(page, "- Legacy: {}", words(&legacy, "")).unwrap();
        }
    }
    page
}

/// The anchor that Markdown renderers give a heading.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace('.', "")
}

/// The words as code, or what to say where there are none.
fn words<W: AsRef<str>>(words: &[W], none: &str) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    if words.is_empty() { none.to_owned() } else { words.join(", ") }
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
