//! The `scope` parameter: what a client asks for, and what it gets.
//!
//! Source: "Scopes and permissions in the Microsoft identity platform", and what MSAL does with the answer.

use slipway_model::{Client, Consent, PermissionScope, TenantId, User};

use crate::api::{Api, in_consent};
use crate::needed::{needs_administrator, required_scopes};
use crate::token::{GRAPH, GRAPH_APPLICATION};
use crate::{CredentialFault, SignInFault};

/// Scopes about the user and not about Graph; they need no consent here.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", ScopeRequest::OFFLINE];

/// Longest `scope` parameter, in bytes. Device codes keep it, and clients without a secret may ask for them.
const MAX_LENGTH: usize = 2 * 1024;

/// A `scope` parameter that was understood. It asks for Microsoft Graph, whose permissions are named with or
/// without a resource in front: any `http` or `https` host, or Graph's application id. Clients that are pointed
/// at another host derive the resource from it (`https://localhost/.default`), so every host means Graph.
///
/// Other resources are APIs of clients; a request names one resource only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRequest {
    asked: Vec<Asked>,
    api: Option<Api>,
}

/// One scope of a request; all hold the text as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// `{resource}/.default`: everything that was consented to.
    Everything(String),
    /// One permission, and its name without the resource.
    Permission { text: String, name: String },
    /// One of [`OPENID_SCOPES`].
    OpenId(String),
}

/// What a scope is of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resource {
    /// No resource: what every token may say.
    Any,
    /// Microsoft Graph.
    Graph,
    /// The API of a client, as it was named.
    Named(String),
}

impl Resource {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(one), Self::Named(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one == other,
        }
    }
}

/// What a delegated token gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedScopes {
    /// The `scp` of the token, without repeats.
    pub scopes: Vec<String>,
    /// `scope` of the token response: the same, spelt as the client asked. A `.default` is repeated there, for
    /// MSAL finds a token in its cache by the scopes that this field named.
    pub answer: String,
}

impl ScopeRequest {
    /// Asks for a refresh token; it stands in no token.
    pub const OFFLINE: &'static str = "offline_access";

    /// Reads a `scope` parameter: scopes between blanks.
    ///
    /// # Errors
    /// [`SignInFault::MissingParameter`] when it is blank, [`SignInFault::UnknownResource`] when a resource is
    /// not Graph, [`SignInFault::InvalidScope`] when a scope has no name, when `.default` stands with others, or
    /// when it is longer than 2048 bytes.
    pub fn parse(text: &str, tenant: &TenantId) -> Result<Self, SignInFault> {
        match Self::read(text)? {
            (request, None) => Ok(request),
            (_, Some(resource)) => Err(SignInFault::UnknownResource { resource, tenant: tenant.clone() }),
        }
    }

    /// Reads a `scope` parameter that may be about the API of a client too, and gives the name of that, with which
    /// [`ScopeRequest::about`] completes the request.
    ///
    /// # Errors
    /// As [`ScopeRequest::parse`], and [`CredentialFault::SeveralResources`].
    pub fn read(text: &str) -> Result<(Self, Option<String>), SignInFault> {
        if text.len() > MAX_LENGTH {
            return Err(SignInFault::InvalidScope(format!("of more than {MAX_LENGTH} bytes")));
        }
        let scopes = text.split_ascii_whitespace();
        let read: Vec<_> = scopes.map(Asked::parse).collect::<Result<_, _>>()?;
        let (asked, mut resources): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        resources.retain(|resource| *resource != Resource::Any);
        resources.dedup_by(|one, other| one.is(other));
        if asked.is_empty() {
            return Err(SignInFault::MissingParameter("scope"));
        }
        let everything = asked.iter().any(|a| matches!(a, Asked::Everything(_)));
        if everything && asked.iter().any(|a| matches!(a, Asked::Permission { .. })) {
            return Err(SignInFault::InvalidScope(text.to_owned()));
        }
        match resources.as_slice() {
            [] | [Resource::Graph] => Ok((Self { asked, api: None }, None)),
            [Resource::Named(name)] => Ok((Self { asked, api: None }, Some(name.clone()))),
            _ => Err(CredentialFault::SeveralResources(text.to_owned()).into()),
        }
    }

    /// The same request, about the API.
    #[must_use]
    pub fn about(mut self, api: Api) -> Self {
        for asked in &mut self.asked {
            if let Asked::Permission { name, .. } = asked {
                *name = in_consent(&api.client, name);
            }
        }
        self.api = Some(api);
        self
    }

    /// What it is about, if that is not Graph.
    #[must_use]
    pub fn api(&self) -> Option<&Api> {
        self.api.as_ref()
    }

