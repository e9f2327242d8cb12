//! What the documentation of `entracte::sync` promises, one test each.

mod barrier;
mod condition;
mod dice;
mod event;
mod foreign;
mod hand;
mod in_a_loop;
mod lock;
mod model;
mod promise;
mod queue;
mod queue_ends;
mod queue_orders;
mod semaphore;
