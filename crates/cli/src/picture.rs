//! Curves as SVG or PNG.

use std::path::Path;

use anyhow::{Context, bail};
use headwater_nn::Activation;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontStyle;

use crate::curves::{RANGE, window};

/// Width and height of one activation's panel.
const PANEL: (u32, u32) = (420, 320);
/// Panels in a row.
const COLUMNS: usize = 3;
/// Blue for f, orange for f': distinct for every kind of colour vision.
const F: RGBColor = RGBColor(33, 102, 172);
const DF: RGBColor = RGBColor(230, 97, 1);

/// Draws f and f' of each activation in its own panel. The picture is rendered first and written afterwards, so a file
/// that cannot be written gives an error of the operating system, and no partial picture is left.
pub(crate) fn curves(activations: &[Activation], path: &Path) -> anyhow::Result<()> {
    let columns = activations.len().min(COLUMNS);
    let rows = activations.len().div_ceil(columns);
    let size = (PANEL.0 * columns as u32, PANEL.1 * rows as u32);
    // Labels are placed by the letters' sizes, in SVG as well.
    let font = include_bytes!("../assets/DejaVuSans-subset.ttf");
    if plotters::style::register_font("sans-serif", FontStyle::Normal, font).is_err() {
        bail!("the font in the program cannot be read");
    }
    let bytes = match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => {
            let mut text = String::new();
            draw(&SVGBackend::with_string(&mut text, size).into_drawing_area(), (rows, columns), activations)?;
            text.into_bytes()
        }
        Some("png") => {
            let mut pixels = vec![0; 3 * size.0 as usize * size.1 as usize];
            draw(&BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area(), (rows, columns), activations)?;
            png(&pixels, size)?
        }
        _ => bail!("--out {}: expected a name that ends in .svg or .png", path.display()),
    };
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Encodes RGB pixels `[height, width, 3]` as a PNG file.
fn png(pixels: &[u8], (width, height): (u32, u32)) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn draw<B>(area: &DrawingArea<B, Shift>, grid: (usize, usize), activations: &[Activation]) -> anyhow::Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    area.fill(&WHITE)?;
    for (area, &activation) in area.split_evenly(grid).iter().zip(activations) {
        let (least, most) = window(&|z| activation.f(z));
        let (least_slope, most_slope) = window(&|z| activation.df(z));
        let (least, most) = (least.min(least_slope), most.max(most_slope));
        let margin = 0.05 * (most - least);
        let mut chart = ChartBuilder::on(area)
            .caption(activation.to_string(), ("sans-serif", 18))
            .margin(10)
            .x_label_area_size(28)
            .y_label_area_size(36)
            .build_cartesian_2d(-RANGE..RANGE, least - margin..most + margin)?;
        chart.configure_mesh().x_desc("z").label_style(("sans-serif", 12)).light_line_style(WHITE).draw()?;
        let points = |function: fn(Activation, f32) -> f32| {
            (-300..=300).map(move |i| {
                let z = RANGE * i as f32 / 300.0;
                (z, function(activation, z))
            })
        };
        for (name, colour, function) in
            [("f(z)", F, Activation::f as fn(Activation, f32) -> f32), ("f'(z)", DF, Activation::df)]
        {
            chart
                .draw_series(LineSeries::new(points(function), colour.stroke_width(2)))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(("sans-serif", 12))
            .background_style(WHITE.mix(0.8))
            .draw()?;
    }
    area.present()?;
    Ok(())
}
