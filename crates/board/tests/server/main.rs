//! The server from the outside, over a socket: who may ask, what is answered, and what is said while a log grows.

mod answers;
mod client;
mod findings;
mod live;
mod safety;
