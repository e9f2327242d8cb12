//! The primitives beside plain models of them: random tasks, cancelled at random, from seeds.
//!
//! `ENTRACTE_SEEDS=100000` walks from more seeds, `FIRST_SEED=8231` from others; `--nocapture` shows
//! how much was compared.

mod barrier;
mod condition;
mod line;
mod permits;
mod queues;
mod walk;
