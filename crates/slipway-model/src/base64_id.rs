//! Ids that are base64 of other ids.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);

/// The text of an id; padding may be missing and the URL-safe alphabet is taken too.
pub(crate) fn decode(id: &str) -> Option<String> {
    let alphabet = if id.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    String::from_utf8(alphabet.decode(id).ok()?).ok()
}

pub(crate) fn encode(plain: &str) -> String {
    STANDARD.encode(plain)
}
