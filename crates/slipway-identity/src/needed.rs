//! What clients say that they need, and who may grant it.

use slipway_model::{AppRole, Client, PermissionScope};

use crate::token::GRAPH_APPLICATION;

/// Names of Graph's delegated permissions that the registration says the client needs.
pub fn required_scopes(client: &Client) -> impl Iterator<Item = &'static str> {
    let graph = |resource: &str| resource.eq_ignore_ascii_case(GRAPH_APPLICATION);
    let required = client.required_resource_access.iter().filter(move |needed| graph(&needed.resource));
    let ids = required.flat_map(|needed| &needed.scopes);
    ids.filter_map(|id| PermissionScope::of_id(id)).map(|scope| scope.name)
}

/// Names of Graph's application permissions that the registration says the client needs.
pub fn required_roles(client: &Client) -> impl Iterator<Item = &'static str> {
    let graph = |resource: &str| resource.eq_ignore_ascii_case(GRAPH_APPLICATION);
    let required = client.required_resource_access.iter().filter(move |needed| graph(&needed.resource));
    let ids = required.flat_map(|needed| &needed.roles);
    ids.filter_map(|id| AppRole::of_id(id)).map(|role| role.name)
}

/// Whether only administrators may grant the delegated permission of Graph. Of those that nothing here asks for Microsoft's
/// rule of thumb is taken: what reaches everybody's data needs an administrator.
#[must_use]
pub fn needs_administrator(permission: &str) -> bool {
    match PermissionScope::named(permission) {
        Some(known) => !known.users_may_consent,
        None => permission.to_ascii_lowercase().ends_with(".all"),
    }
}

#[cfg(test)]
mod tests {
    use slipway_model::{ClientId, RequiredResourceAccess};

    use super::*;

    #[test]
    fn what_is_needed_of_graph_is_found_by_its_guids() {
        let needed = |resource: &str| RequiredResourceAccess {
            resource: resource.to_owned(),
            scopes: vec!["E1FE6DD8-BA31-4D61-89E7-88639DA4683D".into(), "unknown".into()],
            roles: vec!["df021288-bdef-4463-88db-98f22de89214".into()],
        };
        let client = Client {
            required_resource_access: vec![needed(GRAPH_APPLICATION), needed("other")],
            ..Client::new(ClientId::parse("c").unwrap(), "c")
        };
        assert_eq!(required_scopes(&client).collect::<Vec<_>>(), ["User.Read"]);
        assert_eq!(required_roles(&client).collect::<Vec<_>>(), ["User.Read.All"]);
    }

    #[test]
    fn some_permissions_are_for_administrators_to_grant() {
        for (name, needs) in
            [("User.Read", false), ("appcatalog.readwrite.all", true), ("AppCatalog.Submit", false)]
        {
            assert_eq!(needs_administrator(name), needs, "{name}");
        }
        assert!(needs_administrator("Unheard.Of.All") && !needs_administrator("Mail.Read"));
    }
}
