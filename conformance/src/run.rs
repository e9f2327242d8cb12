//! Runs one program over entracte and gives its trace.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use crate::asynchronous;
use crate::handle::{Handle, perform, state};
use crate::input::Input;
use crate::interpret::boxed;
use crate::own::stacked_root;
use crate::program::{Block, Program, RootForm, Stmt, Target, Value, Whom};
use crate::world::World;

/// Runs the program over synchronous coroutines, in the forms that it says.
///
/// A panic is part of the trace, for Python has none. `close_gives_value` says which `close` to
/// compare with (rule E04).
pub fn run(program: &Program, close_gives_value: bool) -> String {
    run_either(program, close_gives_value, false)
}

/// Runs the program over asynchronous coroutines that wait here and there.
///
/// It must not [reach shared ones](reaches_shared).
pub fn run_async(program: &Program, close_gives_value: bool) -> String {
    run_either(program, close_gives_value, true)
}

/// Whether a body reaches a shared coroutine.
pub fn reaches_shared(program: &Program) -> bool {
    fn within(block: &Block) -> bool {
        block.iter().any(|stmt| {
            let here = match stmt {
                Stmt::Delegate {
                    target: Target::Whom { whom, .. },
                    ..
                }
                | Stmt::Resume { whom, .. }
                | Stmt::Look { whom, .. } => matches!(whom, Whom::Shared(_)),
                _ => false,
            };
            here || stmt.blocks().into_iter().any(within)
        })
    }
    program.bodies.iter().any(within)
}

fn run_either(program: &Program, close_gives_value: bool, asynchronous: bool) -> String {
    let program = program.clone();
    if program.pull {
        run_world(World::<()>::new(program, close_gives_value, asynchronous))
    } else {
        run_world(World::<Value>::new(
            program,
            close_gives_value,
            asynchronous,
        ))
    }
}

fn run_world<S: Input>(world: World<S>) -> String {
    let world = Rc::new(world);
    let result = catch_unwind(AssertUnwindSafe(|| {
        if world.asynchronous {
            asynchronous::steps(&world);
        } else {
            steps(&world);
        }
    }));
    let mut trace = world.trace();
    if let Err(payload) = result {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        trace.push_str(" PANIC:");
        trace.push_str(message.unwrap_or("?"));
    }
    trace
}

fn steps<S: Input>(world: &Rc<World<S>>) {
    let mut roots: Vec<Box<dyn Handle<S>>> = Vec::new();
    for root in &world.program.roots {
        let mut shared = None;
        roots.push(match root.form {
            RootForm::Boxed => Box::new(boxed(world, root.body)),
            RootForm::Stack => stacked_root(world, root.body),
            RootForm::Shared => {
                let coroutine = boxed(world, root.body).shared();
                shared = Some(coroutine.clone());
                Box::new(coroutine)
            }
        });
        world.shared.borrow_mut().push(shared);
    }
    for step in &world.program.steps {
        let root = &mut *roots[step.root];
        // Caught: the driver goes on whatever comes of it.
        drop(perform(
            world,
            format_args!("{}:", step.root),
            root,
            &step.verb,
        ));
        world.log(format_args!("/{}", state(root)));
    }
    // The bodies hold the world, and the world the shared ones: cut here, or nothing is freed.
    let shared = world.shared.take();
    drop(roots);
    drop(shared);
}
