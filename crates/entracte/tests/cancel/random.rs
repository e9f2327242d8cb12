//! Random programs of blocks within blocks, cut off everywhere.
//!
//! `SEED=17 cargo test --test cancel random` replays one program; `PROGRAMS=2000` tries more.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use entracte::{
    catch_cancel, finally, gather, local_group, shield, sleep, spawn, task_group, timeout,
};
use futures::future::{LocalBoxFuture, join, join_all};
use futures::stream::{FuturesUnordered, StreamExt};

use crate::everywhere::{Scenario, Stage, everywhere};
use crate::log::ms;

/// A sequence of numbers that a seed determines.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}

type Block = LocalBoxFuture<'static, ()>;

/// Makes blocks, and counts what they have begun and not cleaned up.
struct Maker {
    dice: Dice,
    stage: Stage,
    open: Rc<Cell<i32>>,
    /// Whether blocks may be dropped without being asked first.
    drops: bool,
    /// The program so far, to be printed when it fails.
    text: String,
}

const KINDS: [&str; 14] = [
    "sleep",
    "then",
    "finally",
    "finally",
    "catch",
    "timeout",
    "shield",
    "join",
    "unordered",
    "group",
    "spawn",
    "local",
    "select",
    "parked",
];

impl Maker {
    fn millis(&mut self) -> Duration {
        let millis = self.dice.roll(4);
        self.text += &format!(" {millis}");
        ms(millis)
    }

    fn coin(&mut self, name: &str) -> bool {
        let heads = self.dice.roll(2) == 0;
        if heads {
            self.text += name;
        }
        heads
    }

    fn two(&mut self, depth: u32) -> (Block, Block) {
        (self.block(depth), self.block(depth))
    }

    fn block(&mut self, depth: u32) -> Block {
        let kinds = if self.drops { 14 } else { 12 };
        let kind = if depth == 0 { 0 } else { self.dice.roll(kinds) };
        self.text += &format!(" ({}", KINDS[usize::try_from(kind).expect("it is small")]);
        let block = self.block_of(kind, depth);
        self.text.push(')');
        block
    }

    fn block_of(&mut self, kind: u64, depth: u32) -> Block {
        match kind {
            0 => Box::pin(sleep(self.millis())),
            1 => {
                let (one, two) = self.two(depth - 1);
                Box::pin(async {
                    one.await;
                    two.await;
                })
            }
            2 | 3 => self.balanced(depth - 1),
            4 => self.caught(depth - 1),
            5 => {
                let (limit, block) = (self.millis(), self.block(depth - 1));
                Box::pin(async move {
                    let _is_in_time = timeout(limit, block).await.is_ok();
                })
            }
            6 => Box::pin(shield(self.block(depth - 1))),
            7 => {
                let (one, two) = self.two(depth - 1);
                Box::pin(async {
                    join(one, two).await;
                })
            }
            8 => self.unordered(depth - 1),
            9 => self.grouped(depth - 1),
            10 => self.spawned(depth - 1),
            11 => self.local(depth - 1),
            12 => {
                let (one, two) = self.two(depth - 1);
                Box::pin(async {
                    tokio::select! { biased; () = one => {}, () = two => {} }
                })
            }
            _ => self.parked(depth - 1),
        }
    }

    /// A block and a clean-up that nothing interrupts, which makes up for its beginning.
    fn balanced(&mut self, depth: u32) -> Block {
        let (block, clean_up) = self.two(depth);
        let open = Rc::clone(&self.open);
        let closes = Rc::clone(&self.open);
        Box::pin(async move {
            let block = async {
                open.set(open.get() + 1);
                block.await;
            };
            let clean_up = shield(async move {
                closes.set(closes.get() - 1);
                clean_up.await;
            });
            finally(block, clean_up).await;
        })
    }

    fn caught(&mut self, depth: u32) -> Block {
        let (block, clean_up) = self.two(depth);
        let swallows = self.coin(" swallows");
        Box::pin(async move {
            if let Err(cancelled) = catch_cancel(block).await {
                clean_up.await;
                if !swallows {
                    cancelled.propagate().await;
                }
            }
        })
    }

    fn unordered(&mut self, depth: u32) -> Block {
        let blocks = [0, 1, 2].map(|_| self.block(depth));
        if self.coin(" join_all") {
            return Box::pin(async move { drop(join_all(blocks).await) });
        }
        Box::pin(async move {
            let mut blocks: FuturesUnordered<_> = blocks.into_iter().collect();
            while blocks.next().await.is_some() {}
        })
    }

    fn grouped(&mut self, depth: u32) -> Block {
        let (one, two) = self.two(depth);
        let block = self.block(depth);
        let fails = self.coin(" fails");
        let stage = self.stage.clone();
        Box::pin(async move {
            let group = task_group(async move |group| {
                group.spawn(stage.actor(one));
                group.spawn(stage.actor(async move {
                    two.await;
                    if fails { Err("failed") } else { Ok(()) }
                }));
                block.await;
            });
            drop(group.await);
        })
    }

    fn spawned(&mut self, depth: u32) -> Block {
        let (one, two) = self.two(depth);
        let gathers = self.coin(" gathers");
        let stage = self.stage.clone();
        Box::pin(async move {
            if gathers {
                drop(gather((stage.actor(one), stage.actor(two))).await);
            } else {
                let task = spawn(stage.actor(one));
                two.await;
                drop(task.await);
            }
        })
    }

    fn local(&mut self, depth: u32) -> Block {
        let (one, two) = self.two(depth);
        Box::pin(async move {
            let group = local_group(async move |group| {
                group.spawn(one);
                two.await;
            });
            drop(group.await);
        })
    }

    /// A block that is begun, left alone for a while, and taken up again.
    fn parked(&mut self, depth: u32) -> Block {
        let (mut one, two) = self.two(depth);
        let pause = self.millis();
        Box::pin(async move {
            tokio::select! { biased; () = &mut one => {}, () = sleep(pause) => {
                two.await;
            } }
        })
    }
}

fn run(seed: u64, drops: bool) {
    let name = format!("random {seed} {drops}");
    everywhere(&name, |stage| {
        let open = Rc::new(Cell::new(0));
        let mut maker = Maker {
            dice: Dice(seed),
            stage: stage.clone(),
            open: Rc::clone(&open),
            drops,
            text: String::new(),
        };
        let depth = 1 + u32::try_from(seed % 4).expect("it is small");
        let block = maker.block(depth);
        let shown = Shown(maker.text);
        let stage = stage.clone();
        let program = async move {
            // In a task, which is asked where the main program is dropped.
            drop(stage.spawn(block).await);
        };
        Scenario::new(program, move || {
            if !drops {
                assert_eq!(open.get(), 0, "a clean-up did not run");
            }
            drop(shown);
        })
    });
}

/// Prints a program if the test fails.
struct Shown(String);

impl Drop for Shown {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

fn run_all(drops: bool) {
    if let Ok(seed) = std::env::var("SEED") {
        return run(seed.parse().expect("SEED is a number"), drops);
    }
    let programs = std::env::var("PROGRAMS").ok();
    let programs = programs.map_or(200, |it| it.parse().expect("PROGRAMS is a number"));
    for seed in 0..programs {
        run(seed, drops);
    }
}

#[test]
fn random_programs_clean_up_and_end_wherever_they_are_cut_off() {
    run_all(false);
}

#[test]
fn random_programs_with_blocks_that_are_dropped_end_wherever_they_are_cut_off() {
    run_all(true);
}
