//! The keys that sign tokens: made once, kept in the storage, so that every server on it has the same ones.

use jiff::Timestamp;
use slipway_identity::{KeyFault, KeyRing, SigningKey};
use slipway_store::{Changeset, CommitError, Partition, ReadError, Store, signing_key};

/// Keys that a storage may hold; rotation keeps far fewer.
const MOST_KEYS: usize = 100;

/// Why there are no keys.
#[derive(Debug)]
pub enum KeysError {
    /// A key cannot be made, or one in the storage is none.
    Key(KeyFault),
    /// The storage cannot be read.
    Read(ReadError),
    /// The storage did not take the key.
    Commit(CommitError),
}

impl std::fmt::Display for KeysError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(error) => write!(f, "signing keys: {error}"),
            Self::Read(error) => write!(f, "signing keys: {error}"),
            Self::Commit(error) => write!(f, "signing keys: {error}"),
        }
    }
}

impl std::error::Error for KeysError {}

impl From<KeyFault> for KeysError {
    fn from(error: KeyFault) -> Self {
        Self::Key(error)
    }
}

/// The storage's keys; the first server on an empty storage makes one. When two start at once each makes one: the
/// newest signs, and both verify.
///
/// # Errors
/// [`KeysError`].
pub async fn load_or_make(store: &Store, now: Timestamp) -> Result<KeyRing, KeysError> {
    if let Some(ring) = load(store).await? {
        return Ok(ring);
    }
    let made = SigningKey::generate()?;
    let record =
        slipway_store::SigningKey { kid: made.kid().to_owned(), created_at: now, pkcs8: made.to_pkcs8()? };
    let changes = Changeset::new("signingKeys.make")
        .expect_absent(&signing_key::key(&record.kid))
        .put(&Partition::global(), &record);
    store.commit(changes).await.map_err(KeysError::Commit)?;
    Ok(load(store).await?.unwrap_or_else(|| KeyRing::new(made, Vec::new())))
}

async fn load(store: &Store) -> Result<Option<KeyRing>, KeysError> {
    let page = store.view().scan(&signing_key::all(), MOST_KEYS).await.map_err(KeysError::Read)?;
    let mut records: Vec<_> = page.rows.into_iter().map(|row| row.record).collect();
    records.sort_by(|a, b| (b.created_at, &b.kid).cmp(&(a.created_at, &a.kid)));
    let mut keys = Vec::with_capacity(records.len());
    for record in &records {
        keys.push(SigningKey::from_pkcs8(&record.pkcs8)?);
    }
    let mut keys = keys.into_iter();
    Ok(keys.next().map(|newest| KeyRing::new(newest, keys.collect())))
}
