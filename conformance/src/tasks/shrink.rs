//! Makes a diverging program of tasks smaller while it still diverges.

use super::program::{Block, Numbers, Program, Stmt};

/// No more candidates than this are tried.
const MOST_TRIES: usize = 5_000;

/// Shrinks a program for which `diverges` holds.
pub fn shrink(program: &Program, mut diverges: impl FnMut(&Program) -> bool) -> Program {
    let mut best = program.clone();
    let mut tries = 0;
    'again: loop {
        for mut candidate in candidates(&best) {
            candidate.number();
            tries += 1;
            if tries > MOST_TRIES {
                return best;
            }
            if diverges(&candidate) {
                best = candidate;
                continue 'again;
            }
        }
        return best;
    }
}

/// Programs that are a little smaller, the largest cuts first.
fn candidates(program: &Program) -> Vec<Program> {
    let mut all = Vec::new();
    if let Some((last, rest)) = program.bodies.split_last()
        && last.is_empty()
        && !rest.is_empty()
        && !names(rest, rest.len())
    {
        all.push(Program {
            bodies: rest.to_vec(),
        });
    }
    for (index, body) in program.bodies.iter().enumerate() {
        for smaller in blocks(body) {
            let mut candidate = program.clone();
            candidate.bodies[index] = smaller;
            all.push(candidate);
        }
    }
    all
}

/// Whether a statement has this number: it may be that of a task.
fn names(bodies: &[Block], number: usize) -> bool {
    bodies.iter().flatten().any(|stmt| {
        let is_it = |it: &u32| usize::try_from(*it) == Ok(number);
        stmt.numbers.iter().any(is_it) || names(&stmt.blocks, number)
    })
}

/// Smaller blocks: a statement gone, replaced by its insides, or made plainer.
fn blocks(block: &Block) -> Vec<Block> {
    let mut all = Vec::new();
    if block.len() > 1 {
        all.push(Vec::new());
    }
    for (index, stmt) in block.iter().enumerate() {
        let mut put = |replacement: Vec<Stmt>| {
            let mut candidate = block.clone();
            candidate.splice(index..=index, replacement);
            all.push(candidate);
        };
        put(Vec::new());
        for inside in &stmt.blocks {
            put(inside.clone());
        }
        for plainer in plainer(stmt) {
            put(vec![plainer]);
        }
    }
    all
}

/// The statement with fewer or smaller numbers, or with smaller blocks.
fn plainer(stmt: &Stmt) -> Vec<Stmt> {
    let mut all = Vec::new();
    let fixed = match stmt.verb.numbers() {
        Numbers::Just(count) | Numbers::AndTasks(count) => count,
    };
    for at in fixed..stmt.numbers.len() {
        let mut smaller = stmt.clone();
        smaller.numbers.remove(at);
        all.push(smaller);
    }
    for (at, number) in stmt.numbers.iter().enumerate() {
        for less in [0, number / 2, number.saturating_sub(1)] {
            let mut smaller = stmt.clone();
            smaller.numbers[at] = less;
            if less < *number {
                all.push(smaller);
            }
        }
    }
    for (at, inside) in stmt.blocks.iter().enumerate() {
        for smaller_block in blocks(inside) {
            let mut smaller = stmt.clone();
            smaller.blocks[at] = smaller_block;
            all.push(smaller);
        }
    }
    all
}
