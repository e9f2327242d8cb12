//! Which programs make sense: what the generator promises and the shrinker must keep.

use crate::program::{Program, RootForm, Stmt, Target, Try, Verb, Whom};

/// More events than this in one body, all loops run, are too many.
const MOST_WORK: usize = 1500;

/// What surrounds a statement.
#[derive(Clone, Copy)]
struct Place<'a> {
    program: &'a Program,
    body: usize,
    owned: usize,
    in_loop: bool,
    in_handler: bool,
    /// Nothing may jump out of here: the clean-up of `co.finally`.
    walled: bool,
    depth: usize,
}

/// Whether both sides can run the program, and it ends soon.
pub fn valid(program: &Program) -> bool {
    let count = program.bodies.len();
    let roots = program.roots.iter().all(|root| root.body < count);
    let steps = program
        .steps
        .iter()
        .all(|step| step.root < program.roots.len() && verb_fits(&step.verb, program.pull));
    let bodies = program.bodies.iter().enumerate().all(|(body, block)| {
        let place = Place {
            program,
            body,
            owned: 0,
            in_loop: false,
            in_handler: false,
            walled: false,
            depth: 0,
        };
        place.block(block)
    });
    roots && steps && bodies && work(program) <= MOST_WORK
}

fn verb_fits(verb: &Verb, pull: bool) -> bool {
    match verb {
        Verb::Send(_) => !pull,
        Verb::Each => pull,
        _ => true,
    }
}

impl Place<'_> {
    fn block(self, block: &[Stmt]) -> bool {
        let deeper = Self {
            depth: self.depth + 1,
            ..self
        };
        // CPython allows twenty nested blocks.
        deeper.depth < 12 && block.iter().all(|stmt| deeper.stmt(stmt))
    }

    fn stmt(self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Return(_) => !self.walled,
            Stmt::Reraise => self.in_handler,
            Stmt::Break | Stmt::Continue => self.in_loop,
            Stmt::If {
                then, otherwise, ..
            } => self.block(then) && self.block(otherwise),
            Stmt::Loop { times, block } => {
                *times <= 3
                    && Self {
                        in_loop: true,
                        ..self
                    }
                    .block(block)
            }
            Stmt::Try(parts) => self.try_(parts),
            Stmt::Own { body, block, .. } => {
                self.creates(*body)
                    && Self {
                        owned: self.owned + 1,
                        ..self
                    }
                    .block(block)
            }
            Stmt::Delegate { target, .. } => self.target(target),
            Stmt::Resume { whom, verb, .. } => {
                self.sees(*whom) && verb_fits(verb, self.program.pull)
            }
            Stmt::Look { whom, .. } => self.sees(*whom),
            Stmt::Yield { .. } | Stmt::Set(_) | Stmt::Raise(_) => true,
        }
    }

    fn try_(self, parts: &Try) -> bool {
        let handled = !parts.handlers.is_empty();
        let cleaned = parts.clean_up.is_some();
        // `else` needs a handler, and without handlers there must be a clean-up.
        let shape = (handled || cleaned && parts.otherwise.is_none()) && (cleaned || !parts.native);
        let handler = Self {
            in_handler: true,
            ..self
        };
        let mut clean_up = self;
        if parts.native {
            clean_up.walled = true;
            clean_up.in_loop = false;
        }
        shape
            && self.block(&parts.block)
            && parts.handlers.iter().all(|(_, block)| handler.block(block))
            && parts.otherwise.iter().all(|block| self.block(block))
            && parts.clean_up.iter().all(|block| clean_up.block(block))
    }

    fn creates(self, body: usize) -> bool {
        body > self.body && body < self.program.bodies.len()
    }

    fn sees(self, whom: Whom) -> bool {
        match whom {
            Whom::Own(depth) => depth < self.owned,
            Whom::Shared(index) => {
                let root = self.program.roots.get(index);
                root.is_some_and(|root| root.form == RootForm::Shared)
            }
        }
    }

    fn target(self, target: &Target) -> bool {
        let pull = self.program.pull;
        match target {
            Target::Fresh {
                body,
                before,
                first,
            } => {
                self.creates(*body)
                    && before.iter().all(|verb| verb_fits(verb, pull))
                    && !(pull && first.is_some())
            }
            Target::Whom { whom, first } => self.sees(*whom) && !(pull && first.is_some()),
            Target::Items(_) => true,
        }
    }
}

/// The events of all roots if every branch and every round of every loop were taken.
fn work(program: &Program) -> usize {
    let mut bodies = vec![0_usize; program.bodies.len()];
    for body in (0..bodies.len()).rev() {
        bodies[body] = block_work(&program.bodies[body], &bodies);
    }
    program
        .roots
        .iter()
        .fold(0_usize, |sum, root| sum.saturating_add(bodies[root.body]))
}

fn block_work(block: &[Stmt], bodies: &[usize]) -> usize {
    block.iter().fold(0_usize, |sum, stmt| {
        let inner = stmt.blocks().iter().fold(1_usize, |sum, block| {
            sum.saturating_add(block_work(block, bodies))
        });
        let own = match stmt {
            Stmt::Loop { times, .. } => inner.saturating_mul(usize::from(*times)),
            Stmt::Own { body, .. }
            | Stmt::Delegate {
                target: Target::Fresh { body, .. },
                ..
            } => inner.saturating_add(bodies[*body]),
            Stmt::Delegate {
                target: Target::Items(items),
                ..
            } => inner + items.len(),
            _ => inner,
        };
        sum.saturating_add(own)
    })
}
