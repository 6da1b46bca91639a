//! What Microsoft Graph's own service principal says of permissions: the GUIDs by which registrations and grants name
//! them (Microsoft's permissions reference and its machine-readable data, 2026-08).

use self::Delegated::{Administrator, Nobody, User};
use super::Permission as P;

/// A delegated permission of Microsoft Graph: `permissionScope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionScope {
    /// As it stands in `scp`.
    pub name: &'static str,
    /// Its GUID.
    pub id: &'static str,
    /// Whether users may grant it for themselves, and not administrators only.
    pub users_may_consent: bool,
}

/// An application permission of Microsoft Graph: `appRole`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppRole {
    /// As it stands in `roles`.
    pub name: &'static str,
    /// Its GUID.
    pub id: &'static str,
}

/// The permissions of OpenID Connect, which every client may ask for.
const OPENID: [(&str, &str); 4] = [
    ("email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0"),
    ("offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182"),
    ("openid", "37f7f235-527c-4136-accd-4a02d197296e"),
    ("profile", "14dad69e-099b-42c9-810b-d002981feec1"),
];

/// Who may grant a delegated permission, with its GUID.
enum Delegated {
    /// There is no delegated one of that name.
    Nobody,
    User(&'static str),
    Administrator(&'static str),
}

/// Delegated and application permission of a name.
#[rustfmt::skip]
const PUBLISHED: [(P, Delegated, Option<&str>); 92] = [
    (P::AgentIdUserReadWriteAll, Administrator("c3da4fc2-a3f7-fb10-b270-15dd66d000b6"), Some("d0ca41aa-9212-8ec6-8bee-d30600b82eda")),
    (P::AgentIdUserReadWriteIdentityParentedBy, Administrator("a1943f6a-e709-4b6c-baf0-25f7912a03bf"), Some("b289933a-7ef7-c0d0-dedf-17468cb8aaf4")),
    (P::AppCatalogReadAll, User("88e58d74-d3df-44f3-ad47-e89edf4472e4"), Some("e12dae10-5a57-4817-b79d-dfbec5348930")),
    (P::AppCatalogReadWriteAll, Administrator("1ca167d5-1655-44a1-8adf-1414072e1ef9"), Some("dc149144-f292-421e-b185-5953f2e98d7f")),
    (P::AppCatalogSubmit, User("3db89e36-7fa6-4012-b281-85f3d9d9fd2e"), None),
    (P::AppRoleAssignmentReadWriteAll, Administrator("84bccea3-f856-4a8a-967b-dbe0a3d53a64"), Some("06b708a9-e830-4db3-a914-8e69da51d44f")),
    (P::ApplicationReadAll, Administrator("c79f8feb-a9db-4090-85f9-90d820caa0eb"), Some("9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30")),
    (P::ApplicationReadWriteAll, Administrator("bdfbf15f-ee85-4955-8675-146e8e5296b5"), Some("1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9")),
    (P::ApplicationReadWriteOwnedBy, Nobody, Some("18a4783c-866b-4cc7-a460-3d5e5662c884")),
    (P::ChatCreate, User("38826093-1258-4dea-98f0-00003be2b8d0"), Some("d9c48af6-9ad9-47ad-82c3-63757137b9af")),
    (P::ChatRead, User("f501c180-9344-439a-bca0-6cbf209fd270"), None),
    (P::ChatReadAll, Nobody, Some("6b7d71aa-70aa-4810-a8d9-5d9fb2830017")),
    (P::ChatReadBasic, User("9547fcb5-d03f-419d-9948-5928bbf71b0f"), None),
    (P::ChatReadBasicAll, Nobody, Some("b2e060da-3baf-4687-9611-f4ebc0f0cbde")),
    (P::ChatReadWrite, User("9ff7295e-131b-4d94-90e1-69fde507ac11"), None),
    (P::ChatReadWriteAll, User("7e9a077b-3711-42b9-b7cb-5fa5f3f7fea7"), Some("294ce7c9-31ba-490a-ad7d-97a7d075e4ed")),
    (P::DelegatedPermissionGrantReadAll, Administrator("a197cdc4-a8e8-4d49-9d35-4ca7c83887b4"), Some("81b4724a-58aa-41c1-8a55-84ef97466587")),
    (P::DelegatedPermissionGrantReadWriteAll, Administrator("41ce6ca6-6826-4807-84f1-1c82854f7ee5"), Some("8e8e4742-1d95-4f68-9d56-6ee75648c72a")),
    (P::DeviceManagementAppsReadAll, Administrator("4edf5f54-4666-44af-9de9-0144fb4b6e8c"), Some("7a6ee1e7-141e-4cec-ae74-d9db155731ff")),
    (P::DeviceManagementAppsReadWriteAll, Administrator("7b3f05d5-f68c-4b8d-8c59-a2ecd12f24af"), Some("78145de6-330d-4800-a6ce-494ff2d33d07")),
    (P::DeviceManagementConfigurationReadAll, Administrator("f1493658-876a-4c87-8fa7-edb559b3476a"), Some("dc377aa6-52d8-4e23-b271-2a7ae04cedf3")),
    (P::DeviceManagementConfigurationReadWriteAll, Administrator("0883f392-0a7a-443d-8c76-16a6d39c7b63"), Some("9241abd9-d0e6-425a-bd4f-47ba86e767a4")),
    (P::DeviceManagementManagedDevicesReadAll, Administrator("314874da-47d6-4978-88dc-cf0d37f0bb82"), Some("2f51be20-0bb4-4fed-bf7b-db946066c75e")),
    (P::DeviceManagementManagedDevicesReadWriteAll, Administrator("44642bfe-8385-4adc-8fc6-fe3cb2c375c3"), Some("243333ab-4d21-40cb-a475-36241daa0842")),
    (P::DeviceManagementServiceConfigReadAll, Administrator("8696daa5-bce5-4b2e-83f9-51b6defc4e1e"), Some("06a5fe6d-c49d-46a7-b082-56b1b14103c7")),
    (P::DeviceManagementServiceConfigReadWriteAll, Administrator("662ed50a-ac44-4eef-ad86-62eed9be2a29"), Some("5ac13192-7ace-4fcf-b828-1a26f28068ee")),
    (P::DirectoryReadAll, Administrator("06da0dbc-49e2-44d2-8312-53f166ab848a"), Some("7ab1d382-f21e-4acd-a863-ba3e13f7da61")),
    (P::DirectoryReadWriteAll, Administrator("c5366453-9fb0-48a5-a156-24f0c49a4b84"), Some("19dbc75e-c2e2-444c-a770-ec69d8559fc7")),
    (P::GroupReadAll, Administrator("5f8c59db-677d-491f-a6b8-5f174b11ec1d"), Some("5b567255-7703-4780-807c-7be8301ae99b")),
    (P::GroupReadWriteAll, Administrator("4e46008b-f24c-477d-8fff-7bb4ec7aafe0"), Some("62a82d76-70ea-41e2-9197-370581804d09")),
    (P::GroupMemberReadAll, Administrator("bc024368-1153-4739-b217-4326f2e966d0"), Some("98830695-27a2-44f7-8c18-0c3ebc9698f6")),
    (P::GroupMemberReadWriteAll, Administrator("f81125ac-d3b7-4573-a3b2-7099cc39df9e"), Some("dbaae8cf-10b5-4b86-a4a1-f871c94c6695")),
    (P::OrganizationReadAll, Administrator("4908d5b9-3fb2-4b1e-9336-1888b7937185"), Some("498476ce-e0fe-48b0-b801-37ba7e2685c6")),
    (P::OrganizationReadWriteAll, Administrator("46ca0847-7e6b-426e-9775-ea810a948356"), Some("292d869f-3427-49a8-9dab-8c70152b74e9")),
    (P::GrantReadForChat, User("cb530fca-534b-4e72-aa74-bca7e8bbd06f"), None),
    (P::GrantReadForChatAll, Nobody, Some("2ff643d8-43e4-4a9b-88c1-86cb4a4b4c2f")),
    (P::GrantReadForTeam, User("eafad40c-bf7a-415a-b7f8-acdf5706b58f"), None),
    (P::GrantReadForTeamAll, Nobody, Some("ad4600ae-d900-42cb-a9a2-2415d05593d0")),
    (P::GrantReadForUser, Administrator("f1d91a8f-88e7-4774-8401-b668d5bca0c5"), None),
    (P::GrantReadForUserAll, Nobody, Some("acfca4d5-f49f-40ed-9648-84068b474c73")),
    (P::TeamReadBasicAll, User("485be79e-c497-4b35-9400-0e3fa7f2a5d4"), Some("2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e")),
    (P::TeamSettingsReadAll, Administrator("48638b3c-ad68-4383-8ac4-e6880ee6ca57"), Some("242607bd-1d2c-432c-82eb-bdb27baa23ab")),
    (P::TeamSettingsReadWriteAll, Administrator("39d65650-9d3e-4223-80db-a335590d027e"), Some("bdd80a03-d9bc-451d-b7c4-ce7c63fe3c8f")),
    (P::ManageSelectedForChat, Administrator("d1ba22c6-3f02-4c91-addb-bc3399bcca88"), None),
    (P::ManageSelectedForChatAll, Nobody, Some("22b74aab-d9e4-46f7-9424-f24b42307227")),
    (P::ManageSelectedForTeam, Administrator("c67b2d7e-6b80-4218-938a-05e73058e42d"), None),
    (P::ManageSelectedForTeamAll, Nobody, Some("b448d252-1f26-4227-b6ff-21ab510975a2")),
    (P::ManageSelectedForUser, Administrator("830c2bd9-c335-4caf-bf83-c07fa8a23ef1"), None),
    (P::ManageSelectedForUserAll, Nobody, Some("e97a9235-5b3c-43c4-b37d-6786a173fae4")),
    (P::InstallationReadAll, Nobody, Some("0fdf35a5-82f8-41ff-9ded-0b761cc73512")),
    (P::ReadForChat, User("bf3fbf03-f35f-4e93-963e-47e4d874c37a"), None),
    (P::ReadForChatAll, Nobody, Some("cc7e7635-2586-41d6-adaa-a8d3bcad5ee5")),
    (P::ReadForTeam, Administrator("5248dcb1-f83b-4ec3-9f4d-a4428a961a72"), None),
    (P::ReadForTeamAll, Nobody, Some("1f615aea-6bf9-4b05-84bd-46388e138537")),
    (P::ReadForUser, User("c395395c-ff9a-4dba-bc1f-8372ba9dca84"), None),
    (P::ReadForUserAll, Nobody, Some("9ce09611-f4f7-4abd-a629-a05450422a97")),
    (P::ReadWriteAndConsentForChat, Administrator("e1408a66-8f82-451b-a2f3-3c3e38f7413f"), None),
    (P::ReadWriteAndConsentForChatAll, Nobody, Some("6e74eff9-4a21-45d6-bc03-3a20f61f8281")),
    (P::ReadWriteAndConsentForTeam, Administrator("946349d5-2a9d-4535-abc0-7beeacaedd1d"), None),
    (P::ReadWriteAndConsentForTeamAll, Nobody, Some("b0c13be0-8e20-4bc5-8c55-963c23a39ce9")),
    (P::ReadWriteAndConsentForUser, Administrator("2da62c49-dfbd-40df-ba16-fef3529d391c"), None),
    (P::ReadWriteAndConsentForUserAll, Nobody, Some("32ca478f-f89e-41d0-aaf8-101deb7da510")),
    (P::ReadWriteAndConsentSelfForChat, Administrator("a0e0e18b-8fb2-458f-8130-da2d7cab9c75"), None),
    (P::ReadWriteAndConsentSelfForChatAll, Nobody, Some("ba1ba90b-2d8f-487e-9f16-80728d85bb5c")),
    (P::ReadWriteAndConsentSelfForTeam, Administrator("4a6bbf29-a0e1-4a4d-a7d1-cef17f772975"), None),
    (P::ReadWriteAndConsentSelfForTeamAll, Nobody, Some("1e4be56c-312e-42b8-a2c9-009600d732c0")),
    (P::ReadWriteAndConsentSelfForUser, Administrator("7a349935-c54d-44ab-ab66-1b460d315be7"), None),
    (P::ReadWriteAndConsentSelfForUserAll, Nobody, Some("a87076cf-6abd-4e56-8559-4dbdf41bef96")),
    (P::ReadWriteForChat, Administrator("aa85bf13-d771-4d5d-a9e6-bca04ce44edf"), None),
    (P::ReadWriteForChatAll, Nobody, Some("9e19bae1-2623-4c4f-ab6e-2664615ff9a0")),
    (P::ReadWriteForTeam, Administrator("2e25a044-2580-450d-8859-42eeb6e996c0"), None),
    (P::ReadWriteForTeamAll, Nobody, Some("5dad17ba-f6cc-4954-a5a2-a0dcc95154f0")),
    (P::ReadWriteForUser, Administrator("093f8818-d05f-49b8-95bc-9d2a73e9a43c"), None),
    (P::ReadWriteForUserAll, Nobody, Some("74ef0291-ca83-4d02-8c7e-d2391e6a444f")),
    (P::ReadWriteSelectedForUser, Administrator("ea819e27-c92a-4118-b83b-4540b125d744"), None),
    (P::ReadWriteSelectedForUserAll, Nobody, Some("650a76ec-4118-4b25-9d3a-1f98048a5ee0")),
    (P::ReadWriteSelfForChat, Administrator("0ce33576-30e8-43b7-99e5-62f8569a4002"), None),
    (P::ReadWriteSelfForChatAll, Nobody, Some("73a45059-f39c-4baf-9182-4954ac0e55cf")),
    (P::ReadWriteSelfForTeam, Administrator("0f4595f7-64b1-4e13-81bc-11a249df07a9"), None),
    (P::ReadWriteSelfForTeamAll, Nobody, Some("9f67436c-5415-4e7f-8ac1-3014a7132630")),
    (P::ReadWriteSelfForUser, User("207e0cb1-3ce7-4922-b991-5a760c346ebc"), None),
    (P::ReadWriteSelfForUserAll, Nobody, Some("908de74d-f8b2-4d6b-a9ed-2a17b3b78179")),
    (P::TeamworkAppSettingsReadAll, User("44e060c4-bbdc-4256-a0b9-dcc0396db368"), Some("475ebe88-f071-4bd7-af2b-642952bd4986")),
    (P::TeamworkAppSettingsReadWriteAll, Administrator("87c556f0-2bd9-4eed-bd74-5dd8af6eaf7e"), Some("ab5b445e-8f10-45f4-9c79-dd3f8062cc4e")),
    (P::UserRead, User("e1fe6dd8-ba31-4d61-89e7-88639da4683d"), None),
    (P::UserReadAll, Administrator("a154be20-db9c-4678-8ab7-66f6cc099a59"), Some("df021288-bdef-4463-88db-98f22de89214")),
    (P::UserReadBasicAll, User("b340eb25-3456-403f-be2f-af7a0d370277"), Some("97235f07-e226-4f63-ace3-39588e11d3a1")),
    (P::UserReadWrite, User("b4e74841-8e56-480b-be8b-910348b18b4c"), None),
    (P::UserReadWriteAll, Administrator("204e0828-b5ca-4ad8-b9f3-f32a958e7cc4"), Some("741f803b-c850-494e-b5df-cde7c675a1ca")),
    (P::UserReadWriteCrossCloud, Nobody, Some("5652f862-b626-407b-a3e6-248aeb95763c")),
    (P::UserTeamworkRead, Administrator("834bcc1c-762f-41b0-bb91-1cdc323ee4bf"), None),
    (P::UserTeamworkReadAll, Nobody, Some("fbcd7ef1-df0d-4e05-bb28-93424a89c6df")),
];

impl PermissionScope {
    /// Every one that is known here, those of OpenID Connect first.
    pub fn all() -> impl Iterator<Item = Self> {
        let openid = OPENID.iter().map(|(name, id)| Self { name, id, users_may_consent: true });
        openid.chain(PUBLISHED.iter().filter_map(|(permission, delegated, _)| {
            let name = permission.name();
            match *delegated {
                Nobody => None,
                User(id) => Some(Self { name, id, users_may_consent: true }),
                Administrator(id) => Some(Self { name, id, users_may_consent: false }),
            }
        }))
    }

    /// The one of the name, without case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|scope| scope.name.eq_ignore_ascii_case(name))
    }

    /// The one with the GUID.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::all().find(|scope| scope.id.eq_ignore_ascii_case(id))
    }
}

