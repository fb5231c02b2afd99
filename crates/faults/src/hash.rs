//! A fixed hash, so that what is chosen by it is the same everywhere and for ever.

/// FNV-1a over the bytes, and a finish (that of `SplitMix64`) without which the last bits are hardly mixed.
pub(crate) fn hash(text: &str) -> u64 {
    let fnv = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_changes_and_is_fair() {
        assert_eq!(hash("layer1"), hash("layer1"));
        let odd = (0..1000).filter(|number| hash(&format!("case {number}")) % 2 == 1).count();
        assert!((450..550).contains(&odd), "{odd}");
    }
}
