//! Under which names the server may be asked.
//!
//! A page from elsewhere may let its own name point at this machine (DNS rebinding); the browser then takes our answers
//! for that page's own. The name that it asks for gives it away: it is not one of ours.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv6Addr},
};

use axum::http::{HeaderMap, Uri, header, uri::Authority};

/// Names and addresses, without ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    names: BTreeSet<String>,
    /// Bound to every address of the machine: any address may be the one that was asked. Rebinding needs a name.
    any_address: bool,
}

impl Default for Hosts {
    /// `localhost`, `127.0.0.1` and `[::1]`.
    fn default() -> Self {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        Hosts { names, any_address: false }
    }
}

impl Hosts {
    /// Also the address that the server is bound to; if that is the unspecified one (0.0.0.0), every address.
    #[must_use]
    pub fn and_address(mut self, address: IpAddr) -> Self {
        self.any_address |= address.is_unspecified();
        self.names.insert(address.to_string());
        self
    }

    /// Also a name.
    #[must_use]
    pub fn and_name(mut self, name: &str) -> Self {
        self.names.insert(name.to_ascii_lowercase());
        self
    }

    /// Whether a request is asked under one of the names.
    pub(crate) fn allow(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let asked = uri.authority().map(Authority::as_str).or_else(|| {
            let mut hosts = headers.get_all(header::HOST).iter();
            let host = hosts.next()?.to_str().ok()?;
            hosts.next().is_none().then_some(host)
        });
        asked.and_then(|asked| asked.parse().ok()).is_some_and(|asked: Authority| {
            let name = asked.host().to_ascii_lowercase();
            // Neither "user@" nor an empty name is anything that a browser sends.
            let is_plain = !name.is_empty() && !asked.as_str().contains('@');
            is_plain && self.contains(&name)
        })
    }

    fn contains(&self, name: &str) -> bool {
        let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        // An address can be written in several ways.
        let address = name.parse::<IpAddr>().ok().or_else(|| name.parse::<Ipv6Addr>().ok().map(IpAddr::V6));
        match address {
            Some(address) => self.any_address || self.names.contains(&address.to_string()),
            None => self.names.contains(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(hosts: &Hosts, host: &str) -> bool {
        let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        hosts.allow(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn only_names_of_this_machine_are_allowed() {
        let hosts = Hosts::default();
        for host in ["localhost", "localhost:6007", "LocalHost:1", "127.0.0.1:6007", "[::1]:6007", "[0:0:0:0:0:0:0:1]"]
        {
            assert!(allows(&hosts, host), "{host}");
        }
        for host in
            ["", "evil.example", "localhost.evil.example", "127.0.0.2", "127.0.0.1.evil.example", "a@localhost", "a b"]
        {
            assert!(!allows(&hosts, host), "{host}");
        }
        assert!(!hosts.allow(&Uri::from_static("/"), &HeaderMap::new()));
        assert!(!hosts.allow(&Uri::from_static("http://evil.example/"), &HeaderMap::new()));
    }

    #[test]
    fn the_bound_address_and_given_names_are_allowed() {
        let hosts = Hosts::default().and_address([192, 0, 2, 1].into()).and_name("Box.example");
        assert!(allows(&hosts, "192.0.2.1:6007") && allows(&hosts, "box.example:80"));
        assert!(!allows(&hosts, "192.0.2.2:6007"));
    }

    #[test]
    fn every_address_but_no_name_is_allowed_on_all_interfaces() {
        let hosts = Hosts::default().and_address([0, 0, 0, 0].into());
        assert!(allows(&hosts, "192.0.2.7:6007"));
        assert!(!allows(&hosts, "evil.example:6007"));
    }
}
