//! Names of series that old writers made longer.

/// What the summary operations of old writers put behind a name. `TensorBoard`'s own give the name beside it; `PyTorch`,
/// for texts, does not.
pub(crate) const OLD_ENDINGS: [&str; 5] =
    ["/scalar_summary", "/histogram_summary", "/image_summary", "/audio_summary", "/text_summary"];

/// A tag without the ending of an old writer. None if it has none.
pub(crate) fn plain(tag: &str) -> Option<&str> {
    OLD_ENDINGS.iter().find_map(|ending| tag.strip_suffix(ending)).filter(|name| !name.is_empty())
}
