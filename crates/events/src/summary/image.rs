//! Images: a tensor of strings, `[width, height, PNG, PNG, ...]`, the first two in decimal.

use crate::proto::TensorProto;

/// A picture of eight bits a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Pixels, at least 1.
    pub width: u32,
    /// Pixels, at least 1.
    pub height: u32,
    /// The pixels.
    pub pixels: Pixels,
}

/// The pixels of a picture, row by row from the top, each from the left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pixels {
    /// One byte a pixel, 0 black: `width * height` bytes.
    Gray(Vec<u8>),
    /// Red, green, blue: `3 * width * height` bytes.
    Rgb(Vec<u8>),
}

/// Encodes a picture as a PNG file.
///
/// # Errors
///
/// If a side is zero or the number of bytes is not what the sides ask for.
pub(crate) fn png(image: &Image) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, image.width, image.height);
    let bytes = match &image.pixels {
        Pixels::Gray(bytes) => {
            encoder.set_color(png::ColorType::Grayscale);
            bytes
        }
        Pixels::Rgb(bytes) => {
            encoder.set_color(png::ColorType::Rgb);
            bytes
        }
    };
    encoder.set_depth(png::BitDepth::Eight);
    // Who writes pictures is at work: a tenth of the time is worth more than a few bytes.
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(bytes)?;
    writer.finish()?;
    Ok(file)
}

/// The tensor of the images plugin.
pub(crate) fn tensor(width: u32, height: u32, png: Vec<u8>) -> TensorProto {
    TensorProto::strings(vec![width.to_string().into_bytes(), height.to_string().into_bytes(), png])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_decoder_finds_the_pixels((width, height, pixels) in (1u32..20, 1u32..20, any::<bool>()).prop_flat_map(|(width, height, rgb)| {
            let bytes = (width * height) as usize * if rgb { 3 } else { 1 };
            let pixels = prop::collection::vec(any::<u8>(), bytes)
                .prop_map(move |bytes| if rgb { Pixels::Rgb(bytes) } else { Pixels::Gray(bytes) });
            (Just(width), Just(height), pixels)
        })) {
            let file = png(&Image { width, height, pixels: pixels.clone() }).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
            let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut bytes).unwrap();
            prop_assert_eq!((info.width, info.height), (width, height));
            match pixels {
                Pixels::Gray(expected) => {
                    prop_assert_eq!(info.color_type, png::ColorType::Grayscale);
                    prop_assert_eq!(bytes, expected);
                }
                Pixels::Rgb(expected) => {
                    prop_assert_eq!(info.color_type, png::ColorType::Rgb);
                    prop_assert_eq!(bytes, expected);
                }
            }
        }
    }

    #[test]
    fn a_wrong_number_of_bytes_is_an_error() {
        for (width, height, bytes) in [(2, 2, 3), (2, 2, 5), (0, 2, 0), (2, 0, 0)] {
            let image = Image { width, height, pixels: Pixels::Gray(vec![0; bytes]) };
            assert!(png(&image).is_err(), "{bytes} bytes for {width} x {height}");
        }
    }
}
