//! Groups and the teams with them: found by id.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{Group, GroupId};

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// Where the group stands.
#[must_use]
pub fn key(partition: &Partition, id: &GroupId) -> Key<Group> {
    KeyWriter::row(Kind::Group, partition).text(&id.folded()).into()
}

/// Every group, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<Group> {
    KeyWriter::row(Kind::Group, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Cow<'a, str>>,
    is_team: bool,
    created_at: Timestamp,
}

impl Record for Group {
    const KIND: Kind = Kind::Group;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            display_name: self.display_name.as_str().into(),
            description: self.description.as_deref().map(Cow::from),
            mail: self.mail.as_deref().map(Cow::from),
            is_team: self.is_team,
            created_at: self.created_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            id: GroupId::parse(&document.id)?,
            display_name: document.display_name.into_owned(),
            description: document.description.map(Cow::into_owned),
            mail: document.mail.map(Cow::into_owned),
            is_team: document.is_team,
            created_at: document.created_at,
        })
    }
}
