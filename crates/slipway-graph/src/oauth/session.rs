//! Sign-ins that go on: the rows that codes, refresh tokens and access tokens name, and what ends them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use slipway_identity::{Purpose, SignInFault};
use slipway_model::{Platform, Tenant, TenantId};
use slipway_store::{Changeset, CommitError, Partition, Session, SessionState, Stored, session};

use super::refusal::Refusal;
use super::sign_in::SignIn;

/// How long a code is good. Source: "Microsoft identity platform and OAuth 2.0 authorization code flow", which says
/// about ten minutes.
pub(super) const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How long a refresh token is good, each anew. Source: "Refresh tokens in the Microsoft identity platform".
const REFRESH_LASTS: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long all refresh tokens of a page are good together. Source: the same.
const SPA_REFRESH_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Longer than any access token.
const ACCESS_LASTS: SignedDuration = SignedDuration::from_mins(65);

/// Most worthless sessions that one request clears away.
const CLEARED: usize = 20;

/// How often an end is tried anew when the session changes meanwhile.
const ATTEMPTS: usize = 8;

/// Who may redeem what was given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) enum Holder {
    /// The client, with its credential.
    #[serde(rename = "w")]
    Confidential,
    /// A page of it, from another origin.
    #[serde(rename = "s")]
    Spa,
    /// Whoever has it.
    #[serde(rename = "p")]
    Public,
}

impl From<Platform> for Holder {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Web => Self::Confidential,
            Platform::Spa => Self::Spa,
            Platform::PublicClient => Self::Public,
        }
    }
}

/// What a code says once it is opened.
#[derive(Deserialize, Serialize)]
pub(super) struct CodeText {
    pub(super) tenant: String,
    pub(super) session: String,
    /// When it was given out, in seconds.
    pub(super) at: i64,
    /// The password with which the user signed in.
    pub(super) password: String,
    pub(super) holder: Holder,
}

/// What a refresh token says once it is opened.
#[derive(Deserialize, Serialize)]
pub(super) struct RefreshText {
    pub(super) tenant: String,
    pub(super) session: String,
    pub(super) generation: u64,
    /// When it was given out, in seconds.
    pub(super) at: i64,
    /// The password with which the user signed in.
    pub(super) password: String,
    pub(super) holder: Holder,
}

impl RefreshText {
    /// When it was given out, as faults say it.
    pub(super) fn issued(&self) -> String {
        when(self.at)
    }

    /// Refuses a token that has lain about for too long.
    pub(super) fn refuse_expired(&self, session: &Session, now: Timestamp) -> Result<(), SignInFault> {
        match self.holder {
            Holder::Spa if session.signed_in_at + SPA_REFRESH_LASTS <= now => {
                Err(SignInFault::SpaRefreshExpired(self.issued()))
            }
            _ if self.is_old(now) => Err(SignInFault::RefreshExpired(self.issued())),
            _ => Ok(()),
        }
    }

    /// Whether it was given out so long ago that its session may have been cleared away.
    pub(super) fn is_old(&self, now: Timestamp) -> bool {
        now.as_second().saturating_sub(self.at) >= REFRESH_LASTS.as_secs()
    }
}

/// A time as faults say it.
pub(super) fn when(second: i64) -> String {
    Timestamp::from_second(second).unwrap_or_default().to_string()
}

/// When the session with the state is worth nothing any more.
pub(super) fn expiry(state: &Lasting, now: Timestamp) -> Timestamp {
    now + match state {
        Lasting::Code => CODE_LASTS,
        Lasting::Access => ACCESS_LASTS,
        Lasting::Refresh => REFRESH_LASTS + ACCESS_LASTS,
    }
}

/// What of a session is out.
pub(super) enum Lasting {
    /// A code.
    Code,
    /// Access tokens.
    Access,
    /// A refresh token too.
    Refresh,
}

