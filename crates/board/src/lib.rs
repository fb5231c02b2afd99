//! The board: a web server and the page on which a log directory is looked at.
//!
//! [`app`] is the whole server but for its socket: the page's files, and what they ask for. It reads records and nothing
//! else, so a live run and a finished one, ours and a foreign one, take the same path. Nothing that it answers changes
//! anything.
//!
//! What a request passes on its way in: the allow-list of hosts ([`Options::hosts`]), the token ([`Options::token`]),
//! the limits. What an answer passes on its way out: an `ETag`, compression, the security headers.

mod answer;
mod answer_memory;
mod app;
mod assets;
mod board;
mod catalogue;
mod data;
mod digest;
mod error;
mod events;
mod extract;
mod feed;
mod findings;
mod frame;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod hosts;
mod judge;
mod live;
mod measures;
mod number;
mod pace;
mod pixels;
mod prefix;
mod scalars;
mod serve;
mod status;
mod token;
mod work;

pub use app::{Options, app};
pub use hosts::Hosts;
pub use measures::{Profiled, profiled};
pub use prefix::{Prefix, PrefixError};
pub use serve::serve;
pub use token::Token;

pub(crate) use board::Board;
