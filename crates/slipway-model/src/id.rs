//! Identifiers. GUIDs are kept in lower case; other ids keep their spelling. All compare without case.

use std::fmt;
use std::hash::{Hash, Hasher};

/// Text that is no id: empty, longer than 128 characters, or with a character outside `[A-Za-z0-9._:@-]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId(pub String);

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not an id: 1 to 128 of A-Z a-z 0-9 . _ : @ -", self.0)
    }
}

impl std::error::Error for InvalidId {}

/// 1 to 128 characters of `[A-Za-z0-9._:@-]`, compared without case.
///
/// Microsoft's own documentation binds `12345678-9abc-def0-123456789a`, which is no GUID, and its own apps have
/// ids such as `com.microsoft.teamspace.tab.web`; so an id is a string.
#[derive(Clone)]
pub struct Id(Box<str>);

impl Id {
    /// Longest id, in characters.
    pub const MAX_LENGTH: usize = 128;

    /// Takes the text as an id; a GUID is put in lower case, as Graph writes it.
    ///
    /// # Errors
    /// [`InvalidId`] with the text.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'@' | b'-');
        if text.is_empty() || text.len() > Self::MAX_LENGTH || !text.bytes().all(allowed) {
            return Err(InvalidId(text.to_owned()));
        }
        Ok(if is_guid(text) { Self(text.to_ascii_lowercase().into()) } else { Self(text.into()) })
    }

    /// The id as Graph shows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that stands in keys and indexes: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Whether the text is `8-4-4-4-12` hexadecimal digits.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Id {}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub struct $name(Id);

        impl $name {
            /// Takes the text as an id of this kind.
            ///
            /// # Errors
            /// [`InvalidId`] with the text.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Id::parse(text).map(Self)
            }

            /// The id as Graph shows it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Whether it is a GUID, which has one spelling only.
            #[must_use]
            pub fn is_guid(&self) -> bool {
                is_guid(self.as_str())
            }

            /// The form that stands in keys and indexes: lower case.
            #[must_use]
            pub fn folded(&self) -> String {
                self.0.folded()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A directory (`tid` of a token).
    TenantId,
    /// A user's object id (`oid` of a delegated token).
    UserId,
    /// A registered application (`appid` of a token).
    ClientId,
    /// A catalog entry: `teamsApp.id`. Not the manifest's id, except for store apps.
    TeamsAppId,
    /// A group of the directory, and the team with it.
    GroupId,
    /// A chat: `19:…@thread.v2`, or `19:…_…@unq.gbl.spaces` for two.
    ChatId,
}

impl GroupId {
    /// Id of the team's general channel, by which some answers name the team.
    #[must_use]
    pub fn thread_id(&self) -> String {
        format!("19:{}@thread.tacv2", self.as_str().replace('-', ""))
    }
}

impl ChatId {
    /// The chat of a user with a bot, `19:{bot}_{user}@unq.gbl.spaces` (Microsoft's sample puts the bot first);
    /// none if the two are too long for an id.
    #[must_use]
    pub fn of_bot(bot: &str, user: &UserId) -> Option<Self> {
        Self::parse(&format!("19:{}_{user}{ONE_ON_ONE}", bot.to_ascii_lowercase())).ok()
    }

    /// The two that an id of a one-to-one chat names, in its order.
    #[must_use]
    pub fn pair(&self) -> Option<(&str, &str)> {
        self.as_str().strip_prefix("19:")?.strip_suffix(ONE_ON_ONE)?.split_once('_')
    }
}

/// How ids of one-to-one chats end.
const ONE_ON_ONE: &str = "@unq.gbl.spaces";

/// `appId` of Microsoft Graph.
const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

impl ClientId {
    /// Microsoft Graph, which is an API as clients are: the one whose permissions have no prefix.
    #[must_use]
    pub fn microsoft_graph() -> Self {
        Self(Id(MICROSOFT_GRAPH.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_lower_case_and_others_keep_their_spelling() {
        let guid = Id::parse("3CAB7543-216D-47C6-986C-6247670F4663").unwrap();
        assert_eq!(guid.as_str(), "3cab7543-216d-47c6-986c-6247670f4663");
        let named = Id::parse("com.Microsoft.Tab").unwrap();
        assert_eq!(named.as_str(), "com.Microsoft.Tab");
        assert_eq!(named, Id::parse("COM.microsoft.tab").unwrap());
    }

    #[test]
    fn what_is_no_id() {
        for text in ["", "a b", "ä", "a/b", "a#b", &"x".repeat(129)] {
            assert!(Id::parse(text).is_err(), "{text}");
        }
        assert!(Id::parse(&"x".repeat(128)).is_ok());
        assert!(Id::parse("19:d657@thread.v2").is_ok());
    }
}