impl SignIn {
    /// A refresh token of the session's generation, with the mark of the sign-in.
    pub(super) fn refresh_token(
        &self,
        tenant: &Tenant,
        mark: &str,
        session: &Session,
        holder: Holder,
    ) -> Result<String, Refusal> {
        let generation = match session.state {
            SessionState::Live { generation } => generation,
            SessionState::Code(_) | SessionState::Revoked => 0,
        };
        let text = RefreshText {
            tenant: tenant.id.as_str().to_owned(),
            session: session.id.clone(),
            generation,
            at: self.now().as_second(),
            password: mark.to_owned(),
            holder,
        };
        self.seal(Purpose::RefreshToken, "", &text)
    }

    /// The changes, and the new session with them; and some sessions that are over without them.
    pub(super) async fn begin(
        &self,
        changes: Changeset,
        partition: &Partition,
        session: &Session,
    ) -> Result<Changeset, Refusal> {
        let over = self.view().scan(&session::by_expiry(partition), CLEARED).await?.rows;
        let over = over.iter().filter(|row| row.record.expires_at <= self.now());
        let changes =
            over.fold(changes, |changes, row| changes.delete(&session::key(partition, &row.record.id)));
        let key = session::key(partition, &session.id);
        Ok(changes.expect_absent(&key).put(partition, session))
    }

    /// Keeps the session for as long as access tokens that name it from now on. No refresh token of it is good by the
    /// time that this changes anything, so that nobody who refreshes is in its way.
    pub(super) async fn lengthen(&self, partition: &Partition, id: &str) -> Result<(), Refusal> {
        let (key, needed) = (session::key(partition, id), expiry(&Lasting::Access, self.now()));
        for _ in 0..ATTEMPTS {
            let found = self.view().get(&key).await?;
            let found = found.filter(|found| found.record.state != SessionState::Revoked);
            let found = found.ok_or(SignInFault::GrantRevoked(self.now().to_string()))?;
            if found.record.expires_at >= needed {
                return Ok(());
            }
            let longer = Session { expires_at: needed, ..found.record };
            let changes = Changeset::new("lengthen a sign-in")
                .expect_revision(&key, found.revision)
                .put(partition, &longer);
            match self.server().store().commit(changes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Busy("the session kept changing"))
    }

    /// Ends the session: nothing that names it is good from now on.
    pub(super) async fn revoke(&self, partition: &Partition, id: &str) -> Result<(), Refusal> {
        let key = session::key(partition, id);
        for _ in 0..ATTEMPTS {
            let Some(found) = self.view().get(&key).await? else { return Ok(()) };
            if found.record.state == SessionState::Revoked {
                return Ok(());
            }
            let ended = Session { state: SessionState::Revoked, ..found.record };
            let changes =
                Changeset::new("end a sign-in").expect_revision(&key, found.revision).put(partition, &ended);
            match self.server().store().commit(changes).await {
                Ok(_) => {
                    tracing::warn!(target: "slipway::sign_in", session = id, "a code or refresh token was used twice");
                    return Ok(());
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Busy("the session kept changing"))
    }

    /// The session with the id, and its tenant, which the path must not contradict.
    pub(super) async fn session(
        &self,
        segment: &str,
        tenant: &str,
        id: &str,
    ) -> Result<(Tenant, Option<Stored<Session>>), Refusal> {
        let malformed = || SignInFault::InvalidGrant("Its tenant does not exist.");
        let of = TenantId::parse(tenant).map_err(|_| malformed())?;
        let key = slipway_store::tenant::key(&of);
        let tenant = self.view().get(&key).await?.ok_or_else(malformed)?.record;
        if let super::tenant::TenantSegment::Named(name) = super::tenant::TenantSegment::of(segment)
            && self.named_tenant(name).await?.id != tenant.id
        {
            return Err(SignInFault::OtherTenant.into());
        }
        let partition = Partition::of(&tenant);
        let found = self.view().get(&session::key(&partition, id)).await?;
        Ok((tenant, found))
    }
}