    /// Checks a request of a client for itself: it asks for `.default` alone and gets all its roles.
    ///
    /// # Errors
    /// [`SignInFault::NotDefaultScope`] when anything else is asked for.
    pub fn for_application(&self) -> Result<(), SignInFault> {
        match self.asked.as_slice() {
            [Asked::Everything(_)] => Ok(()),
            asked => {
                let texts: Vec<_> = asked.iter().map(Asked::text).collect();
                Err(SignInFault::NotDefaultScope(texts.join(" ")))
            }
        }
    }

    /// The scopes as they were sent.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.asked.iter().map(|asked| asked.text().to_owned()).collect()
    }

    /// Whether a refresh token is asked for.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.openid().any(|name| name == Self::OFFLINE)
    }

    /// The scopes about the user that are asked for.
    pub fn openid(&self) -> impl Iterator<Item = &str> {
        self.asked.iter().filter_map(|asked| match asked {
            Asked::OpenId(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Names of the permissions that are asked for, consented to or not, each once and spelt as Graph spells them.
    /// `.default` asks for what the registration says that the client needs.
    #[must_use]
    pub fn permissions(&self, client: &Client) -> Vec<String> {
        let spelt = |name: &str| PermissionScope::named(name).map_or(name, |known| known.name).to_owned();
        let mut names = Vec::new();
        for asked in &self.asked {
            match asked {
                Asked::OpenId(_) => {}
                // What an API does not have is nobody's to grant.
                Asked::Permission { name, .. } => names.extend(match &self.api {
                    Some(api) => api.users_may_grant(name).map(|_| name.clone()),
                    None => Some(spelt(name)),
                }),
                Asked::Everything(_) => match &self.api {
                    Some(api) => names.extend(api.required.iter().cloned()),
                    None => names.extend(required_scopes(client).map(str::to_owned)),
                },
            }
        }
        names.retain(|name| !OPENID_SCOPES.contains(&name.as_str()));
        without_repeats(names)
    }

    /// Whether one of these permissions, which the request asks for, is for administrators to grant.
    #[must_use]
    pub fn needs_administrator(&self, permissions: &[String]) -> bool {
        permissions.iter().any(|name| match &self.api {
            Some(api) => api.users_may_grant(name) == Some(false),
            None => needs_administrator(name),
        })
    }

    /// Those of [`ScopeRequest::permissions`] that still need consent for this user. Clients that ask for `.default`
    /// are content with what they have, if they have anything.
    #[must_use]
    pub fn unconsented(&self, client: &Client, user: &User, own: Option<&Consent>) -> Vec<String> {
        let consented = self.consented(client, user, own);
        let is_everything = self.asked.iter().any(|asked| matches!(asked, Asked::Everything(_)));
        if is_everything && !consented.is_empty() {
            return Vec::new();
        }
        let mut names = self.permissions(client);
        names.retain(|name| !consented.iter().any(|known| known.eq_ignore_ascii_case(name)));
        names
    }

    /// What was consented to of the resource that the request is about, as it stands in consents.
    fn consented<'a>(&'a self, client: &'a Client, user: &User, own: Option<&'a Consent>) -> Vec<&'a str> {
        let mut consented = client.scopes_for(&user.id, own);
        consented.extend(self.api.iter().flat_map(|api| &api.own).map(String::as_str));
        consented.retain(|name| match &self.api {
            Some(api) => api.name_of(name).is_some(),
            None => !name.contains('/'),
        });
        consented
    }

    /// Whether the scope is about the user and not of any API.
    #[must_use]
    pub fn is_about_user(scope: &str) -> bool {
        OPENID_SCOPES.contains(&scope)
    }

    /// What of the request was consented to, for this user, by administrators or in the user's own consent. A
    /// permission without consent is left out; `.default` gives all that was consented to.
    ///
    /// # Errors
    /// [`SignInFault::ConsentMissing`] when permissions are asked for and none of them was consented to.
    pub fn for_user(
        &self,
        client: &Client,
        user: &User,
        own: Option<&Consent>,
    ) -> Result<GrantedScopes, SignInFault> {
        let consented = self.consented(client, user, own);
        let spelt = |name: &str| name.rsplit_once('/').map_or(name, |(_, name)| name).to_owned();
        let (mut scopes, mut answer) = (Vec::new(), Vec::new());
        for asked in &self.asked {
            match asked {
                Asked::OpenId(name) if name == Self::OFFLINE => {}
                Asked::OpenId(name) => {
                    scopes.push(name.clone());
                    answer.push(name.clone());
                }
                Asked::Permission { text, name } => {
                    if let Some(granted) = consented.iter().find(|c| c.eq_ignore_ascii_case(name)) {
                        scopes.push(spelt(granted));
                        answer.push(text.clone());
                    }
                }
                Asked::Everything(text) => {
                    let resource = text.rsplit_once('/').map_or(GRAPH, |(resource, _)| resource);
                    scopes.extend(consented.iter().map(|name| spelt(name)));
                    answer.extend(consented.iter().map(|name| format!("{resource}/{}", spelt(name))));
                    answer.push(text.clone());
                }
            }
        }
        let asks_graph = self.asked.iter().any(|asked| !matches!(asked, Asked::OpenId(_)));
        if asks_graph && scopes.iter().all(|name| OPENID_SCOPES.contains(&name.as_str())) {
            let (client, name) = (client.id.clone(), client.display_name.clone());
            return Err(SignInFault::ConsentMissing { client, name });
        }
        Ok(GrantedScopes { scopes: without_repeats(scopes), answer: without_repeats(answer).join(" ") })
    }
}

impl Asked {
    fn parse(text: &str) -> Result<(Self, Resource), SignInFault> {
        // RFC 6749, 3.3.
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SignInFault::InvalidScope(text.to_owned()));
        }
        if OPENID_SCOPES.contains(&text) {
            return Ok((Self::OpenId(text.to_owned()), Resource::Any));
        }
        let (resource, name) = match text.rsplit_once('/') {
            None => (Resource::Graph, text),
            Some((resource, name)) if is_graph(resource) => (Resource::Graph, name),
            Some((resource, name)) => (Resource::Named(resource.to_owned()), name),
        };
        let in_names = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        match name {
            ".default" => Ok((Self::Everything(text.to_owned()), resource)),
            "" => Err(SignInFault::InvalidScope(text.to_owned())),
            name if !name.bytes().all(in_names) => Err(SignInFault::InvalidScope(text.to_owned())),
            name => Ok((Self::Permission { text: text.to_owned(), name: name.to_owned() }, resource)),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Everything(text) | Self::OpenId(text) | Self::Permission { text, .. } => text,
        }
    }
}

