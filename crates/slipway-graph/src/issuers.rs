//! Keys of other issuers: of those that the settings trust with tokens, and of those that clients trust with their
//! assertions. Nothing is fetched before a token names one of them, and then each at most every half minute, whoever
//! asks and however often.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use slipway_identity::{Assertion, Caller, Discovered, PublicKeys, TokenFault, TrustedIssuer};
use slipway_identity::{claimed_issuer, discovery_url};
use slipway_outbound::{Limits, Outbound};
use tokio::sync::Mutex;

/// Issuers whose keys are remembered: clients may name many.
const REMEMBERED: usize = 1_000;

/// How old keys may be.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(1);

/// How old they may be while their issuer does not answer.
const MAX_AGE_UNREACHABLE: SignedDuration = SignedDuration::from_hours(24);

/// From one look at an issuer to the next.
const REST: SignedDuration = SignedDuration::from_secs(30);

/// Documents of others.
const LIMITS: Limits = Limits { time: std::time::Duration::from_secs(5), ..Limits::DOCUMENT };

/// The issuers, and the way to them.
pub(crate) struct Issuers {
    outbound: Outbound,
    trusted: Vec<TrustedIssuer>,
    known: Cache<String, Arc<Mutex<Known>>>,
}

/// What is known of an issuer.
#[derive(Default)]
struct Known {
    keys: PublicKeys,
    /// When they were published.
    fetched: Option<Timestamp>,
    /// When they were asked for, with or without success.
    tried: Option<Timestamp>,
}

impl Issuers {
    pub(crate) fn new(outbound: Outbound, trusted: Vec<TrustedIssuer>) -> Self {
        Self { outbound, trusted, known: Cache::new(REMEMBERED) }
    }

    /// Whom the token names, if it is of an issuer that the settings trust; none if it is of no such issuer.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Option<Result<Caller, TokenFault>> {
        if self.trusted.is_empty() {
            return None;
        }
        let (claimed, kid) = claimed_issuer(token)?;
        let mut outcome = None;
        for issuer in self.trusted.iter().filter(|issuer| issuer.issues(&claimed)) {
            let Some(keys) = self.keys(issuer.url(), &kid, now).await else {
                outcome = outcome.or(Some(Err(TokenFault::UnknownKey)));
                continue;
            };
            let verified = keys.verify(token, issuer, now);
            if verified.is_ok() {
                return Some(verified);
            }
            outcome = Some(verified);
        }
        outcome
    }

    /// Whether the issuer signed the assertion; none if its keys cannot be had.
    pub(crate) async fn have_signed(
        &self,
        issuer: &str,
        assertion: &Assertion<'_>,
        now: Timestamp,
    ) -> Option<bool> {
        let keys = self.keys(issuer, assertion.kid().unwrap_or_default(), now).await?;
        Some(keys.have_signed(assertion))
    }

    /// The issuer's keys, looked at again if they are old or lack this one. None if there are none.
    async fn keys(&self, issuer: &str, kid: &str, now: Timestamp) -> Option<PublicKeys> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        let Ok(known) = self.known.get_or_insert_with(issuer, fresh);
        // All who ask at the same time wait for one look, which has an end.
        let mut known = known.lock().await;
        let is_younger =
            |time: Option<Timestamp>, age| time.is_some_and(|time| now.duration_since(time) < age);
        let is_good = known.keys.has(kid) && is_younger(known.fetched, MAX_AGE);
        if !is_good && !is_younger(known.tried, REST) {
            known.tried = Some(now);
            match self.fetch(issuer, now).await {
                Ok(keys) => {
                    tracing::info!(issuer, keys = keys.count(), "fetched the keys of an issuer");
                    known.keys = keys.after(&known.keys, now);
                    known.fetched = Some(now);
                }
                Err(error) => tracing::warn!(issuer, ?error, "the keys of an issuer cannot be had"),
            }
        }
        is_younger(known.fetched, MAX_AGE_UNREACHABLE).then(|| known.keys.clone())
    }

    async fn fetch(&self, issuer: &str, now: Timestamp) -> Result<PublicKeys, String> {
        let document = self.get(&discovery_url(issuer)).await?;
        let found = Discovered::read(&document)?;
        // Otherwise one issuer could pass its keys off as those of another (OpenID Connect Discovery 1.0, 4.3).
        if found.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
            return Err(format!("its discovery document is of '{}'", found.issuer));
        }
        PublicKeys::read(&self.get(&found.jwks_uri).await?, now)
    }

    async fn get(&self, url: &str) -> Result<bytes::Bytes, String> {
        self.outbound.get(url, LIMITS).await.map_err(|fault| format!("{url}: {fault}"))
    }
}
