//! Runs a program of tasks over entracte.

use super::program::Program;
use super::virtual_time;
use super::world::World;

/// The trace of a program over entracte.
///
/// # Panics
///
/// Panics if the program panics, which is an error of entracte.
#[must_use]
pub fn run(program: &Program) -> String {
    let world = World::new(program);
    let ended = virtual_time::run(std::rc::Rc::clone(&world).drive());
    let mut trace = world.trace();
    if let Err(error) = ended {
        let error = error.to_string().replace([' ', '\n'], "_");
        trace.push_str(&format!(" BROKEN:{error}"));
    }
    trace
}
