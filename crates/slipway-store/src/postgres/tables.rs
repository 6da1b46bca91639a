//! Which table holds the rows of a kind, and which of its columns an index.

use std::borrow::Cow;

use crate::kind::{Index, Kind};

/// Where the rows of a kind stand.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The columns that hold the rows' keys in indexes.
    pub(super) indexes: &'static [IndexColumn],
}

/// A column with what a row is found by in an index.
pub(super) struct IndexColumn {
    pub(super) index: Index,
    pub(super) name: &'static str,
}

const fn table(name: &'static str, indexes: &'static [IndexColumn]) -> Table {
    Table { name, indexes }
}

const fn column(index: Index, name: &'static str) -> IndexColumn {
    IndexColumn { index, name }
}

/// The table of a kind.
pub(super) const fn of_kind(kind: Kind) -> Table {
    match kind {
        Kind::Tenant => table("tenants", const { &[column(Index::TenantDomain, "domain_key")] }),
        Kind::User => {
            table("users", const { &[column(Index::UserPrincipalName, "user_principal_name_key")] })
        }
        Kind::Client => table("clients", &[]),
        Kind::App => table("apps", const { &[column(Index::AppExternalId, "external_id_key")] }),
        Kind::Definition => table("definitions", &[]),
        Kind::Package => table("packages", &[]),
        Kind::Installation => table("installations", const { &[column(Index::InstallationApp, "app_key")] }),
        Kind::SigningKey => table("signing_keys", &[]),
        Kind::DeviceGrant => table(
            "device_grants",
            const {
                &[
                    column(Index::DeviceGrantUserCode, "user_code_key"),
                    column(Index::DeviceGrantExpiry, "expiry_key"),
                ]
            },
        ),
        Kind::Sweep => table("sweeps", &[]),
        Kind::Import => table("imports", &[]),
        Kind::Group => table("groups", &[]),
        Kind::Chat => table("chats", &[]),
        Kind::Membership => table("memberships", const { &[column(Index::MembershipMember, "member_key")] }),
        Kind::UserTerm => table("user_terms", &[]),
        Kind::Consent => table("consents", &[]),
        Kind::Session => table("sessions", const { &[column(Index::SessionExpiry, "expiry_key")] }),
    }
}

/// What people find a row's tenant by: its id, none for rows of no tenant, and the generation.
///
/// Keys begin with the number of the table, the tenant's id, `00 01`, and four bytes of generation.
pub(super) fn tenant_and_generation(key: &[u8]) -> (Option<Cow<'_, str>>, i64) {
    let rest = key.get(1..).unwrap_or_default();
    let end = rest.windows(2).position(|window| window == [0, 1]).unwrap_or(rest.len());
    let (tenant, rest) = rest.split_at_checked(end).unwrap_or_default();
    let generation = rest.get(2..).and_then(<[u8]>::first_chunk).copied().map_or(0, u32::from_be_bytes);
    ((!tenant.is_empty()).then(|| String::from_utf8_lossy(tenant)), generation.into())
}

#[cfg(test)]
mod tests {
    use slipway_model::TenantId;

    use super::*;
    use crate::key::{Key, KeyWriter, Partition};

    #[test]
    fn keys_tell_their_tenant_and_generation() {
        let tenant = Partition::new(&TenantId::parse("Some-Tenant").unwrap(), 7);
        let key: Key<()> = KeyWriter::row(Kind::User, &tenant).text("u").into();
        assert_eq!(tenant_and_generation(&key.0), (Some("some-tenant".into()), 7));
        let key: Key<()> = KeyWriter::row(Kind::SigningKey, &Partition::global()).text("k").into();
        assert_eq!(tenant_and_generation(&key.0), (None, 0));
        assert_eq!(tenant_and_generation(&[]), (None, 0));
    }
}
