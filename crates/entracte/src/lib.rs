//! Python's coroutines on stable Rust: the core, re-exported whole.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[doc(no_inline)]
pub use entracte_coroutine as coroutine;
pub use entracte_coroutine::*;
