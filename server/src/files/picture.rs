//! Pictures are stored as they are seen: upright, of a bounded size, and without what cameras write beside them (place,
//! time, device).

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::kind::Kind;

/// Pixels of the longer side of a stored picture.
const LONGER_SIDE: u32 = 3200;
/// Pixels that a picture may have when it arrives: more than a phone makes.
const PIXELS: u64 = 64_000_000;
/// Bytes that decoding may take.
const MEMORY: u64 = 512 << 20;
/// Quality of a stored photo, of 100.
const QUALITY: u8 = 85;

/// Why a picture cannot be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum PictureError {
    /// More pixels than are decoded.
    #[error("too many pixels")]
    TooManyPixels,
    /// The bytes end early or make no picture.
    #[error("not a whole picture: {0}")]
    Broken(#[source] ImageError),
}

/// The picture as it is stored, and what kind it then is.
pub(super) fn stored(path: &Path, kind: Kind) -> Result<(Vec<u8>, Kind), PictureError> {
    let broken = |error: std::io::Error| PictureError::Broken(error.into());
    let mut reader = ImageReader::new(BufReader::new(File::open(path).map_err(broken)?));
    reader.set_format(match kind {
        Kind::Png => ImageFormat::Png,
        Kind::Webp => ImageFormat::WebP,
        _ => ImageFormat::Jpeg,
    });
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    // A broken note about the orientation is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(explain)?;
    if width.max(height) > LONGER_SIDE {
        image = image.resize(LONGER_SIDE, LONGER_SIDE, FilterType::CatmullRom);
    }
    image.apply_orientation(orientation);
    encode(&image, kind).map_err(PictureError::Broken)
}

fn encode(image: &DynamicImage, kind: Kind) -> Result<(Vec<u8>, Kind), ImageError> {
    let mut bytes = Vec::new();
    let see_through = image.color().has_alpha();
    if kind == Kind::Png || (kind == Kind::Webp && see_through) {
        let encoder = PngEncoder::new(&mut bytes);
        if see_through {
            image.to_rgba8().write_with_encoder(encoder)?;
        } else if image.color().has_color() {
            image.to_rgb8().write_with_encoder(encoder)?;
        } else {
            image.to_luma8().write_with_encoder(encoder)?;
        }
        return Ok((bytes, Kind::Png));
    }
    image.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    Ok((bytes, Kind::Jpeg))
}

fn explain(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels,
        other => PictureError::Broken(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    /// 40 wide, 20 high, the left half red.
    fn half_red() -> RgbImage {
        RgbImage::from_fn(40, 20, |x, _| if x < 20 { Rgb([255, 0, 0]) } else { Rgb([255, 255, 255]) })
    }

    /// A photo whose camera noted that it was held turned, and where.
    fn turned_photo() -> Vec<u8> {
        let mut jpeg = Vec::new();
        half_red().write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 95)).unwrap();
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"); // orientation: turn a quarter to the right
        exif.extend(b"\x0f\x01\x02\0\x04\0\0\0Gps\0"); // maker
        exif.extend([0; 4]);
        let length = u16::try_from(exif.len() + 2).unwrap();
        let mut bytes = jpeg[..2].to_vec();
        bytes.extend([0xff, 0xe1]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&exif);
        bytes.extend(&jpeg[2..]);
        bytes
    }

    #[test]
    fn a_photo_is_kept_upright_and_without_what_the_camera_noted() {
        let (bytes, kind) = stored(file(&turned_photo()).path(), Kind::Jpeg).unwrap();
        assert_eq!(kind, Kind::Jpeg);
        assert!(!bytes.windows(4).any(|w| w == b"Exif" || w == b"Gps\0"));
        let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
        assert_eq!(picture.dimensions(), (20, 40));
        assert!(picture.get_pixel(10, 3)[1] < 80, "the red half is on top");
        assert!(picture.get_pixel(10, 36)[1] > 180);
    }

    #[test]
    fn a_see_through_picture_stays_so_and_a_webp_photo_becomes_a_jpeg() {
        let mut webp = Vec::new();
        half_red().write_with_encoder(image::codecs::webp::WebPEncoder::new_lossless(&mut webp)).unwrap();
        assert_eq!(stored(file(&webp).path(), Kind::Webp).unwrap().1, Kind::Jpeg);
        let mut webp = Vec::new();
        let clear = RgbaImage::from_pixel(4, 4, Rgba([1, 2, 3, 0]));
        clear.write_with_encoder(image::codecs::webp::WebPEncoder::new_lossless(&mut webp)).unwrap();
        let (bytes, kind) = stored(file(&webp).path(), Kind::Webp).unwrap();
        assert_eq!(kind, Kind::Png);
        assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgba8().get_pixel(0, 0)[3], 0);
    }

    #[test]
    fn a_large_picture_is_made_smaller_and_an_enormous_one_is_refused() {
        let mut png = Vec::new();
        RgbImage::new(4000, 10).write_with_encoder(PngEncoder::new(&mut png)).unwrap();
        let (bytes, _) = stored(file(&png).path(), Kind::Png).unwrap();
        assert_eq!(image::load_from_memory(&bytes).unwrap().width(), LONGER_SIDE);
        // A few bytes that claim to be a picture of 40,000 × 40,000.
        let mut bomb = png[..16].to_vec();
        bomb.extend(40_000_u32.to_be_bytes());
        bomb.extend(40_000_u32.to_be_bytes());
        bomb.extend(&png[24..29]);
        let crc = crc(&bomb[12..29]);
        bomb.extend(crc.to_be_bytes());
        bomb.extend(&png[33..]);
        assert!(matches!(stored(file(&bomb).path(), Kind::Png), Err(PictureError::TooManyPixels)));
    }

    #[test]
    fn half_a_picture_is_refused() {
        let photo = turned_photo();
        for length in [3, 60, photo.len() / 2] {
            let cut = stored(file(&photo[..length]).path(), Kind::Jpeg);
            assert!(matches!(cut, Err(PictureError::Broken(_))), "{length} of {}", photo.len());
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 })
        })
    }
}
