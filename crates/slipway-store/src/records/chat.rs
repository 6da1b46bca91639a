//! Chats of people: found by id. The chat of a user with a bot has no row, it follows from an installation.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{Chat, ChatId, ChatType};

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// Where the chat stands.
#[must_use]
pub fn key(partition: &Partition, id: &ChatId) -> Key<Chat> {
    KeyWriter::row(Kind::Chat, partition).text(&id.folded()).into()
}

/// Every chat, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<Chat> {
    KeyWriter::row(Kind::Chat, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    chat_type: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<Cow<'a, str>>,
    created_at: Timestamp,
}

impl Record for Chat {
    const KIND: Kind = Kind::Chat;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            chat_type: self.chat_type.as_str().into(),
            topic: self.topic.as_deref().map(Cow::from),
            created_at: self.created_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let chat_type = ChatType::parse(&document.chat_type)
            .ok_or_else(|| Undecodable(format!("'{}' is no type of chat", document.chat_type)))?;
        Ok(Self {
            id: ChatId::parse(&document.id)?,
            chat_type,
            topic: document.topic.map(Cow::into_owned),
            created_at: document.created_at,
        })
    }
}
