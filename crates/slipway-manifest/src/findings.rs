//! The findings of one reading, in the words of Graph's validation.
//!
//! Codes and texts are those of "Publish teamsApp". For `SchemaError_…` its table has a short form of the
//! text and its sample response the one on the wire, which is the one used here.

use serde_json::Value;

use crate::error::{Detail, PackageError};

/// A rule of the service beyond the schema: the code it answers with and its text.
#[derive(Clone, Copy)]
pub struct Rule {
    pub code: &'static str,
    pub message: &'static str,
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

    /// `name` is what the rule's text names.
    pub fn broken_by(&mut self, rule: Rule, name: &str, target: &str) {
        self.add(rule.code, rule.message.replace("{0}", &shortened(name.to_owned())), target);
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

    pub fn format(&mut self, text: &str, format: &str, target: &str) {
        let message = format!("String {} does not validate against format \"{format}\".", quoted(text));
        self.add("SchemaError_Format", message, target);
    }

    pub fn too_long(&mut self, text: &str, most: usize, target: &str) {
        let message = format!("String {} exceeds maximum length of {most}.", quoted(text));
        self.add("SchemaError_MaximumLength", message, target);
    }

    pub fn too_short(&mut self, text: &str, least: usize, target: &str) {
        let message = format!("String {} is less than minimum length of {least}.", quoted(text));
        self.add("SchemaError_MinimumLength", message, target);
    }

    pub fn too_large(&mut self, number: f64, most: f64, target: &str) {
        let message = format!("Integer {number} exceeds maximum value of {most}.");
        self.add("SchemaError_Maximum", message, target);
    }

    pub fn too_small(&mut self, number: f64, least: f64, target: &str) {
        let message = format!("Integer {number} is less than minimum value of {least}.");
        self.add("SchemaError_Minimum", message, target);
    }

    pub fn too_many(&mut self, count: usize, most: usize, target: &str) {
        let message = format!("Array item count {count} exceeds maximum count of {most}.");
        self.add("SchemaError_MaximumItems", message, target);
    }

    pub fn too_few(&mut self, count: usize, least: usize, target: &str) {
        let message = format!("Array item count {count} is less than minimum count of {least}.");
        self.add("SchemaError_MinimumItems", message, target);
    }

    pub fn not_unique(&mut self, target: &str) {
        self.add("SchemaError_UniqueItems", "Array contains items that are not unique.".to_owned(), target);
    }

    pub fn too_empty(&mut self, count: usize, least: usize, target: &str) {
        let message = format!("Object property count {count} is less than minimum count of {least}.");
        self.add("SchemaError_MinimumProperties", message, target);
    }

    pub fn unknown(&mut self, name: &str, target: &str) {
        let message = format!(
            "Property {} has not been defined and the schema does not allow additional properties.",
            quoted(name)
        );
        self.add("SchemaError_AdditionalProperties", message, target);
    }

    pub fn not_in_enum(&mut self, value: &Value, target: &str) {
        let message = format!("Value {} is not defined in the enum.", shown(value));
        self.add("SchemaError_Enum", message, target);
    }

    fn add(&mut self, code: &'static str, message: String, target: &str) {
        if self.0.len() < Self::MAX {
            self.0.push(Detail { code, message, target: shortened(target.to_owned()) });
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
