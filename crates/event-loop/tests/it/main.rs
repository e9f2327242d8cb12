//! The event loop from outside: what its documents promise, one file per area.

mod callbacks;
mod chaos;
mod closing;
mod descriptors;
mod dropping;
mod front_end;
mod looking_in;
mod once_ready;
mod once_ready_wakers;
mod panics;
mod running;
mod stuck;
mod support;
mod threads;
mod timers;
mod turn_order;
mod visiting;
mod wakers;
mod watched;
mod watched_ends;
mod watched_wakers;
