//! Several futures together: `gather`, `wait`, `as_completed`, `race`.
//!
//! Each future becomes a task of its own. What awaits them is told of each that ends, once, and
//! never has to look at all of them.
//!
//! - **J1** Whoever awaits several wakes in the turn in which asyncio wakes it: the second after
//!   the one in which the child ended that decided.
//! - **J2** A child that is cancelled counts as ended when its clean-up is over.

mod as_completed;
mod bell;
mod child;
mod gather;
mod race;
mod shapes;
mod wait;
mod watch;

pub use as_completed::{AsCompleted, as_completed};
pub use gather::{Gathering, gather};
pub use race::{Raced, race};
pub use shapes::Gather;
pub use wait::{NoTasks, When, wait, wait_within};
