//! The service's rules by what they ask for: the code of each and its text, as "Publish teamsApp" lists them.
//!
//! `{0}` in a text stands for names that the finding gives. The rules about the schema are those that concern
//! an object as a whole.

use crate::findings::Rule;

macro_rules! rules {
    ($($name:ident = $code:literal $message:literal;)*) => {
        $(pub const $name: Rule = Rule { code: $code, message: $message };)*
    };
}

rules! {
    IS_JSON = "Serialization_FileNotValidJson" "The file couldn't be parsed as a JSON object.";
    NO_TRAILING_COMMA = "Serialization_TrailingCommaInManifestJsonFile"
        "Manifest json file contains trailing comma.";
    HAS_MANIFEST_VERSION = "Serialization_ManifestVersionPropertyMissing"
        "The file doesn't contain the \"manifestVersion\" property.";
    MANIFEST_VERSION_IS_NOT_EMPTY = "CommonManifestVersionIsRequiredField"
        "The required field in manifest 'manifest Version' is missing.";
    HAS_SCHEMA_URL = "CommonSchemaUrlIsRequiredField" "Schema URL must be present.";
    HAS_ID = "CommonAppIdIsRequiredField" "Required field 'ID' is missing in the manifest.";
    ID_IS_GUID = "CommonAppIdIsNotGuid" "Field 'ID' isn't a Guid in the manifest.";
    BOT_ID_IS_GUID = "BotIdIsNotGuid" "BotId isn't a Guid value.";
    EXTENSION_BOT_ID_IS_GUID = "BotBasedComposeExtensionBotIdNotGuid"
        "Bot based compose extension must have GUID botId.";
    HAS_VERSION = "VersionCannotBeEmpty" "Required field \"version\" is missing in the manifest.";
    VERSION_IS_NUMBERS = "VersionContainsOnlyNumbersDotSeparated"
        "App version supports only numbers in the '#.#.#' format.";
    VERSION_STARTS_ABOVE_0 = "VersionHasMajorLessThan1"
        "App version shouldn't start with '0'. Ex: 0.0.1 or 0.1 aren't valid app versions and \
         1.0 / 1.5.1 / 1.0.0 / 2.5.0 are valid app versions. In case of new update in manifest \
         to an existing app in store.";
    HAS_DEVELOPER_NAME = "DeveloperNameIsRequiredField"
        "Required field 'developer name' is missing in the manifest.";
    DEVELOPER_NAME_LENGTH = "DeveloperNameLengthCheck"
        "Maximum character length must not exceed 32 chars.";
    HAS_WEBSITE = "DeveloperWebsiteUrlIsRequiredField"
        "Required field 'websiteUrl' is missing in the manifest.";
    WEBSITE_IS_HTTPS = "DeveloperWebsiteUrlMustBeHttps"
        "Website URL must be secured Support URL (HTTPS).";
    HAS_PRIVACY = "DeveloperPrivacyUrlIsRequiredField"
        "Required field 'privacyUrl' is missing in the manifest.";
    PRIVACY_IS_HTTPS = "DeveloperPrivacyUrlMustBeHttps"
        "Privacy URL must be secured Support URL (HTTPS).";
    HAS_TERMS = "DeveloperTermsOfUseUrlIsRequiredField"
        "Required field 'termsOfUseUrl' is missing in the manifest.";
    TERMS_ARE_HTTPS = "DeveloperTermsOfUseUrlMustBeHttps"
        "Terms Of Use URL must be secured Support URL (HTTPS).";
    HAS_SHORT_NAME = "ShortNameIsRequiredField" "Short name of the app can't be empty.";
    SHORT_NAME_LENGTH = "ShortNameLengthCheck"
        "Maximum character length for Short Name must not exceed 30 chars.";
    HAS_SHORT_DESCRIPTION = "ShortDescriptionCannotBeEmpty" "Short Description can’t be empty";
    SHORT_DESCRIPTION_LENGTH = "ShortDescriptionLengthCheck"
        "Maximum character length for short description must not exceed 80 chars.";
    HAS_FULL_DESCRIPTION = "FullDescriptionCannotBeEmpty" "Full Description can't be empty.";
    FULL_DESCRIPTION_LENGTH = "FullDescriptionLengthCheck"
        "Maximum character length for long description must not exceed 4,000 chars.";
    BOT_GROUP_CHAT_VERSION = "GroupChatForBotsLessThanV13"
        "Please upgrade the version of manifest to V1.3 as group chat bot is supported in manifest \
         v1.3 onwards.";
    TAB_GROUP_CHAT_VERSION = "GroupChatForConfigurableTabsLessThanV13"
        "Please upgrade the version of manifest to V1.3 as group chat configurable tabs is supported \
         in manifest v1.3 onwards.";
    COLOR_ICON_SIZE = "InvalidColorIconHeightAndWidth"
        "Color Icon isn't as per the required dimension.";
    COLOR_32_ICON_SIZE = "InvalidColor32x32IconHeightAndWidth"
        "Color 32x32 icon should be 32x32 with only white and transparent.";
    OUTLINE_ICON_SIZE = "InvalidOutlineIconHeightAndWidth"
        "Small icon should be 32x32 with only white and transparent.";
    FILE_IS_THERE = "Serialization_FileMissing" "The file {0} couldn't be found in the app package.";
    RESERVED_TAB_HAS_NO_NAME = "ReservedStaticTabNameShouldBeNull"
        "Reserved tab \"Name\" property shouldn't be specified.";
    TAB_HAS_NAME = "StaticTabNameCouldNotBeEmpty"
        "Non-reserved staticTabs \"Name\" property can't be empty.";
    ACTIVITY_IS_NOT_RESERVED = "ReservedActivitiesValidation"
        "Manifest shouldn't contain reserved Activity Type 'systemDefault'.";
    ACTIVITIES_ARE_UNIQUE = "UniqueActivityTypeInActivitiesValidation"
        "Manifest shouldn't contain duplicate Activity Type.";
    GROUPS_ARE_UNIQUE = "UniqueIdInActivitiesGroupValidation"
        "Manifest shouldn't contain duplicate ID in Activity Groups.";
    GROUP_IS_KNOWN = "ActivityGroupIdFromActivitiesTypeValidation"
        "ActivityGroupId field in ActivityType must be a subset of ID field in ActivityGroup.";
    GROUPS_HAVE_ACTIVITIES = "ActivityTypesMustExistWithActivitiesGroupValidation"
        "Manifest shouldn't contain Activity Group when Activity Types is missing.";
    CARD_HAS_ONE_ICON = "DashboardCardBothIconNameAndUrlPresent"
        "Dashboard cards icon shouldn't contain both icon name and URL.";
    CARDS_ARE_UNIQUE = "DashboardCardEntityIdsAreNotUnique" "Dashboard card entity IDs should be unique.";
    BOT_BASED_HAS_NO_SPECIFICATION = "BotBasedComposeExtensionApiSpecificationFileExists"
        "Bot based compose extension can't have apiSpecificationFile defined.";
    BOT_BASED_HAS_NO_TEMPLATE = "BotBasedComposeExtensionApiResponseRenderingTemplateFileExists"
        "Bot based compose extension can't have apiResponseRenderingTemplateFile defined.";
    API_BASED_HAS_SPECIFICATION = "ApiBasedComposeExtensionApiSpecificationFileNullOrEmpty"
        "API-based compose extension must have apiSpecificationFile defined on manifest.";
    API_BASED_HAS_NO_BOT = "ApiBasedComposeExtensionWithBotId"
        "API-based compose extension can't have botId defined.";
    API_BASED_IS_NOT_CONFIGURED = "ApiBasedComposeExtensionWithCanUpdateConfiguration"
        "API-based compose extension can't have canUpdateConfiguration defined on manifest.";
    API_BASED_HAS_PARAMETERS = "ApiBasedComposeExtensionWithNoParameter"
        "API-based compose extension must have command parameters defined on manifest.";
    API_BASED_HAS_TEMPLATE = "ApiBasedComposeExtensionApiResponseRenderingTemplateFileNullOrEmpty"
        "API-based compose extension must have apiResponseRenderingTemplateFile defined on manifest.";
    NO_AUTH_IS_NOT_CONFIGURED = "NoAuthTypeComposeExtensionContainsAuthConfiguration"
        "API-based compose extension with none authType have auth-related configuration defined.";
    SECRET_HAS_NO_ENTRA = "ApiSecretServiceAuthTypeComposeExtensionContainsMsftEntraConfiguration"
        "API-based compose extension with apiSecretServiceAuth authType have \
         microsoftEntraConfiguration defined.";
    SECRET_IS_CONFIGURED = "ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretServiceAuthConfiguration"
        "API-based compose extension with apiSecretServiceAuth authType have no \
         apiSecretServiceConfiguration.";
    SECRET_IS_REGISTERED = "ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretRegistrationId"
        "API-based compose extension with apiSecretServiceAuth authType have no \
         apiSecretRegistrationId defined.";
    ENTRA_HAS_NO_SECRET = "MsftEntraAuthTypeComposeExtensionContainsApiSecretServiceConfiguration"
        "API-based compose extension with microsoftEntra authType have apiSecretServiceConfiguration \
         defined.";
    ENTRA_IS_CONFIGURED = "MsftEntraAuthTypeComposeExtensionContainsNoMsftEntraConfiguration"
        "API-based compose extension with microsoftEntra authType have no microsoftEntraConfiguration \
         defined.";
    ENTRA_SIGNS_ON_ONCE = "MsftEntraAuthTypeComposeExtensionSupportsSingleSignOnFalse"
        "API-based compose extension with microsoftEntra authType doesn't set supportsSingleSignOn to \
         true.";
    ENTRA_HAS_APPLICATION = "MsftEntraAuthTypeComposeExtensionWebApplicationInfoOrResourceNotDefined"
        "API-based compose extension with microsoftEntra authType have no webApplicationInfo or \
         resource defined on manifest.";
    ENTRA_RESOURCE_IS_SERVER = "MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec"
        "API-based compose extension with microsoftEntra authType resource URL on manifest doesn't \
         match server URL on API specification file.";
    COMMANDS_ARE_OPERATIONS = "ApiBasedComposeExtensionManifestCommandIdsNotIncludedInOperationIdsOnApiSpecficationFile"
        "Command Ids on manifest aren't included in Operation Ids on API specification file.";
    HAS_SERVERS = "ServerUrlsMissingOnApiSpecificationFile"
        "API-based compose extension have no server urls defined on apiSpecificationFile.";
    SERVERS_ARE_HTTPS = "ApiSpecificationFileServerUrlsContainHttp"
        "API-based compose extension have server urls that have http protocol defined on \
         apiSpecificationFile.";
    SERVERS_ARE_URLS = "ApiSpecificationFileServerUrlsContainInvalidUrl"
        "API-based compose extension have server urls that are invalid URL defined on \
         apiSpecificationFile.";
    METHOD_IS_GET_OR_POST = "ApiSpecificationFileContainUnsupportedHttpMethod"
        "API-based compose extension have server urls that have unsupported http method defined on \
         apiSpecificationFile. Currently only GET and POST are supported.";
    PARAMETER_IN_PATH_OR_QUERY = "ApiSpecificationFileRequiredParameterContainUnsupportedLocation"
        "API-based compose extension have unsupported parameter location defined on \
         apiSpecificationFile for {0}. Currently only path and query supported.";
    PARAMETER_IS_NO_LIST = "ApiSpecificationFileParameterContainUnsupportedSchemaType"
        "API-based compose extension have unsupported parameter schema type defined on \
         apiSpecificationFile.Arrays aren't supported.";
    BODY_IS_JSON = "ApiSpecificationFileRequestBodyContainUnsupportedMediaType"
        "API-based compose extension have unsupported media type defined in request body on \
         apiSpecificationFile. Currently only application/json is supported.";
    BODY_IS_NO_LIST = "ApiSpecificationFileRequestBodyContainUnsupportedSchemaType"
        "API-based compose extension have unsupported schema type defined in request body on \
         apiSpecificationFile. Currently arrays aren't supported.";
    BODY_HAS_NO_KEYWORDS = "ApiSpecificationFileRequestBodySchemaContainKeywords"
        "API-based compose extension have keywords.";
    RESPONSE_IS_JSON = "ApiSpecificationFileResponseContainUnsupportedMediaType"
        "API-based compose extension have unsupported media type defined in response on \
         apiSpecificationFile. Currently only application/json supported.";
    REQUIRED_IS_IN_MANIFEST = "ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest"
        "API-based compose extension have required parameters or properties {0} not defined on \
         manifest.";
    PARAMETERS_ARE_IN_SPECIFICATION = "ParameterOnManifestNotDefinedOnApiSpecFile"
        "API-based compose extension have parameters {0} on manifest not defined on API specification \
         file.";
    ANY_OF = "SchemaError_AnyOf" "JSON does not match any schemas from \"anyOf\".";
    ONE_OF = "SchemaError_OneOf" "JSON is valid against more than one schema from \"oneOf\".";
    ONE_OF_NONE = "SchemaError_OneOf" "JSON is valid against no schemas from \"oneOf\".";
    THEN = "SchemaError_Then" "JSON does not match schema from \"then\".";
}
