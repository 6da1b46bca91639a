//! The keys that sign and verify tokens: made once, kept in the storage, so that every server on it has the same ones.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use slipway_identity::{Caller, Ids, KeyFault, KeyRing, SealingKey, SigningKey, TokenFault, fingerprint};
use slipway_store::{
    Changeset, CommitError, Key, Partition, PrivateKey, ReadError, Store, Stored, signing_key,
};
use tokio::sync::Mutex;

use crate::fault::{Fault, FaultKind};
use crate::issuers::Issuers;

/// Keys that a storage may hold; rotation keeps far fewer.
const MOST_KEYS: usize = 100;

/// Keys with which another one may still be made: fewer than are looked at, for servers may make some at once.
const MOST_ROTATIONS: usize = MOST_KEYS / 2;

/// How long a key is kept after the next one was made: everything that it signed or sealed is over by then. Refresh
/// tokens last longest, 90 days.
const KEPT: SignedDuration = SignedDuration::from_hours(100 * 24);

/// Verified tokens that are remembered; one takes about a kilobyte.
const REMEMBERED_CALLERS: usize = 10_000;

/// Why there are no keys.
#[derive(Clone, Debug)]
pub enum KeysError {
    /// No key could be made.
    Make(KeyFault),
    /// The key with this `kid` is in the storage and cannot be used.
    Stored(String, KeyFault),
    /// The key with this `kid` is sealed, and there is nothing to open it with.
    Sealed(String),
    /// The storage had keys and has none any more.
    Gone,
    /// Keys were made too often.
    TooMany,
    /// The storage cannot be read.
    Read(ReadError),
    /// The storage did not take a key.
    Commit(CommitError),
}

impl fmt::Display for KeysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("signing keys: ")?;
        match self {
            Self::Make(fault) => fault.fmt(f),
            Self::Stored(kid, fault) => write!(f, "'{kid}': {fault}"),
            Self::Sealed(kid) => {
                write!(f, "'{kid}' is sealed\nhint: start with the --key-file with which it was sealed")
            }
            Self::Gone => f.write_str("the storage has none any more"),
            Self::TooMany => write!(f, "{MOST_ROTATIONS} keys are in use; each is kept for 100 days"),
            Self::Read(error) => error.fmt(f),
            Self::Commit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeysError {}

impl From<ReadError> for KeysError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<KeysError> for Fault {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Read(error) => error.into(),
            error => FaultKind::Internal.because(error.to_string()),
        }
    }
}

/// The storage's keys. Those that another server adds are taken over when a token names one of them, or when
/// somebody asks for the public keys.
pub struct Keys {
    store: Store,
    sealing: Option<SealingKey>,
    known: RwLock<Arc<Known>>,
    look: Mutex<Look>,
}

/// The keys as the storage had them, with the tokens that they verified: one is not remembered without the other.
struct Known {
    ring: Arc<KeyRing>,
    callers: Cache<[u8; 32], Arc<Caller>>,
}

/// The last look into the storage.
struct Look {
    began: Instant,
    outcome: Result<(), KeysError>,
}

impl Keys {
    /// The storage's keys, of which the newest signs; on an empty storage one is made. Servers that start on one
    /// database come here one after the other, with the setup lock.
    ///
    /// With a sealing key, private keys are stored sealed, also those that lie open there until now.
    ///
    /// # Errors
    /// [`KeysError`]; nothing was sealed if one of the sealed keys does not open.
    pub async fn open(
        store: &Store,
        sealing: Option<SealingKey>,
        ids: &Ids,
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let began = Instant::now();
        let mut rows = load(store).await?;
        if rows.is_empty() {
            make(store, sealing.as_ref(), ids, now).await?;
            rows = load(store).await?;
        }
        let ring = ring(&rows, sealing.as_ref())?;
        if let Some(sealing) = &sealing {
            seal(store, rows, sealing, ids).await?;
        }
        Ok(Self {
            store: store.clone(),
            sealing,
            known: RwLock::new(Arc::new(Known::of(ring))),
            look: Mutex::new(Look { began, outcome: Ok(()) }),
        })
    }