/// Whether scopes with this URI in front are those of a client's API, and not of Microsoft Graph.
#[must_use]
pub fn names_client_api(uri: &str) -> bool {
    let probe = format!("{}/.default", uri.trim_end_matches('/'));
    matches!(ScopeRequest::read(&probe), Ok((_, Some(_))))
}

/// Whether the resource is a host, which stands for Graph, or Graph's application id. A resource may end with a
/// slash (`https://graph.microsoft.com//.default`).
fn is_graph(resource: &str) -> bool {
    let resource = resource.strip_suffix('/').unwrap_or(resource);
    match resource.split_once("://") {
        None => resource.eq_ignore_ascii_case(GRAPH_APPLICATION),
        Some((scheme, host)) => {
            let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
            web && !host.is_empty() && !host.contains('/')
        }
    }
}

fn without_repeats(names: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use slipway_model::ConsentGrant;

    use super::*;
    use crate::claims::tests::{client, tenant, user};

    fn parse(text: &str) -> Result<ScopeRequest, SignInFault> {
        ScopeRequest::parse(text, &tenant())
    }

    fn consented(scopes: &[&str]) -> Client {
        let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
        Client { delegated_permissions: vec![ConsentGrant { user: None, scopes }], ..client() }
    }

    fn granted(text: &str, scopes: &[&str]) -> (Vec<String>, String) {
        let granted = parse(text).unwrap().for_user(&consented(scopes), &user(), None).unwrap();
        (granted.scopes, granted.answer)
    }

    #[test]
    fn default_gives_all_that_was_consented_to_and_is_repeated_in_the_answer() {
        let (scopes, answer) = granted("https://localhost:8365/.default openid", &["User.Read", "A.B"]);
        assert_eq!(scopes, ["User.Read", "A.B", "openid"]);
        let expected = "https://localhost:8365/User.Read https://localhost:8365/A.B https://localhost:8365/.default openid";
        assert_eq!(answer, expected);
    }

    #[test]
    fn what_was_not_consented_to_is_left_out() {
        let (scopes, answer) =
            granted("user.read Mail.Read offline_access profile User.Read", &["User.Read"]);
        assert_eq!(scopes, ["User.Read", "profile"]);
        assert_eq!(answer, "user.read profile User.Read");
    }

    #[test]
    fn without_any_consent_it_is_refused() {
        for text in
            ["Mail.Read openid", "https://graph.microsoft.com/.default", "https://graph.microsoft.com/X"]
        {
            let refused = parse(text).unwrap().for_user(&consented(&[]), &user(), None);
            assert!(matches!(refused, Err(SignInFault::ConsentMissing { .. })), "{text}");
        }
        let refused = parse("Mail.Read").unwrap().for_user(&consented(&["User.Read"]), &user(), None);
        assert!(matches!(refused, Err(SignInFault::ConsentMissing { .. })));
        assert_eq!(granted("openid profile offline_access", &[]).0, ["openid", "profile"]);
    }

    #[test]
    fn every_host_means_graph_and_other_resources_are_unknown() {
        for resource in
            ["https://graph.microsoft.com", "http://127.0.0.1:8365", "https://localhost/", GRAPH_APPLICATION]
        {
            assert!(parse(&format!("{resource}/.default")).unwrap().for_application().is_ok(), "{resource}");
        }
        let named = ["api://x", "https://host/path", "51190000-0000-4000-8000-00000000a001"];
        for resource in named.into_iter().chain(["https://", ""]) {
            let refused = parse(&format!("{resource}/.default"));
            assert!(matches!(refused, Err(SignInFault::UnknownResource { .. })), "{resource}");
        }
    }

    #[test]
    fn a_request_is_about_one_resource() {
        for text in ["api://x/a User.Read", "api://x/a api://y/b", "https://localhost/A api://x/b"] {
            assert_eq!(ScopeRequest::read(text).unwrap_err().number(), 28000, "{text}");
        }
        let (_, named) = ScopeRequest::read("openid api://x/a profile API://X/b offline_access").unwrap();
        assert_eq!(named.as_deref(), Some("api://x"));
    }

    #[test]
    fn an_api_gets_its_own_scopes_and_graph_none_of_them() {
        let api = Client {
            exposed_scopes: vec![slipway_model::ExposedScope {
                id: "1".into(),
                value: "access_as_user".into(),
                display_name: "Access".into(),
                users_may_consent: true,
            }],
            ..Client::new(slipway_model::ClientId::parse("api1").unwrap(), "Tasks")
        };
        let client = consented(&["User.Read", "API1/access_as_user", "api2/other"]);
        let ask = |text: &str, asking: &Client| {
            let (request, name) = ScopeRequest::read(text).unwrap();
            let about = request.about(Api::of(&api, &name.unwrap(), asking));
            about.for_user(asking, &user(), None).map(|granted| (granted.scopes, granted.answer))
        };
        let expected = (vec!["access_as_user".to_owned()], "api://t/Access_As_User".to_owned());
        assert_eq!(ask("api://t/Access_As_User", &client), Ok(expected));
        let (scopes, answer) = ask("api1/.default openid", &client).unwrap();
        assert_eq!(scopes, ["access_as_user", "openid"]);
        assert_eq!(answer, "api1/access_as_user api1/.default openid");
        assert!(ask("api://t/other", &client).is_err());
        assert!(ask("api://t/User.Read", &client).is_err());
        assert!(ask("api1/.default", &consented(&["User.Read"])).is_err());
        assert_eq!(ask("api1/.default", &api).unwrap().0, ["access_as_user"], "a token for itself");
        let graph = parse(".default").unwrap().for_user(&client, &user(), None).unwrap();
        assert_eq!(graph.scopes, ["User.Read"]);
    }

    #[test]
    fn what_is_no_scope() {
        assert_eq!(parse(" "), Err(SignInFault::MissingParameter("scope")));
        for text in [
            "https://graph.microsoft.com/",
            "A,B",
            ".default User.Read",
            "api://a\0b/.default",
            "\u{1}x/a",
            "api://\u{e9}/a",
        ] {
            assert_eq!(parse(text), Err(SignInFault::InvalidScope(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_scope_has_an_end() {
        let longest = "a".repeat(MAX_LENGTH);
        assert!(parse(&longest).is_ok());
        let refused = parse(&format!("{longest} ")).unwrap_err().to_string();
        assert!(refused.ends_with("The scope of more than 2048 bytes is not valid."), "{refused}");
    }

    #[test]
    fn a_client_asks_for_default_alone() {
        assert_eq!(parse(".default").unwrap().for_application(), Ok(()));
        for text in ["User.Read", ".default openid", "openid"] {
            let refused = parse(text).unwrap().for_application();
            assert_eq!(refused, Err(SignInFault::NotDefaultScope(text.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn a_token_never_gets_more_than_was_consented_to(text in "[A-C./:a-z ]{0,40}") {
            let client = consented(&["A", "b.c"]);
            if let Ok(granted) = parse(&text).and_then(|asked| asked.for_user(&client, &user(), None)) {
                let known = |s: &String| ["A", "b.c"].contains(&s.as_str()) || OPENID_SCOPES.contains(&s.as_str());
                prop_assert!(granted.scopes.iter().all(known), "{:?}", granted);
            }
        }
    }
}
