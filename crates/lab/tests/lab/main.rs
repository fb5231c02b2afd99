//! The laboratory from the outside: experiments are trained, and what they recorded is read back.

mod allocations;
mod depth;
mod endings;
mod failures;
mod learning;
mod recorded;
mod records;
mod reproducibility;
mod sweeps;
mod trained;
mod watching;
