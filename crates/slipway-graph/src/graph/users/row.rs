//! A user as queries and answers see it.

use slipway_model::User;
use slipway_odata::{Property, Row, Value};

use crate::collection::Placed;

pub(crate) struct UserRow(pub(crate) User);

impl Placed for UserRow {
    fn place(&self) -> String {
        self.0.id.folded()
    }
}

impl Row for UserRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let user = &self.0;
        match property.name {
            "id" => user.id.as_str().into(),
            "userPrincipalName" => user.user_principal_name.as_str().into(),
            "displayName" => user.display_name.as_str().into(),
            "givenName" => user.given_name.as_deref().into(),
            "surname" => user.surname.as_deref().into(),
            "mail" => user.mail.as_deref().into(),
            "jobTitle" => user.job_title.as_deref().into(),
            "mobilePhone" => user.mobile_phone.as_deref().into(),
            "officeLocation" => user.office_location.as_deref().into(),
            "preferredLanguage" => user.preferred_language.as_deref().into(),
            "businessPhones" => Value::Many(user.business_phones.iter().map(|p| p.as_str().into()).collect()),
            "accountEnabled" => Value::Boolean(user.account_enabled),
            "userType" => user.user_type.as_str().into(),
            _ => Value::Null,
        }
    }
}
