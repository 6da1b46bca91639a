//! Keys as people read them.

use crate::key;
use crate::kind::{Counter, Index, Kind};

/// What a key is called in a finding.
pub(super) struct Name {
    pub(super) kind: String,
    pub(super) tenant: String,
    pub(super) generation: u32,
    pub(super) id: String,
}

impl Name {
    /// Takes apart the key of a row, an index entry or a counter; any bytes will do.
    pub(super) fn of(key: &[u8]) -> Self {
        let kind = Kind::of_key(key).map(Kind::name);
        let index = || Index::of_key(key).map(Index::name);
        let counter = || Counter::of_key(key).map(Counter::name);
        let kind = kind.or_else(index).or_else(counter).unwrap_or("key").to_owned();
        let (tenant, generation, parts) = key::split(key).unwrap_or((&[], 0, key));
        Self { kind, tenant: text(tenant), generation, id: text(parts) }
    }
}

/// The text parts joined by slashes; what is no text is escaped.
fn text(parts: &[u8]) -> String {
    let text = String::from_utf8_lossy(parts);
    let text = text.replace("\0\u{1}", "/");
    text.trim_end_matches('/').escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use slipway_model::{Owner, TeamsAppId, TenantId, UserId};

    use super::*;
    use crate::key::Partition;
    use crate::records::{installation, tenant};

    #[test]
    fn keys_read_as_their_parts() {
        let id = TenantId::parse("T").unwrap();
        let (user, app) = (Owner::User(UserId::parse("u").unwrap()), TeamsAppId::parse("A").unwrap());
        let name = Name::of(&installation::key(&Partition::new(&id, 3), &user, &app).0);
        assert_eq!(
            (name.kind.as_str(), name.tenant.as_str(), name.generation, name.id.as_str()),
            ("installation", "t", 3, "user/u/a")
        );
        let name = Name::of(&tenant::by_domain("A.example").0);
        assert_eq!(
            (name.kind.as_str(), name.tenant.as_str(), name.generation, name.id.as_str()),
            ("tenant.domain", "", 0, "a.example")
        );
        assert_eq!(Name::of(&Partition::new(&id, 3).counter(Counter::Users)).kind, "users");
        for junk in [&[][..], &[7], &[250, 1, 2], b"\x02t\0\x01\0"] {
            assert_eq!(Name::of(junk).tenant, "");
        }
    }
}
