//! Rounding, so that what is sent compresses: counts to six significant bits, which is half a pixel of a picture 64 pixels
//! high, less than their noise, and keeps the smallest ones; percentiles to eleven, which is a four-thousandth of their
//! size.

/// Significant bits of a bin's share of the peak.
const SHARE_BITS: u32 = 6;
/// Significant bits of peaks and percentiles.
const BITS: u32 = 11;

/// A share of the peak, of 65535, to [`SHARE_BITS`] significant bits; never zero if anything is there.
pub(super) fn rounded_share(share: f64) -> u16 {
    let whole = (share * 65535.0).round() as u32;
    let surplus = (u32::BITS - whole.leading_zeros()).saturating_sub(SHARE_BITS);
    let rounded = if surplus == 0 { whole } else { (whole + (1 << (surplus - 1))) >> surplus << surplus };
    match rounded {
        0 => u16::from(share > 0.0),
        rounded => rounded.min(65535) as u16,
    }
}

/// To [`BITS`] significant bits.
pub(super) fn rounded(number: f64) -> f32 {
    const SURPLUS: u32 = f32::MANTISSA_DIGITS - BITS;
    let number = number as f32;
    if !number.is_finite() {
        return number;
    }
    // The carry goes into the exponent, as it should.
    let rounded = f32::from_bits((number.to_bits() + (1 << (SURPLUS - 1))) >> SURPLUS << SURPLUS);
    if rounded.is_finite() { rounded } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_to_a_part_of_themselves_and_nothing_that_is_there_vanishes() {
        assert_eq!([0.0, 1e-9, 1.0].map(rounded_share), [0, 1, 65535]);
        for share in (0..1000).map(|part| f64::from(part) / 1000.0) {
            let found = f64::from(rounded_share(share)) / 65535.0;
            assert!((found - share).abs() <= share / 64.0 + 0.5 / 65535.0, "{share} became {found}");
        }
        for share in 0..64_u16 {
            assert_eq!(rounded_share(f64::from(share) / 65535.0), share);
        }
    }

    #[test]
    fn percentiles_are_rounded_to_a_four_thousandth_of_their_size() {
        for number in [1.0, -0.123_456_789, 1e-30, 3.4e38, f64::from(f32::MAX), 0.0] {
            let found = f64::from(rounded(number));
            assert!((found - number).abs() <= number.abs() / 4000.0, "{number} became {found}");
        }
        assert!(rounded(f64::NAN).is_nan() && rounded(f64::INFINITY) == f32::INFINITY);
    }
}
