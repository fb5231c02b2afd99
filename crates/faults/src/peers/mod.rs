//! Other tools' rules, on the same logs.