    /// The keys as they were last seen.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.known().ring)
    }

    /// Whom the token names. Whether tenant, client and user still exist is for the caller to find out. Only a token
    /// that names none of this server's keys can be of another issuer.
    pub(crate) async fn verify(
        &self,
        token: &str,
        issuers: &Issuers,
        now: Timestamp,
    ) -> Result<Arc<Caller>, Fault> {
        let mut outcome = self.known().verify(token, now);
        if outcome == Err(TokenFault::UnknownKey) {
            self.refresh().await?;
            outcome = self.known().verify(token, now);
        }
        if outcome == Err(TokenFault::UnknownKey)
            && let Some(verified) = issuers.verify(token, now).await
        {
            return Ok(self.known().remember(token, verified?));
        }
        Ok(outcome?)
    }

    /// Makes a key, which signs from now on; the others verify what they signed for as long as that may last. Gives
    /// its name and how many keys there are. Other servers on the storage learn of it by the first token that it
    /// signed.
    ///
    /// # Errors
    /// [`KeysError`]; [`KeysError::TooMany`] if keys were made too often.
    pub(crate) async fn rotate(&self, ids: &Ids, now: Timestamp) -> Result<(String, usize), KeysError> {
        let rows = load(&self.store).await?;
        let (kept, over) = aged(rows, now);
        if kept >= MOST_ROTATIONS {
            return Err(KeysError::TooMany);
        }
        make(&self.store, self.sealing.as_ref(), ids, now).await?;
        let mut gone = Changeset::new("signingKeys.forget");
        for key in over {
            gone = gone.delete(&key);
        }
        if gone.rows() > 0 {
            self.store.commit(gone).await.map_err(KeysError::Commit)?;
        }
        self.refresh().await?;
        let ring = self.ring();
        Ok((ring.kids().next().unwrap_or_default().to_owned(), ring.kids().count()))
    }

    /// Takes over what has become of the keys in the storage. Anybody can send a token that names no key, so all who
    /// ask at the same time share one look, the first that begins after they asked: there is never more than one,
    /// and no token is refused because a look was a moment too early.
    pub(crate) async fn refresh(&self) -> Result<(), KeysError> {
        let asked = Instant::now();
        let mut look = self.look.lock().await;
        if look.began <= asked {
            *look = Look { began: Instant::now(), outcome: self.take_over().await };
        }
        look.outcome.clone()
    }

    async fn take_over(&self) -> Result<(), KeysError> {
        let rows = load(&self.store).await?;
        let same = self.known().ring.kids().eq(rows.iter().map(|row| row.record.kid.as_str()));
        if !same {
            let known = Arc::new(Known::of(ring(&rows, self.sealing.as_ref())?));
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        }
        Ok(())
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn of(ring: KeyRing) -> Self {
        Self { ring: Arc::new(ring), callers: Cache::new(REMEMBERED_CALLERS) }
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Caller>, TokenFault> {
        let key = fingerprint(token);
        match self.callers.get(&key) {
            Some(caller) if caller.expires <= now => Err(TokenFault::Expired),
            Some(caller) => Ok(caller),
            None => Ok(self.remember(token, self.ring.verify(token, now)?)),
        }
    }

    fn remember(&self, token: &str, caller: Caller) -> Arc<Caller> {
        let caller = Arc::new(caller);
        self.callers.insert(fingerprint(token), Arc::clone(&caller));
        caller
    }
}

/// The newest first; of two of the same time, which one is settled by their names.
async fn load(store: &Store) -> Result<Vec<Stored<slipway_store::SigningKey>>, ReadError> {
    let mut rows = store.view().scan(&signing_key::all(), MOST_KEYS).await?.rows;
    rows.sort_by(|a, b| (b.record.created_at, &b.record.kid).cmp(&(a.record.created_at, &a.record.kid)));
    Ok(rows)
}

/// How many of the keys, the newest first, are still to be kept, and where the others stand.
fn aged(
    rows: Vec<Stored<slipway_store::SigningKey>>,
    now: Timestamp,
) -> (usize, Vec<Key<slipway_store::SigningKey>>) {
    let (mut kept, mut over, mut replaced) = (0, Vec::new(), None);
    for Stored { record, .. } in rows {
        match replaced.replace(record.created_at) {
            Some(since) if now.duration_since(since) > KEPT => over.push(signing_key::key(&record.kid)),
            _ => kept += 1,
        }
    }
    (kept, over)
}

fn ring(
    rows: &[Stored<slipway_store::SigningKey>],
    sealing: Option<&SealingKey>,
) -> Result<KeyRing, KeysError> {
    let mut keys =
        rows.iter().map(|row| read(&row.record, sealing)).collect::<Result<Vec<_>, _>>()?.into_iter();
    let newest = keys.next().ok_or(KeysError::Gone)?;
    Ok(KeyRing::new(newest, keys.collect()))
}

fn read(record: &slipway_store::SigningKey, sealing: Option<&SealingKey>) -> Result<SigningKey, KeysError> {
    let kid = || record.kid.clone();
    let key = match (&record.private, sealing) {
        (PrivateKey::Pkcs8(der), _) => SigningKey::from_pkcs8(der),
        (PrivateKey::Sealed(_), None) => return Err(KeysError::Sealed(kid())),
        (PrivateKey::Sealed(bytes), Some(sealing)) => {
            sealing.open(&record.kid, bytes).and_then(|der| SigningKey::from_pkcs8(&der))
        }
    };
    key.map_err(|fault| KeysError::Stored(kid(), fault))
}

async fn make(
    store: &Store,
    sealing: Option<&SealingKey>,
    ids: &Ids,
    now: Timestamp,
) -> Result<(), KeysError> {
    let key = SigningKey::generate().map_err(KeysError::Make)?;
    let (kid, der) = (key.kid().to_owned(), key.to_pkcs8().map_err(KeysError::Make)?);
    let private = match sealing {
        None => PrivateKey::Pkcs8(der),
        Some(sealing) => PrivateKey::Sealed(sealing.seal(&kid, der, ids).map_err(KeysError::Make)?),
    };
    let record = slipway_store::SigningKey { kid, created_at: now, private };
    let changes = Changeset::new("signingKeys.make")
        .expect_absent(&signing_key::key(&record.kid))
        .put(&Partition::global(), &record);
    store.commit(changes).await.map_err(KeysError::Commit)?;
    Ok(())
}

/// Seals those that lie open.
async fn seal(
    store: &Store,
    rows: Vec<Stored<slipway_store::SigningKey>>,
    sealing: &SealingKey,
    ids: &Ids,
) -> Result<(), KeysError> {
    let mut changes = Changeset::new("signingKeys.seal");
    for Stored { record, revision } in rows {
        let slipway_store::SigningKey { kid, created_at, private: PrivateKey::Pkcs8(der) } = record else {
            continue;
        };
        tracing::info!(kid, "sealing a signing key that lay open in the storage");
        let sealed = sealing.seal(&kid, der, ids).map_err(|fault| KeysError::Stored(kid.clone(), fault))?;
        let key = signing_key::key(&kid);
        let record = slipway_store::SigningKey { kid, created_at, private: PrivateKey::Sealed(sealed) };
        changes = changes.expect_revision(&key, revision).put(&Partition::global(), &record);
    }
    if changes.rows() > 0 {
        store.commit(changes).await.map_err(KeysError::Commit)?;
    }
    Ok(())
}
