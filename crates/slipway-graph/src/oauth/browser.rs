//! What is known of the browser in front of the pages: who is signed in to it, and whether a form comes from a page
//! that was shown in it.
//!
//! Two cookies that scripts cannot read. One ties forms to the browser: what a form brings back is sealed for its value,
//! so that a form of another browser, or one that a page elsewhere sends, does not open. The other one, sealed too, says
//! who is signed in; pages of other sites have it sent with the authorization requests of their frames, as they
//! have Entra's.

use http::header::{COOKIE, HOST, HeaderValue, ORIGIN, SET_COOKIE};
use http::uri::Authority;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use slipway_identity::{Purpose, Secret, SignInFault};
use slipway_model::{Tenant, TenantId, User, UserId};
use slipway_store::{Partition, Stored, user};

use super::refusal::Refusal;
use super::sign_in::SignIn;
use crate::Mode;
use crate::reply::Reply;

/// Names the browser.
const BROWSER: &str = "slipway-browser";

/// Says who is signed in.
const SIGNED_IN: &str = "slipway-signed-in";

/// Before the mark of a user who was picked and showed no password, which counts in mode `lab` only.
const PICKED: &str = "picked ";

/// How long a browser stays signed in: a day, as Entra's sessions that do not persist.
const SIGNED_IN_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A user who proved themselves in a browser.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Proof {
    tenant: String,
    user: String,
    /// When, in seconds.
    at: i64,
    /// [`password_mark`] at that time.
    password: String,
}

impl Proof {
    pub(super) fn of(tenant: &Tenant, user: &User, at: Timestamp) -> Self {
        Self {
            tenant: tenant.id.as_str().to_owned(),
            user: user.id.as_str().to_owned(),
            at: at.as_second(),
            password: password_mark(user),
        }
    }

    /// For one who was picked.
    pub(super) fn of_picked(tenant: &Tenant, user: &User, at: Timestamp) -> Self {
        Self { password: format!("{PICKED}{}", password_mark(user)), ..Self::of(tenant, user, at) }
    }

    /// The mark for everything that comes of it.
    pub(super) fn mark(&self) -> &str {
        &self.password
    }

    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_second(self.at).unwrap_or_default()
    }

    pub(super) fn tenant(&self) -> Option<TenantId> {
        TenantId::parse(&self.tenant).ok()
    }
}

/// What changes with the user's password and does not give it away.
pub(super) fn password_mark(user: &User) -> String {
    let mut hash = Secret::from(user.password_hash.as_deref().unwrap_or_default()).sha256_hex();
    hash.truncate(16);
    hash
}

/// The browser's name, and the cookie for it where it has none yet.
pub(super) struct Browser {
    pub(super) id: String,
    cookie: Option<String>,
}

impl Browser {
    /// The page, with the cookie that its form needs.
    pub(super) fn remember(self, page: Reply) -> Reply {
        match self.cookie {
            Some(cookie) => set_cookie(page, &cookie),
            None => page,
        }
    }
}

impl SignIn {
    /// The browser that asks.
    pub(super) fn browser(&self) -> Browser {
        if let Some(id) = self.known_browser() {
            return Browser { id: id.to_owned(), cookie: None };
        }
        let id = self.server().ids().device_code();
        let cookie = self.cookie_of(BROWSER, &id, SameSite::Lax);
        Browser { id, cookie: Some(cookie) }
    }

    /// The browser's name, if it has one already.
    pub(super) fn known_browser(&self) -> Option<&str> {
        self.cookie(BROWSER).filter(|id| id.len() == 43)
    }

