//! Sounds: a tensor of strings, `[WAV, WAV, ...]`.
//!
//! `TensorFlow` writes rows `[WAV, label]` without a data class, and readers drop the labels as they add the class. With
//! the class in the file nothing is rewritten, so the tensor must have the final shape.

use prost::Message;

use crate::proto::{AudioEncoding, AudioPluginData, TensorProto};

/// A sound of one channel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Audio<'a> {
    /// Hertz, at least 1.
    pub sample_rate: u32,
    /// Samples in [-1, 1]; what is outside is clipped.
    pub samples: &'a [f32],
}

/// Encodes a sound as a WAV file of 16 bits a sample.
///
/// # Errors
///
/// If it would be longer than the 4 GB that a WAV file can hold.
pub(crate) fn wav(audio: &Audio<'_>) -> Result<Vec<u8>, hound::Error> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: audio.sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut file, spec)?;
    for &sample in audio.samples {
        // A float-to-integer cast saturates, and makes NaN silence.
        writer.write_sample((sample * f32::from(i16::MAX)).round() as i16)?;
    }
    writer.finalize()?;
    Ok(file.into_inner())
}

/// The tensor of the audio plugin.
pub(crate) fn tensor(wav: Vec<u8>) -> TensorProto {
    TensorProto::strings(vec![wav])
}

/// What the audio plugin wants to know of a series.
pub(crate) fn content() -> Vec<u8> {
    let data = AudioPluginData { version: 0, encoding: AudioEncoding::Wav.into(), converted_to_tensor: false };
    data.encode_to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoder_finds_the_samples() {
        let samples = [0.0, 0.5, -0.5, 1.0, -1.0, 7.0, -7.0, f32::NAN];
        let file = wav(&Audio { sample_rate: 8000, samples: &samples }).unwrap();
        let mut reader = hound::WavReader::new(&file[..]).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (1, 8000));
        let found: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(found, [0, 16384, -16384, 32767, -32767, 32767, -32768, 0]);
    }
}
