//! The path below which everything stands when a proxy hands part of its own paths on.

use std::str::FromStr;

/// Empty, or `/segment` once or several times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefix(String);

/// A text that is not a path prefix.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a path prefix: expected /name or /name/name, of letters, digits, '-', '_', '.' and '~'")]
pub struct PrefixError(String);

impl Prefix {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let path = text.strip_suffix('/').unwrap_or(text);
        if path.is_empty() {
            return Ok(Prefix::default());
        }
        let is_name = |name: &str| {
            let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
            is_plain && !["", ".", ".."].contains(&name)
        };
        match path.strip_prefix('/') {
            Some(names) if names.split('/').all(is_name) => Ok(Prefix(path.to_owned())),
            _ => Err(PrefixError(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_made_of_plain_names() {
        for (text, prefix) in [("", ""), ("/", ""), ("/x", "/x"), ("/x/", "/x"), ("/user/me/proxy", "/user/me/proxy")] {
            assert_eq!(text.parse::<Prefix>().unwrap().as_str(), prefix);
        }
        for text in ["x", "//", "//x", "/x//y", "/..", "/{x}", "/a b", "/%2e"] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }
}
