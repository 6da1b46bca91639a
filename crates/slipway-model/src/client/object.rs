//! Object ids of a client. In Graph an application, its service principal and the `appId` that both share have three
//! different ids. Two of them follow from the third here, so that they need neither storage nor index.

use super::Client;
use crate::ClientId;
use crate::id::is_guid;

/// What is turned over in the last twelve digits of the `appId` for the id of the application.
const APPLICATION: u64 = 0xa990_0000_0000;

/// The same for the id of the service principal.
const SERVICE_PRINCIPAL: u64 = 0x5190_0000_0000;

impl Client {
    /// `application.id`.
    #[must_use]
    pub fn application_id(&self) -> ClientId {
        self.id.turned(APPLICATION)
    }

    /// `servicePrincipal.id`: `oid` and `sub` of tokens with which the client acts for itself.
    #[must_use]
    pub fn service_principal_id(&self) -> ClientId {
        self.id.service_principal_id()
    }
}

impl ClientId {
    /// `servicePrincipal.id` of the client with this `appId`.
    #[must_use]
    pub fn service_principal_id(&self) -> Self {
        self.turned(SERVICE_PRINCIPAL)
    }

    /// The `appId` whose application has this id. Whether there is one is for the caller to find out.
    #[must_use]
    pub fn of_application(&self) -> Self {
        self.turned(APPLICATION)
    }

    /// The `appId` whose service principal has this id.
    #[must_use]
    pub fn of_service_principal(&self) -> Self {
        self.turned(SERVICE_PRINCIPAL)
    }

    /// Done twice it gives the id itself. An id that is no GUID stays as it is.
    fn turned(&self, bits: u64) -> Self {
        let text = self.as_str();
        let turned = is_guid(text).then(|| text.rsplit_once('-')).flatten().and_then(|(head, node)| {
            let node = u64::from_str_radix(node, 16).ok()? ^ bits;
            Self::parse(&format!("{head}-{node:012x}")).ok()
        });
        turned.unwrap_or_else(|| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_ids_differ() {
        let client =
            Client::new(ClientId::parse("51190000-0000-4000-8000-00000000a001").unwrap(), "Automation");
        assert_eq!(client.application_id().as_str(), "51190000-0000-4000-8000-a9900000a001");
        assert_eq!(client.service_principal_id().as_str(), "51190000-0000-4000-8000-51900000a001");
    }

    proptest! {
        #[test]
        fn each_leads_back(id in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9._:@-]{1,40}") {
            let client = Client::new(ClientId::parse(&id).unwrap(), "");
            prop_assert_eq!(client.application_id().of_application(), client.id.clone());
            prop_assert_eq!(client.service_principal_id().of_service_principal(), client.id);
        }
    }
}
