//! Enumerations of the types. The members are those of Microsoft's metadata, so that filters may name each of them;
//! `unknownFutureValue` is never sent.

use slipway_odata::EnumType;

pub(super) static DISTRIBUTION_METHOD: EnumType = EnumType {
    name: "microsoft.graph.teamsAppDistributionMethod",
    members: &[("store", 0), ("organization", 1), ("sideloaded", 2), ("unknownFutureValue", 3)],
};

pub(super) static PUBLISHING_STATE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppPublishingState",
    members: &[("submitted", 0), ("rejected", 1), ("published", 2), ("unknownFutureValue", 3)],
};

pub(super) static INSTALLATION_SCOPES: EnumType = EnumType {
    name: "microsoft.graph.teamsAppInstallationScopes",
    members: &[("team", 1), ("groupChat", 2), ("personal", 4), ("unknownFutureValue", 8)],
};

pub(super) static PERMISSION_TYPE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppResourceSpecificPermissionType",
    members: &[("delegated", 0), ("application", 1), ("unknownFutureValue", 2)],
};

pub(super) static CARD_SIZE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppDashboardCardSize",
    members: &[("medium", 0), ("large", 1), ("unknownFutureValue", 2)],
};

pub(super) static CARD_SOURCE_TYPE: EnumType = EnumType {
    name: "microsoft.graph.teamsAppDashboardCardSourceType",
    members: &[("bot", 0), ("unknownFutureValue", 1)],
};

pub(super) static USER_IDENTITY_TYPE: EnumType = EnumType {
    name: "microsoft.graph.teamworkUserIdentityType",
    members: &[
        ("aadUser", 0),
        ("onPremiseAadUser", 1),
        ("anonymousGuest", 2),
        ("federatedUser", 3),
        ("personalMicrosoftAccountUser", 4),
        ("skypeUser", 5),
        ("phoneUser", 6),
        ("unknownFutureValue", 7),
        ("emailUser", 8),
    ],
};

pub(super) static DEVELOPMENT_PLATFORMS: EnumType = EnumType {
    name: "microsoft.graph.appDevelopmentPlatforms",
    members: &[("developerPortal", 1), ("unknownFutureValue", 2)],
};

pub(super) static CHAT_TYPE: EnumType = EnumType {
    name: "microsoft.graph.chatType",
    members: &[("oneOnOne", 0), ("group", 1), ("meeting", 2), ("unknownFutureValue", 3)],
};

pub(super) static TEAM_VISIBILITY: EnumType = EnumType {
    name: "microsoft.graph.teamVisibilityType",
    members: &[("private", 0), ("public", 1), ("hiddenMembership", 2), ("unknownFutureValue", 3)],
};
