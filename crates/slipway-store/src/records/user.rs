//! Users: found by id and by user principal name.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{User, UserId, UserPrincipalName, UserType};

use super::policy::PolicyDocument;
use crate::key::{IndexKey, Key, KeyWriter, Partition, Range, UniqueKey};
use crate::kind::{Index, Kind};
use crate::record::{Record, Undecodable, Version};

/// Where the user stands.
#[must_use]
pub fn key(partition: &Partition, id: &UserId) -> Key<User> {
    KeyWriter::row(Kind::User, partition).text(&id.folded()).into()
}

/// The user with this sign-in name, without case.
#[must_use]
pub fn by_principal_name(partition: &Partition, name: &UserPrincipalName) -> UniqueKey<User> {
    KeyWriter::index(Index::UserPrincipalName, partition).text(&name.folded()).into()
}

/// Every user whose sign-in name begins like this, without case, in the order of these names.
#[must_use]
pub fn principal_names(partition: &Partition, prefix: &str) -> Range<User> {
    KeyWriter::index(Index::UserPrincipalName, partition).beginning(&prefix.to_lowercase()).into()
}

/// Every user, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<User> {
    KeyWriter::row(Kind::User, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<2>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    user_principal_name: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surname: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile_phone: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    office_location: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_language: Option<Cow<'a, str>>,
    business_phones: Cow<'a, [String]>,
    account_enabled: bool,
    directory_roles: Cow<'a, [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<Cow<'a, str>>,
    /// None = a member.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    user_type: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lacks_teams_licence: bool,
    #[serde(borrow, default, skip_serializing_if = "PolicyDocument::is_empty")]
    policy: PolicyDocument<'a>,
}

impl Record for User {
    const KIND: Kind = Kind::User;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        vec![by_principal_name(partition, &self.user_principal_name).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        fn some(text: Option<&String>) -> Option<Cow<'_, str>> {
            text.map(Cow::from)
        }
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            user_principal_name: self.user_principal_name.as_str().into(),
            display_name: self.display_name.as_str().into(),
            given_name: some(self.given_name.as_ref()),
            surname: some(self.surname.as_ref()),
            mail: some(self.mail.as_ref()),
            job_title: some(self.job_title.as_ref()),
            mobile_phone: some(self.mobile_phone.as_ref()),
            office_location: some(self.office_location.as_ref()),
            preferred_language: some(self.preferred_language.as_ref()),
            business_phones: self.business_phones.as_slice().into(),
            account_enabled: self.account_enabled,
            directory_roles: self.directory_roles.as_slice().into(),
            password_hash: some(self.password_hash.as_ref()),
            user_type: (self.user_type != UserType::Member).then(|| self.user_type.as_str().into()),
            lacks_teams_licence: !self.has_teams_licence,
            policy: PolicyDocument::new(&self.policy),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let user_type = match &document.user_type {
            None => UserType::Member,
            Some(text) => {
                UserType::parse(text).ok_or_else(|| Undecodable(format!("'{text}' is no user type")))?
            }
        };
        Ok(Self {
            id: UserId::parse(&document.id)?,
            user_principal_name: UserPrincipalName::parse(&document.user_principal_name)?,
            display_name: document.display_name.into_owned(),
            given_name: document.given_name.map(Cow::into_owned),
            surname: document.surname.map(Cow::into_owned),
            mail: document.mail.map(Cow::into_owned),
            job_title: document.job_title.map(Cow::into_owned),
            mobile_phone: document.mobile_phone.map(Cow::into_owned),
            office_location: document.office_location.map(Cow::into_owned),
            preferred_language: document.preferred_language.map(Cow::into_owned),
            business_phones: document.business_phones.into_owned(),
            account_enabled: document.account_enabled,
            directory_roles: document.directory_roles.into_owned(),
            password_hash: document.password_hash.map(Cow::into_owned),
            user_type,
            has_teams_licence: !document.lacks_teams_licence,
            policy: document.policy.policy()?,
        })
    }
}
