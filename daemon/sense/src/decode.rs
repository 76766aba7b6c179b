//! JPEG, PNG and raw camera frames → brightness. Runs inside the sandbox only: decoders are where
//! hostile pictures bite.

mod exif;

use std::io::Cursor;

use anyhow::{Context, Result, bail};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use crate::luma::Luma;

/// A picture of more pixels is refused before any memory is taken for it.
pub const MAX_PIXELS: usize = 50_000_000;
/// No side may be longer than this, in pixels.
const MAX_SIDE: usize = 16_384;
/// A picture with a shorter side has no face that could be read, in pixels.
const MIN_SIDE: usize = 32;
/// The longer side of what comes out: pictures are looked at as if by a camera of 640×480.
pub const LONGEST: usize = 640;

/// A JPEG or PNG file, upright, its longer side at most [`LONGEST`].
///
/// # Errors
/// When it is neither, is broken or cut short, or has too many or too few pixels.
pub fn picture(bytes: &[u8]) -> Result<Luma> {
    let luma = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes).context("the PNG cannot be decoded")?
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        jpeg(bytes).context("the JPEG cannot be decoded")?
    } else {
        bail!("it is neither JPEG nor PNG");
    };
    Ok(luma.shrunk_to(LONGEST))
}

fn check_size(width: usize, height: usize) -> Result<()> {
    if width > MAX_SIDE || height > MAX_SIDE || width.saturating_mul(height) > MAX_PIXELS {
        bail!(
            "{width}×{height} is too large: at most {} megapixels",
            MAX_PIXELS / 1_000_000
        );
    }
    if width < MIN_SIDE || height < MIN_SIDE {
        bail!("{width}×{height} is too small: at least {MIN_SIDE}×{MIN_SIDE}");
    }
    Ok(())
}

/// A JPEG at its full size, turned as its EXIF says.
///
/// # Errors
/// As [`picture`].
pub fn jpeg(bytes: &[u8]) -> Result<Luma> {
    let (width, height, data, exif) = jpeg_luma(bytes)?;
    let luma =
        Luma::new(width, height, data).context("its data has another size than its header says")?;
    Ok(match exif.as_deref().and_then(exif::orientation) {
        Some(turn) => exif::turned(&luma, turn),
        None => luma,
    })
}

type Decoded = (usize, usize, Vec<u8>, Option<Vec<u8>>);

fn jpeg_luma(bytes: &[u8]) -> Result<Decoded> {
    let options = DecoderOptions::default()
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers()?;
    let (width, height) = decoder.dimensions().context("it has no size")?;
    check_size(width, height)?;
    // YCbCr is nearly every JPEG, and its Y is all we need; the others are decoded to RGB.
    let direct = matches!(
        decoder.input_colorspace(),
        Some(ColorSpace::YCbCr | ColorSpace::Luma)
    );
    if !direct {
        decoder = JpegDecoder::new_with_options(
            ZCursor::new(bytes),
            options.jpeg_set_out_colorspace(ColorSpace::RGB),
        );
    }
    let data = decoder.decode()?;
    let exif = decoder.exif().cloned();
    let data = if data.len() == width * height * 3 {
        luma_of_rgb(&data, 3)
    } else {
        data
    };
    if cut_short(bytes) {
        bail!("it is cut short");
    }
    Ok((width, height, data, exif))
}

/// Whether the end-of-image marker is missing. The decoder fills what is missing with grey and says
/// nothing; half a face must not become a reading.
fn cut_short(bytes: &[u8]) -> bool {
    // A thumbnail in the header has a marker of its own.
    let header: usize = segments(bytes)
        .map(|(_, contents)| contents.len() + 4)
        .sum();
    let data = bytes.get(2 + header..).unwrap_or_default();
    !data.windows(2).rev().any(|pair| pair == [0xff, 0xd9])
}

