//! The `scope` parameter: what a client asks for, and what it gets.
//!
//! Source: "Scopes and permissions in the Microsoft identity platform", and what MSAL does with the answer.

use slipway_model::{Client, Consent, TenantId, User};

use crate::SignInFault;
use crate::token::{GRAPH, GRAPH_APPLICATION};

/// Scopes about the user and not about Graph; they need no consent here.
const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", OFFLINE];

/// Asks for a refresh token. There are none yet, so it is taken and not granted.
const OFFLINE: &str = "offline_access";

/// Longest `scope` parameter, in bytes. Device codes keep it, and clients without a secret may ask for them.
const MAX_LENGTH: usize = 2 * 1024;

/// A `scope` parameter that was understood. It asks for Microsoft Graph, whose permissions are named with or
/// without a resource in front: any `http` or `https` host, or Graph's application id. Clients that are pointed
/// at another host derive the resource from it (`https://localhost/.default`), so every host means Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRequest {
    asked: Vec<Asked>,
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
    /// Reads a `scope` parameter: scopes between blanks.
    ///
    /// # Errors
    /// [`SignInFault::MissingParameter`] when it is blank, [`SignInFault::UnknownResource`] when a resource is
    /// not Graph, [`SignInFault::InvalidScope`] when a scope has no name, when `.default` stands with others, or
    /// when it is longer than 2048 bytes.
    pub fn parse(text: &str, tenant: &TenantId) -> Result<Self, SignInFault> {
        if text.len() > MAX_LENGTH {
            return Err(SignInFault::InvalidScope(format!("of more than {MAX_LENGTH} bytes")));
        }
        let scopes = text.split_ascii_whitespace();
        let asked: Vec<_> = scopes.map(|scope| Asked::parse(scope, tenant)).collect::<Result<_, _>>()?;
        if asked.is_empty() {
            return Err(SignInFault::MissingParameter("scope"));
        }
        let everything = asked.iter().any(|a| matches!(a, Asked::Everything(_)));
        if everything && asked.iter().any(|a| matches!(a, Asked::Permission { .. })) {
            return Err(SignInFault::InvalidScope(text.to_owned()));
        }
        Ok(Self { asked })
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

    /// What of the request was consented to, for this user, by administrators or in the user's own consent. A permission without consent is left out; `.default`
    /// gives all that was consented to.
    ///
    /// # Errors
    /// [`SignInFault::ConsentMissing`] when permissions are asked for and none of them was consented to.
    pub fn for_user(
        &self,
        client: &Client,
        user: &User,
        own: Option<&Consent>,
    ) -> Result<GrantedScopes, SignInFault> {
        let consented = client.scopes_for(&user.id, own);
        let (mut scopes, mut answer) = (Vec::new(), Vec::new());
        for asked in &self.asked {
            match asked {
                Asked::OpenId(name) if name == OFFLINE => {}
                Asked::OpenId(name) => {
                    scopes.push(name.clone());
                    answer.push(name.clone());
                }
                Asked::Permission { text, name } => {
                    if let Some(granted) = consented.iter().find(|c| c.eq_ignore_ascii_case(name)) {
                        scopes.push((*granted).to_owned());
                        answer.push(text.clone());
                    }
                }
                Asked::Everything(text) => {
                    let resource = text.rsplit_once('/').map_or(GRAPH, |(resource, _)| resource);
                    scopes.extend(consented.iter().map(|&name| name.to_owned()));
                    answer.extend(consented.iter().map(|name| format!("{resource}/{name}")));
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
    fn parse(text: &str, tenant: &TenantId) -> Result<Self, SignInFault> {
        if OPENID_SCOPES.contains(&text) {
            return Ok(Self::OpenId(text.to_owned()));
        }
        let name = match text.rsplit_once('/') {
            None => text,
            Some((resource, name)) if is_graph(resource) => name,
            Some((resource, _)) => {
                return Err(SignInFault::UnknownResource {
                    resource: resource.to_owned(),
                    tenant: tenant.clone(),
                });
            }
        };
        let in_names = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        match name {
            ".default" => Ok(Self::Everything(text.to_owned())),
            "" => Err(SignInFault::InvalidScope(text.to_owned())),
            name if !name.bytes().all(in_names) => Err(SignInFault::InvalidScope(text.to_owned())),
            name => Ok(Self::Permission { text: text.to_owned(), name: name.to_owned() }),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Everything(text) | Self::OpenId(text) | Self::Permission { text, .. } => text,
        }
    }
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
        for resource in
            ["api://x", "https://host/path", "51190000-0000-4000-8000-00000000a001", "https://", ""]
        {
            let refused = parse(&format!("{resource}/.default"));
            assert!(matches!(refused, Err(SignInFault::UnknownResource { .. })), "{resource}");
        }
    }

    #[test]
    fn what_is_no_scope() {
        assert_eq!(parse(" "), Err(SignInFault::MissingParameter("scope")));
        for text in ["https://graph.microsoft.com/", "A,B", ".default User.Read"] {
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
