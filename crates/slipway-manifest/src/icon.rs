//! The app's icons: kind and size from the header, and the pixels of the outline icon.

use std::io::Cursor;

use imagesize::ImageType;
use png::{DecodingError, Limits, Transformations};

use crate::archive::Archive;
use crate::error::PackageError;
use crate::findings::{Findings, Rule};
use crate::rules;

/// Largest icon file, in bytes. A limit of this server.
const MAX_ICON_BYTES: u64 = 1024 * 1024;
/// Most memory that decoding may take, in bytes; 32 by 32 pixels of the widest kind take 8 KiB.
const MAX_DECODER_BYTES: usize = 256 * 1024;

/// What an icon has to be.
struct Wanted {
    target: &'static str,
    /// Width and height in pixels.
    size: usize,
    rule: Rule,
}

const COLOR: Wanted = Wanted { target: "icons.color", size: 192, rule: rules::COLOR_ICON_SIZE };
const COLOR_32: Wanted = Wanted { target: "icons.color32x32", size: 32, rule: rules::COLOR_32_ICON_SIZE };
const OUTLINE: Wanted = Wanted { target: "icons.outline", size: 32, rule: rules::OUTLINE_ICON_SIZE };

/// A picture of the package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// `image/png`, `image/gif` or `image/jpeg`, by the file's first bytes and not by its name.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The file that `icons.color` names, if it is a picture of the right size.
pub fn color(
    archive: &mut Archive<'_>,
    name: Option<String>,
    findings: &mut Findings,
) -> Result<Option<Icon>, PackageError> {
    sized(archive, name, &COLOR, findings)
}

/// Judges the file that `icons.color32x32` names, if it names one; Graph does not serve it.
pub fn color_32(
    archive: &mut Archive<'_>,
    name: Option<String>,
    findings: &mut Findings,
) -> Result<(), PackageError> {
    sized(archive, name, &COLOR_32, findings)?;
    Ok(())
}

/// The file that `icons.outline` names, if it is a PNG of the right size, white and transparent.
pub fn outline(
    archive: &mut Archive<'_>,
    name: Option<String>,
    findings: &mut Findings,
) -> Result<Option<Icon>, PackageError> {
    let Some(icon) = sized(archive, name, &OUTLINE, findings)? else {
        return Ok(None);
    };
    match first_coloured_pixel(&icon.bytes) {
        Ok(None) => return Ok(Some(icon)),
        Ok(Some(pixel)) => findings.coloured_outline(pixel, OUTLINE.target),
        // Not a PNG, or a damaged one.
        Err(_) => findings.broken(OUTLINE.rule, OUTLINE.target),
    }
    Ok(None)
}

fn sized(
    archive: &mut Archive<'_>,
    name: Option<String>,
    wanted: &Wanted,
    findings: &mut Findings,
) -> Result<Option<Icon>, PackageError> {
    let Some(name) = name else { return Ok(None) };
    let Some(bytes) = archive.read(&name, MAX_ICON_BYTES)? else {
        findings.broken_by(rules::FILE_IS_THERE, &name, wanted.target);
        return Ok(None);
    };
    let media_type = media_type(&bytes);
    let fits = imagesize::blob_size(&bytes)
        .is_ok_and(|found| found.width == wanted.size && found.height == wanted.size);
    match media_type {
        Some(media_type) if fits => Ok(Some(Icon { media_type, bytes })),
        _ => {
            findings.broken(wanted.rule, wanted.target);
            Ok(None)
        }
    }
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match imagesize::image_type(bytes).ok()? {
        ImageType::Png => Some("image/png"),
        ImageType::Gif => Some("image/gif"),
        ImageType::Jpeg => Some("image/jpeg"),
        _ => None,
    }
}

/// Red, green, blue and alpha of the first pixel that is neither white nor wholly transparent. White may be
/// partly transparent: edges are smoothed that way.
fn first_coloured_pixel(bytes: &[u8]) -> Result<Option<[u8; 4]>, DecodingError> {
    let limits = Limits { bytes: MAX_DECODER_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?];
    let samples = reader.next_frame(&mut pixels)?.color_type.samples();
    let coloured = pixels.chunks_exact(samples).find_map(|pixel| match *pixel {
        [grey, alpha] if alpha != 0 && grey != u8::MAX => Some([grey, grey, grey, alpha]),
        [red, green, blue, alpha] if alpha != 0 && [red, green, blue] != [u8::MAX; 3] => {
            Some([red, green, blue, alpha])
        }
        _ => None,
    });
    Ok(coloured)
}