fn png(bytes: &[u8]) -> Result<Luma> {
    let limits = png::Limits {
        bytes: 512 * 1024 * 1024,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    let header = decoder.read_header_info()?;
    check_size(header.width as usize, header.height as usize)?;
    // Palettes become colours, 16 bits become 8, fewer than 8 become 8.
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let samples = reader.output_color_type().0.samples();
    let mut data = Vec::with_capacity(width * height);
    if reader.info().interlaced {
        let mut all = vec![0; reader.output_buffer_size().context("it is too large")?];
        reader.next_frame(&mut all)?;
        append_luma(&mut data, &all, samples);
    } else {
        // Row by row: only the brightness is ever held whole.
        while let Some(row) = reader.next_row()? {
            append_luma(&mut data, row.data(), samples);
        }
    }
    Luma::new(width, height, data).context("its data has another size than its header says")
}

/// Grey, grey and alpha, RGB or RGBA → brightness; what is transparent is laid on mid-grey.
fn append_luma(data: &mut Vec<u8>, samples: &[u8], per_pixel: usize) {
    let over = |value: u8, alpha: u8| {
        ((u32::from(value) * u32::from(alpha) + 128 * (255 - u32::from(alpha))) / 255) as u8
    };
    match per_pixel {
        1 => data.extend_from_slice(samples),
        2 => data.extend(samples.chunks_exact(2).map(|p| over(p[0], p[1]))),
        3 => data.extend(
            samples
                .chunks_exact(3)
                .map(|p| brightness(p[0], p[1], p[2])),
        ),
        _ => data.extend(
            samples
                .chunks_exact(4)
                .map(|p| over(brightness(p[0], p[1], p[2]), p[3])),
        ),
    }
}

/// ITU-R BT.601, as JPEG and YUYV have it.
fn brightness(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 + 500) / 1000) as u8
}

/// The brightness of RGB pixels, `stride` bytes apart.
#[must_use]
pub fn luma_of_rgb(rgb: &[u8], stride: usize) -> Vec<u8> {
    rgb.chunks_exact(stride.max(3))
        .map(|p| brightness(p[0], p[1], p[2]))
        .collect()
}

/// The brightness of YUYV: every second byte.
#[must_use]
pub fn luma_of_yuyv(yuyv: &[u8]) -> Vec<u8> {
    yuyv.iter().step_by(2).copied().collect()
}

/// An MJPEG frame of a camera. Many cameras leave out the Huffman tables, which every decoder of MJPEG
/// is to know: a marker that the frame is of that kind makes the decoder use them.
///
/// # Errors
/// When the frame is broken.
pub fn mjpeg(bytes: &[u8]) -> Result<Luma> {
    const DHT: [u8; 2] = [0xff, 0xc4];
    const AVI1: &[u8] = b"\xff\xe0\x00\x10AVI1\0\0\0\0\0\0\0\0\0\0";
    let Some(rest) = bytes.strip_prefix(b"\xff\xd8") else {
        bail!("the frame is no JPEG")
    };
    if header_has(bytes, DHT) {
        return jpeg(bytes);
    }
    let mut whole = Vec::with_capacity(bytes.len() + AVI1.len());
    whole.extend_from_slice(b"\xff\xd8");
    whole.extend_from_slice(AVI1);
    whole.extend_from_slice(rest);
    jpeg(&whole)
}

/// Whether a JPEG has a segment with this marker before its picture data.
fn header_has(bytes: &[u8], marker: [u8; 2]) -> bool {
    segments(bytes).any(|(found, _)| found == marker)
}

