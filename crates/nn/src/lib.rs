//! Dense networks with forward and backward side by side.
