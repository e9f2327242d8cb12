//! Makes random programs of tasks.

use super::program::{Block, Program, Stmt, Verb};
use super::sync::kinds;
use crate::random::Random;

/// How often a statement is of each verb.
const WEIGHTS: &[(Verb, usize)] = &[
    (Verb::Sleep, 24),
    (Verb::Raise, 4),
    (Verb::Catch, 6),
    (Verb::Rethrow, 4),
    (Verb::Finally, 8),
    (Verb::Except, 8),
    (Verb::Timeout, 8),
    (Verb::Spawn, 12),
    (Verb::Cancel, 10),
    (Verb::Await, 10),
    (Verb::Gather, 5),
    (Verb::Outcomes, 4),
    (Verb::Wait, 6),
    (Verb::Group, 7),
    (Verb::Put, 7),
    (Verb::Get, 8),
    (Verb::TryPut, 3),
    (Verb::TryGet, 3),
    (Verb::TaskDone, 3),
    (Verb::Join, 2),
    (Verb::Size, 2),
    (Verb::Lock, 7),
    (Verb::Permit, 6),
    (Verb::Set, 3),
    (Verb::Clear, 2),
    (Verb::Event, 4),
    (Verb::Notified, 4),
    (Verb::Notify, 4),
    (Verb::Barrier, 6),
    (Verb::Reset, 1),
    (Verb::Break, 1),
];

/// Blocks within blocks go no deeper.
const DEEPEST: usize = 3;

/// Makes the program number `index` of a run with `seed`.
#[must_use]
pub fn make(seed: u64, index: u64) -> Program {
    let mut random = Random::of_program(seed, index);
    let tasks = 2 + random.weighted(&[10, 25, 30, 20, 15]);
    let mut maker = Maker {
        random: &mut random,
        tasks,
        number: 0,
    };
    let mut bodies = Vec::new();
    for number in 0..tasks {
        maker.number = number;
        bodies.push(maker.block(0));
    }
    // Most of the tasks are started early, so that there is something to see.
    for number in (1..tasks).rev() {
        if maker.random.chance(45) {
            let number = small(number);
            bodies[0].insert(0, stmt(Verb::Spawn, vec![number], Vec::new()));
        }
    }
    let mut program = Program { bodies };
    program.number();
    program
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("the numbers of programs are small")
}

const fn stmt(verb: Verb, numbers: Vec<u32>, blocks: Vec<Block>) -> Stmt {
    Stmt {
        site: 0,
        verb,
        numbers,
        blocks,
    }
}

struct Maker<'r> {
    random: &'r mut Random,
    tasks: usize,
    /// The task that the statements are for.
    number: usize,
}

impl Maker<'_> {
    fn block(&mut self, depth: usize) -> Block {
        let weights: &[usize] = if depth == 0 {
            &[0, 15, 30, 25, 20, 10]
        } else {
            &[6, 50, 30, 14]
        };
        let count = self.random.weighted(weights);
        (0..count).map(|_| self.stmt(depth)).collect()
    }

    fn stmt(&mut self, depth: usize) -> Stmt {
        loop {
            let weights: Vec<_> = WEIGHTS.iter().map(|(_, weight)| *weight).collect();
            let (verb, _) = WEIGHTS[self.random.weighted(&weights)];
            let waits_for_tasks = matches!(
                verb,
                Verb::Await | Verb::Gather | Verb::Outcomes | Verb::Group | Verb::Wait
            );
            if verb.blocks() > 0 && depth == DEEPEST
                || waits_for_tasks && self.number + 1 == self.tasks
            {
                continue;
            }
            let numbers = self.numbers(verb);
            let blocks = (0..verb.blocks()).map(|_| self.block(depth + 1));
            let blocks = blocks.collect();
            return stmt(verb, numbers, blocks);
        }
    }

    fn below(&mut self, limit: usize) -> u32 {
        small(self.random.below(limit))
    }

    /// A task that this one may wait for, if there is one.
    fn above(&mut self) -> u32 {
        let left = self.tasks - 1 - self.number;
        small(self.number) + 1 + self.below(left.max(1))
    }

    fn thing(&mut self, verb: Verb) -> u32 {
        self.below(kinds(verb))
    }

    fn some_tasks(&mut self) -> Vec<u32> {
        let count = 1 + self.random.weighted(&[30, 45, 25]);
        (0..count).map(|_| self.above()).collect()
    }

    fn numbers(&mut self, verb: Verb) -> Vec<u32> {
        match verb {
            Verb::Catch | Verb::Rethrow | Verb::Finally | Verb::Except => Vec::new(),
            Verb::Sleep => vec![small(self.random.weighted(&[25, 20, 20, 10, 10, 10, 5]))],
            Verb::Timeout => vec![self.below(7)],
            Verb::Raise => vec![1 + self.below(4)],
            Verb::Spawn => vec![1 + self.below(self.tasks - 1)],
            Verb::Await => vec![self.above()],
            Verb::Cancel => vec![self.below(self.tasks)],
            Verb::Gather | Verb::Outcomes | Verb::Group => self.some_tasks(),
            Verb::Wait => {
                let limit = small(self.random.weighted(&[60, 10, 10, 10, 10]));
                let mut numbers = vec![self.below(3), limit];
                numbers.extend(self.some_tasks());
                numbers
            }
            Verb::Put | Verb::TryPut | Verb::Notify => vec![self.thing(verb), 1 + self.below(5)],
            _ => vec![self.thing(verb)],
        }
    }
}
