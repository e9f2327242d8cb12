//! `Order`: who is called next, wherever several are ready.

use std::cell::RefCell;
use std::rc::Rc;

use entracte_event_loop::{Random, Schedule, SeededRandom};

use crate::explore::Script;
use crate::world::World;

/// Told apart from the seed itself, so that the order and what a program draws have nothing to do
/// with each other.
const OF_THE_ORDER: u64 = 0x6f72_6465_7221;

/// How the order of the ready callbacks is found.
#[derive(Clone)]
pub(crate) enum Order {
    /// First in, first out, as asyncio has it.
    Fifo,
    /// Any of them, each as likely as any other.
    Seeded,
    /// First in, first out but where the script says otherwise.
    Scripted(Rc<RefCell<Script>>),
}

/// The schedule of a simulation's loop, which is also what counts its steps.
pub(crate) struct SimSchedule {
    world: Rc<World>,
    order: Order,
    random: SeededRandom,
}

impl SimSchedule {
    pub(crate) fn new(world: Rc<World>, order: Order, seed: u64) -> Self {
        Self {
            world,
            order,
            random: SeededRandom::from_seed(seed ^ OF_THE_ORDER),
        }
    }
}

impl Schedule for SimSchedule {
    fn pick(&mut self, ready: usize) -> usize {
        self.world.count_step();
        if ready < 2 {
            return 0;
        }
        match &self.order {
            Order::Fifo => 0,
            Order::Seeded => self.random.below(ready as u64) as usize,
            Order::Scripted(script) => script.borrow_mut().pick(ready),
        }
    }
}