    /// Refuses a form that comes from a page of another origin. Browsers say in `Origin` and `Sec-Fetch-Site` where
    /// it comes from; programs say nothing, and have no cookies of somebody else.
    pub(super) fn refuse_cross_site(&self) -> Result<(), SignInFault> {
        let headers = &self.arrival.parts.headers;
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(&HOST).unwrap_or_default();
        let hosts = &self.server().settings().hosts;
        // With a public URL any host gets here, and one that is none of ours may be another site's (DNS rebinding).
        let is_host = |authority: &str| {
            authority == host && authority.parse().is_ok_and(|host: Authority| hosts.answers_for(host.host()))
        };
        let is_own = |origin: &str| {
            origin == self.base() || origin.split_once("://").is_some_and(|(_, authority)| is_host(authority))
        };
        if text(&ORIGIN).is_some_and(|origin| !is_own(origin)) {
            return Err(SignInFault::ForgedForm("Origin"));
        }
        match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => Err(SignInFault::ForgedForm("Sec-Fetch-Site")),
        }
    }

    /// Whether a sign-in with this mark still counts for the user.
    pub(super) fn is_mark_of(&self, mark: &str, user: &User) -> bool {
        let shown = mark.strip_prefix(PICKED);
        if shown.is_some() && self.server().settings().mode != Mode::Lab {
            return false;
        }
        shown.unwrap_or(mark) == password_mark(user)
    }

    /// Who is signed in to the browser, as far as the cookie knows.
    pub(super) async fn signed_in(&self) -> Result<Option<Proof>, Refusal> {
        let Some(text) = self.cookie(SIGNED_IN) else { return Ok(None) };
        let proof: Option<Proof> = self.open(Purpose::Browser, SIGNED_IN, text).await?;
        Ok(proof.filter(|proof| proof.at() + SIGNED_IN_FOR > self.now()))
    }

    /// The proven user as they are now, if they may still sign in and their password is still the same.
    pub(super) async fn still_signed_in(
        &self,
        tenant: &Tenant,
        proof: &Proof,
    ) -> Result<Option<Stored<User>>, Refusal> {
        let (Some(of), Ok(id)) = (proof.tenant(), UserId::parse(&proof.user)) else { return Ok(None) };
        if of != tenant.id {
            return Ok(None);
        }
        let found = self.view().get(&user::key(&Partition::of(tenant), &id)).await?;
        let same = |user: &User| user.account_enabled && self.is_mark_of(&proof.password, user);
        Ok(found.filter(|found| same(&found.record)))
    }

    /// The answer, and the browser signed in from now on.
    pub(super) fn keep_signed_in(&self, proof: &Proof, reply: Reply) -> Result<Reply, Refusal> {
        let text = self.seal(Purpose::Browser, SIGNED_IN, proof)?;
        Ok(set_cookie(reply, &self.cookie_of(SIGNED_IN, &text, SameSite::None)))
    }

    /// The answer, and nobody signed in to the browser any more.
    pub(super) fn sign_out(&self, reply: Reply) -> Reply {
        let cookie = self.cookie_of(SIGNED_IN, "", SameSite::None);
        set_cookie(reply, &format!("{cookie}; Max-Age=0"))
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        let name = self.cookie_name(name);
        let headers = self.arrival.parts.headers.get_all(COOKIE);
        let pairs = headers.iter().filter_map(|header| header.to_str().ok()).flat_map(|h| h.split(';'));
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Over TLS the prefix keeps other hosts and plain HTTP from setting it.
    fn cookie_name(&self, name: &str) -> String {
        if self.is_https() { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// A cookie for as long as the browser runs. Browsers take `SameSite=None` only over TLS.
    fn cookie_of(&self, name: &str, value: &str, same_site: SameSite) -> String {
        let name = self.cookie_name(name);
        let rest = match (self.is_https(), same_site) {
            (true, SameSite::None) => "Secure; SameSite=None",
            (true, SameSite::Lax) => "Secure; SameSite=Lax",
            (false, _) => "SameSite=Lax",
        };
        format!("{name}={value}; Path=/; HttpOnly; {rest}")
    }

    fn is_https(&self) -> bool {
        self.base().starts_with("https:")
    }
}

/// Whether requests of other sites carry a cookie.
#[derive(Clone, Copy)]
enum SameSite {
    /// Only when they lead to a page.
    Lax,
    /// Always.
    None,
}

fn set_cookie(reply: Reply, cookie: &str) -> Reply {
    match HeaderValue::from_str(cookie) {
        Ok(cookie) => reply.with_header(SET_COOKIE, cookie),
        Err(_) => reply,
    }
}
