//! What a record declares of itself, whatever its kind: for those who handle rows of every kind, which are export,
//! import and check.

use slipway_model::{
    Chat, Client, Consent, Group, Membership, TeamsApp, TeamsAppDefinition, TeamsAppInstallation, Tenant,
    User,
};

use crate::changeset::has_nul;
use crate::key::{IndexKey, Partition};
use crate::kind::Kind;
use crate::record::{Record, Reference, Undecodable};
use crate::records::device_grant::DeviceGrant;
use crate::records::import::Import;
use crate::records::package::Package;
use crate::records::session::Session;
use crate::records::signing_key::SigningKey;
use crate::records::sweep::Sweep;
use crate::records::user_term::UserTerm;

/// A record without its type.
pub(crate) struct Declared {
    pub(crate) key: Vec<u8>,
    pub(crate) index_keys: Vec<IndexKey>,
    pub(crate) references: Vec<Reference>,
    /// Encoded anew, so that it depends on the record alone.
    pub(crate) document: Vec<u8>,
}

impl Declared {
    /// What the record in this document declares in this partition.
    ///
    /// # Errors
    /// [`Undecodable`] for a document that is damaged, newer, or holds a text that cannot be stored.
    pub(crate) fn new(kind: Kind, partition: &Partition, document: &[u8]) -> Result<Self, Undecodable> {
        match kind {
            Kind::Tenant => Self::of::<Tenant>(partition, document),
            Kind::User => Self::of::<User>(partition, document),
            Kind::Client => Self::of::<Client>(partition, document),
            Kind::App => Self::of::<TeamsApp>(partition, document),
            Kind::Definition => Self::of::<TeamsAppDefinition>(partition, document),
            Kind::Package => Self::of::<Package>(partition, document),
            Kind::Installation => Self::of::<TeamsAppInstallation>(partition, document),
            Kind::SigningKey => Self::of::<SigningKey>(partition, document),
            Kind::DeviceGrant => Self::of::<DeviceGrant>(partition, document),
            Kind::Sweep => Self::of::<Sweep>(partition, document),
            Kind::Import => Self::of::<Import>(partition, document),
            Kind::Group => Self::of::<Group>(partition, document),
            Kind::Chat => Self::of::<Chat>(partition, document),
            Kind::Membership => Self::of::<Membership>(partition, document),
            Kind::UserTerm => Self::of::<UserTerm>(partition, document),
            Kind::Consent => Self::of::<Consent>(partition, document),
            Kind::Session => Self::of::<Session>(partition, document),
        }
    }

    fn of<R: Record>(partition: &Partition, document: &[u8]) -> Result<Self, Undecodable> {
        Self::of_record(partition, &R::decode(document)?)
    }

    /// What the record declares in this partition.
    ///
    /// # Errors
    /// [`Undecodable`] if it holds a text that cannot be stored.
    pub(crate) fn of_record<R: Record>(partition: &Partition, record: &R) -> Result<Self, Undecodable> {
        let document = record.encode()?;
        if has_nul(&document) {
            return Err(Undecodable("a text has a NUL character".to_owned()));
        }
        Ok(Self {
            key: record.key(partition).0,
            index_keys: record.index_keys(partition),
            references: record.references(partition),
            document,
        })
    }
}
