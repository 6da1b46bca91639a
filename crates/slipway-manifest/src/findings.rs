//! The findings of one reading, in the words of Graph's validation.
//!
//! Codes and texts are those of "Publish teamsApp". For `SchemaError_…` its table has a short form of the
//! text and its sample response the one on the wire, which is the one used here.

use serde_json::Value;

use crate::error::{Detail, PackageError};

/// A rule of the service beyond the schema: the code it answers with and its text.
#[derive(Clone, Copy)]
pub struct Rule {
    code: &'static str,
    message: &'static str,
}

/// What has been found so far.
#[derive(Default)]
pub struct Findings(Vec<Detail>);

impl Findings {
    /// Most findings that are kept, so that an answer stays readable however wrong a manifest is.
    const MAX: usize = 100;
    /// Most characters of a value that a text repeats.
    const MAX_SHOWN: usize = 256;

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_error(self) -> PackageError {
        PackageError::Invalid(self.0)
    }

    pub fn broken(&mut self, rule: Rule, target: &str) {
        self.add(rule.code, rule.message.to_owned(), target);
    }

    pub fn missing_file(&mut self, name: &str, target: &str) {
        let name = shortened(name.to_owned());
        let message = format!("The file {name} couldn't be found in the app package.");
        self.add("Serialization_FileMissing", message, target);
    }

    /// `pixel` is red, green, blue and alpha.
    pub fn coloured_outline(&mut self, [red, green, blue, alpha]: [u8; 4], target: &str) {
        let message = format!(
            "Outline icon isn't transparent. It's Alpha, R, G, B value of {alpha}, {red}, {green}, {blue}."
        );
        self.add("InvalidOutlineIconTransparency", message, target);
    }

    /// The sample names the absent property in the target and leaves the list empty.
    pub fn required(&mut self, target: &str) {
        let message = "Required properties are missing from object: [].".to_owned();
        self.add("SchemaError_Required", message, target);
    }

    pub fn wrong_type(&mut self, value: &Value, expected: &str, target: &str) {
        let message = format!("Value {} is not of the expected type {expected}.", shown(value));
        self.add("SchemaError_Type", message, target);
    }

    pub fn pattern(&mut self, text: &str, pattern: &str, target: &str) {
        let message = format!("String {} does not match regex pattern \"{pattern}\".", quoted(text));
        self.add("SchemaError_Pattern", message, target);
    }

    pub fn too_long(&mut self, text: &str, most: usize, target: &str) {
        let message = format!("String {} exceeds maximum length of {most}.", quoted(text));
        self.add("SchemaError_MaximumLength", message, target);
    }

    pub fn too_many(&mut self, count: usize, most: usize, target: &str) {
        let message = format!("Array item count {count} exceeds maximum count of {most}.");
        self.add("SchemaError_MaximumItems", message, target);
    }

    pub fn not_in_enum(&mut self, text: &str, target: &str) {
        let message = format!("Value {} is not defined in the enum.", quoted(text));
        self.add("SchemaError_Enum", message, target);
    }

    fn add(&mut self, code: &'static str, message: String, target: &str) {
        if self.0.len() < Self::MAX {
            self.0.push(Detail { code, message, target: target.to_owned() });
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text.to_owned()))
}

fn shown(value: &Value) -> String {
    shortened(value.to_string())
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(Findings::MAX_SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The service's rules by what they ask for.
pub mod rules {
    use super::Rule;

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
    }
}