/// The segments between the start of a JPEG and its picture data: marker and contents.
fn segments(bytes: &[u8]) -> impl Iterator<Item = ([u8; 2], &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        let head: [u8; 4] = rest.get(..4)?.try_into().ok()?;
        let marker = [head[0], head[1]];
        if marker[0] != 0xff || marker[1] == 0xda {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let contents = rest.get(4..2 + length)?;
        rest = rest.get(2 + length..)?;
        Some((marker, contents))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(
        width: u32,
        height: u32,
        color: png::ColorType,
        depth: png::BitDepth,
        data: &[u8],
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == png::ColorType::Indexed {
            encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
        }
        encoder
            .write_header()
            .unwrap()
            .write_image_data(data)
            .unwrap();
        bytes
    }

    #[test]
    fn every_kind_of_png_becomes_grey() {
        use png::{BitDepth as D, ColorType as C};
        let n = 32 * 32;
        let cases: [(C, D, Vec<u8>, u8); 7] = [
            (C::Grayscale, D::Eight, vec![200; n], 200),
            (C::Grayscale, D::Sixteen, [200, 0].repeat(n), 200),
            (C::Grayscale, D::One, vec![0xff; n / 8], 255),
            (C::GrayscaleAlpha, D::Eight, [200, 255].repeat(n), 200),
            (C::Rgb, D::Eight, [255, 0, 0].repeat(n), 76),
            (
                C::Rgba,
                D::Sixteen,
                [255, 0, 0, 0, 0, 0, 0, 0].repeat(n),
                128,
            ),
            (C::Indexed, D::One, vec![0xff; n / 8], 255),
        ];
        for (color, depth, data, expected) in cases {
            let luma = picture(&encoded(32, 32, color, depth, &data)).unwrap();
            assert_eq!(
                (luma.width(), luma.height()),
                (32, 32),
                "{color:?} {depth:?}"
            );
            assert!(
                luma.as_bytes().iter().all(|p| *p == expected),
                "{color:?} {depth:?} {}",
                luma.as_bytes()[0]
            );
        }
    }

    #[test]
    fn a_png_that_is_cut_short_is_refused() {
        let noise: Vec<u8> = (0u32..64 * 64)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let whole = encoded(
            64,
            64,
            png::ColorType::Grayscale,
            png::BitDepth::Eight,
            &noise,
        );
        assert!(picture(&whole).is_ok());
        assert!(picture(&whole[..whole.len() / 2]).is_err());
    }

    #[test]
    fn a_decompression_bomb_is_refused_by_its_header() {
        let mut header = encoded(
            32,
            32,
            png::ColorType::Grayscale,
            png::BitDepth::Eight,
            &[0; 1024],
        );
        header[16..24].copy_from_slice(&[0, 0, 0x3f, 0xff, 0, 0, 0x3f, 0xff]);
        // The checksum of the header, so that its size and not its checksum is what is refused.
        let crc = crc32(&header[12..29]);
        header[29..33].copy_from_slice(&crc.to_be_bytes());
        let error = format!("{:#}", picture(&header).unwrap_err());
        assert!(error.contains("too large"), "{error}");
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, b| {
            (0..8).fold(crc ^ u32::from(*b), |c, _| {
                if c & 1 == 1 {
                    (c >> 1) ^ 0xedb8_8320
                } else {
                    c >> 1
                }
            })
        })
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [
            &b""[..],
            b"GIF89a",
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        ] {
            assert!(picture(bytes).is_err());
        }
    }

    #[test]
    fn yuyv_is_every_second_byte() {
        assert_eq!(
            luma_of_yuyv(&[1, 128, 2, 128, 3, 128, 4, 128]),
            [1, 2, 3, 4]
        );
        assert_eq!(luma_of_rgb(&[255, 255, 255, 0, 0, 0], 3), [255, 0]);
    }

    /// Pictures from anywhere are decoded: damaged ones must give an error, never a panic.
    #[test]
    fn damaged_pictures_never_panic() {
        let jpeg = include_bytes!("../../../tests/data/astronaut.jpg");
        let noise: Vec<u8> = (0u32..64 * 64)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let png = encoded(
            64,
            64,
            png::ColorType::Grayscale,
            png::BitDepth::Eight,
            &noise,
        );
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random % below as u64) as usize
        };
        for round in 0..300 {
            let mut bytes = if round % 2 == 0 {
                jpeg.to_vec()
            } else {
                png.clone()
            };
            // Mostly in the headers, where damage does most.
            let reach = if round % 3 == 0 {
                bytes.len()
            } else {
                4000.min(bytes.len())
            };
            for _ in 0..=next(8) {
                let at = next(reach);
                bytes[at] = next(256) as u8;
            }
            if round % 5 == 0 {
                bytes.truncate(next(bytes.len()));
            }
            let _ = picture(&bytes);
            let _ = mjpeg(&bytes);
        }
    }

    #[test]
    fn mjpeg_without_huffman_tables_is_decoded() {
        // The face of tests/data/astronaut.jpg, coded with the standard tables, as cameras do.
        let whole = include_bytes!("../tests/data/standard-tables.jpg");
        let mut bare = whole.to_vec();
        while let Some(at) = bare.windows(2).position(|w| w == [0xff, 0xc4]) {
            let length = usize::from(u16::from_be_bytes([bare[at + 2], bare[at + 3]]));
            bare.drain(at..at + 2 + length);
        }
        assert!(bare.len() < whole.len() && jpeg(&bare).is_err());
        assert_eq!(mjpeg(&bare).unwrap(), mjpeg(whole).unwrap());
        // What is left of an older frame behind the end is passed over.
        bare.extend([7; 999]);
        assert_eq!(mjpeg(&bare).unwrap(), jpeg(whole).unwrap());
    }
}
