//! Random programs: bodies, the roots made of them, and a driver.

use crate::driver::steps;
use crate::make::Maker;
use crate::program::{Block, Program, Root, RootForm, Stmt, Target};
use crate::random::Random;
use crate::run::{run, run_async};
use crate::valid::valid;

/// So many programs in a row share their bodies, for compiling them is what takes Python longest.
pub const DRIVERS: u64 = 4;

/// Which programs are made, and over what they are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// All forms of synchronous coroutines.
    Coroutine,
    /// Asynchronous coroutines: no shared ones.
    Async,
}

impl Grammar {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Grammar::Coroutine => "coroutine",
            Grammar::Async => "async-coroutine",
        }
    }

    /// Runs a program of this grammar over entracte.
    pub fn run(self, program: &Program, close_gives_value: bool) -> String {
        match self {
            Grammar::Coroutine => run(program, close_gives_value),
            Grammar::Async => run_async(program, close_gives_value),
        }
    }
}

/// Makes the program number `index` of a run with `seed`.
pub fn generate(grammar: Grammar, seed: u64, index: u64) -> Program {
    let mut random = Random::of_program(seed, index / DRIVERS);
    loop {
        let mut program = attempt(grammar, &mut random);
        if valid(&program) {
            empty_unused(&mut program);
            program.number();
            let mut random = Random::of_program(!seed, index);
            program.steps = steps(&mut random, program.pull, program.roots.len());
            return program;
        }
    }
}

fn attempt(grammar: Grammar, random: &mut Random) -> Program {
    let pull = random.chance(15);
    let count = 1 + random.weighted(&[15, 30, 35, 20]);
    let roots = roots(grammar, random, count);
    let shared = |(index, root): (usize, &Root)| (root.form == RootForm::Shared).then_some(index);
    let shared: Vec<usize> = roots.iter().enumerate().filter_map(shared).collect();
    let mut maker = Maker {
        random,
        pull,
        count,
        shared,
    };
    let bodies = (0..count).map(|body| maker.body(body)).collect();
    Program {
        pull,
        bodies,
        roots,
        steps: Vec::new(),
    }
}

/// Empties the bodies of which no coroutine is ever made.
fn empty_unused(program: &mut Program) {
    let mut used = vec![false; program.bodies.len()];
    for root in &program.roots {
        used[root.body] = true;
    }
    for body in 0..used.len() {
        if used[body] {
            mark_created(&program.bodies[body], &mut used);
        } else {
            program.bodies[body].clear();
        }
    }
}

fn mark_created(block: &Block, used: &mut [bool]) {
    for stmt in block {
        match stmt {
            Stmt::Own { body, .. }
            | Stmt::Delegate {
                target: Target::Fresh { body, .. },
                ..
            } => {
                used[*body] = true;
            }
            _ => {}
        }
        stmt.blocks()
            .into_iter()
            .for_each(|block| mark_created(block, used));
    }
}

fn roots(grammar: Grammar, random: &mut Random, count: usize) -> Vec<Root> {
    let roots = 1 + random.weighted(&[50, 30, 20]);
    let root = |index: usize| {
        let form = match random.weighted(&[50, 30, 20]) {
            _ if grammar == Grammar::Async => RootForm::Boxed,
            0 => RootForm::Shared,
            1 => RootForm::Boxed,
            _ => RootForm::Stack,
        };
        Root {
            body: if index == 0 { 0 } else { random.below(count) },
            form,
        }
    };
    (0..roots).map(root).collect()
}
