//! The token that is asked for when others than this machine can reach the server.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;

use crate::Prefix;

/// 32 bytes of the operating system's randomness, in hexadecimal digits.
#[derive(Clone)]
pub struct Token {
    text: String,
    /// Cookies are shared by all ports of a host, so another board's must have another name.
    cookie: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}

impl Token {
    /// A new one.
    ///
    /// # Errors
    ///
    /// If the operating system has no randomness to give.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let text = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let cookie = format!("headwater-{:08x}", BuildHasherDefault::<DefaultHasher>::default().hash_one(&text) as u32);
        Ok(Token { text, cookie })
    }

    /// As it stands in an address: `?token=...`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is it. How long this takes says nothing of where they differ.
    pub(crate) fn is(&self, other: &str) -> bool {
        self.text.as_bytes().ct_eq(other.as_bytes()).into()
    }

    /// Whether a request carries it, in a cookie or as `Authorization: Bearer`.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        let texts = |name| headers.get_all(name).into_iter().filter_map(|value: &HeaderValue| value.to_str().ok());
        let bearer = texts(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer "));
        let cookies = texts(header::COOKIE).flat_map(|value| value.split("; "));
        let cookies = cookies.filter_map(|cookie| cookie.split_once('=')).filter(|(name, _)| *name == self.cookie);
        bearer.chain(cookies.map(|(_, value)| value)).any(|token| self.is(token.trim()))
    }

    /// What makes a browser bring it with every request below a prefix, and to the prefix itself, which leads there.
    ///
    /// `SameSite=Lax`: a link in another site's page, a mail or a chat ends in a redirect, and a strict cookie would be
    /// missing there. Other sites' own requests still come without it, and nothing that is asked changes anything.
    pub(crate) fn set_cookie(&self, prefix: &Prefix) -> String {
        let path = if prefix.as_str().is_empty() { "/" } else { prefix.as_str() };
        format!("{}={}; Path={path}; HttpOnly; SameSite=Lax", self.cookie, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_random_and_fit_for_an_address() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(one.as_str().len(), 64);
        assert!(one.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(one.is(one.as_str()) && !one.is(other.as_str()) && !one.is("") && !one.is(&one.as_str()[1..]));
    }

    #[test]
    fn it_is_found_among_other_cookies_and_credentials() {
        let token = Token::random().unwrap();
        let with = |name, value: String| token.is_in(&HeaderMap::from_iter([(name, value.parse().unwrap())]));
        let cookie = token.set_cookie(&Prefix::default()).split(';').next().unwrap().to_owned();
        assert!(with(header::COOKIE, format!("a=b; {cookie}; c=d")));
        assert!(with(header::AUTHORIZATION, format!("Bearer {}", token.as_str())));
        assert!(!with(header::COOKIE, format!("other={}", token.as_str())));
        assert!(!with(header::AUTHORIZATION, format!("Basic {}", token.as_str())));
        assert!(!format!("{token:?}").contains(token.as_str()));
    }
}
