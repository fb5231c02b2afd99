//! Pictures that are recorded: the weights of the first layer, and digits that the network gets wrong.

use headwater_data::ImageShape;
use headwater_events::{Image, Pixels};

/// Most pictures in one sheet.
pub(crate) const MOST: usize = 64;
/// Pixels between two pictures of a sheet.
const GAP: usize = 1;

/// The incoming weights of the first [`MOST`] units as a sheet of pictures: white is 0, orange the largest |w| of
/// the layer, blue its negative. `weights` is `[inputs, units]`, and `inputs` are the pixels of `shape`.
pub(crate) fn weights(weights: &[f32], units: usize, shape: ImageShape) -> Image {
    const WHITE: [f32; 3] = [255.0, 255.0, 255.0];
    const ORANGE: [f32; 3] = [230.0, 97.0, 1.0];
    const BLUE: [f32; 3] = [33.0, 102.0, 172.0];
    let largest = weights.iter().map(|w| w.abs()).filter(|w| w.is_finite()).fold(f32::MIN_POSITIVE, f32::max);
    sheet(units.min(MOST), shape, |unit, pixel| {
        let share = weights[pixel * units + unit] / largest;
        let colour = if share >= 0.0 { ORANGE } else { BLUE };
        std::array::from_fn(|channel| (WHITE[channel] + share.abs() * (colour[channel] - WHITE[channel])) as u8)
    })
}

/// Grey samples as a sheet of pictures. `samples` is `[count, pixels]`; 0 is black and 1 is white. If there are numbers
/// below 0, as after scaling, the smallest is black; if there are numbers above 1, the largest is white.
pub(crate) fn samples(samples: &[f32], shape: ImageShape) -> Image {
    let size = shape.width * shape.height;
    let (least, largest) =
        samples.iter().fold((0.0_f32, 1.0_f32), |(least, largest), x| (least.min(*x), largest.max(*x)));
    let grey = |x: f32| (255.0 * ((x - least) / (largest - least))) as u8;
    sheet(samples.len() / size, shape, |sample, pixel| [grey(samples[sample * size + pixel]); 3])
}

/// `count` pictures side by side, as near to a square as can be; `colour` is asked for a picture's pixel.
fn sheet(count: usize, shape: ImageShape, colour: impl Fn(usize, usize) -> [u8; 3]) -> Image {
    let columns = (count as f64).sqrt().ceil().max(1.0) as usize;
    let rows = count.div_ceil(columns).max(1);
    let width = columns * (shape.width + GAP) - GAP;
    let height = rows * (shape.height + GAP) - GAP;
    let mut pixels = vec![128; 3 * width * height];
    for picture in 0..count {
        let left = picture % columns * (shape.width + GAP);
        let top = picture / columns * (shape.height + GAP);
        for pixel in 0..shape.width * shape.height {
            let at = 3 * ((top + pixel / shape.width) * width + left + pixel % shape.width);
            pixels[at..at + 3].copy_from_slice(&colour(picture, pixel));
        }
    }
    Image { width: width as u32, height: height as u32, pixels: Pixels::Rgb(pixels) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { height: 1, width: 2 };

    fn rgb(image: &Image) -> &[u8] {
        match &image.pixels {
            Pixels::Rgb(pixels) | Pixels::Gray(pixels) => pixels,
        }
    }

    #[test]
    fn the_largest_weight_is_orange_its_negative_blue_and_zero_white() {
        let image = weights(&[2.0, -2.0], 1, SHAPE);
        assert_eq!(rgb(&image), [230, 97, 1, 33, 102, 172]);
        let image = weights(&[0.0, 0.0], 1, SHAPE);
        assert_eq!(rgb(&image), [255; 6]);
    }

    #[test]
    fn samples_stand_side_by_side_with_a_gap() {
        let image = samples(&[1.0, 0.0, 0.0, 1.0], SHAPE);
        assert_eq!((image.width, image.height), (5, 1));
        let greys: Vec<u8> = rgb(&image).iter().copied().step_by(3).collect();
        assert_eq!(greys, [255, 0, 128, 0, 255]);
    }

    #[test]
    fn scaled_samples_keep_their_greys() {
        let image = samples(&[-1.0, 3.0, 1.0, -1.0], SHAPE);
        let greys: Vec<u8> = rgb(&image).iter().copied().step_by(3).collect();
        assert_eq!(greys, [0, 255, 128, 127, 0]);
    }
}