impl AppRole {
    /// Every one that is known here.
    pub fn all() -> impl Iterator<Item = Self> {
        PUBLISHED
            .iter()
            .filter_map(|(permission, _, role)| role.map(|id| Self { name: permission.name(), id }))
    }

    /// The one of the name, without case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    /// The one with the GUID.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::all().find(|role| role.id.eq_ignore_ascii_case(id))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_permission_that_tokens_carry_is_published_once() {
        let carried: Vec<_> = P::ALL.iter().filter(|p| !p.is_resource_specific()).collect();
        let published: Vec<_> = PUBLISHED.iter().map(|(permission, ..)| permission).collect();
        assert_eq!(published, carried);
        let ids: Vec<_> =
            PermissionScope::all().map(|s| s.id).chain(AppRole::all().map(|role| role.id)).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| crate::id::is_guid(id) && *id == id.to_ascii_lowercase()));
    }

    #[test]
    fn names_and_guids_lead_to_each_other() {
        let role = AppRole::of_id("DF021288-BDEF-4463-88DB-98F22DE89214").unwrap();
        assert_eq!(role.name, "User.Read.All");
        assert_eq!(AppRole::named("user.read.all"), Some(role));
        assert_eq!(AppRole::named("AppCatalog.Submit"), None);
        let scope = PermissionScope::of_id("e1fe6dd8-ba31-4d61-89e7-88639da4683d").unwrap();
        assert_eq!((scope.name, scope.users_may_consent), ("User.Read", true));
        assert_eq!(PermissionScope::named("Openid").unwrap().id, "37f7f235-527c-4136-accd-4a02d197296e");
        assert_eq!(PermissionScope::named("Mail.Read"), None);
    }
}
