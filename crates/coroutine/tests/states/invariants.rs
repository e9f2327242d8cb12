//! C1, C2 and C3 of `src/state.rs`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use entracte_coroutine::{Co, Coroutine, SharedCoroutine, State};

use crate::forms::{Form, each_form};
use crate::walks::{Random, walks};
use crate::{SENT, VERBS, act, said};

/// Coroutines that resume each other at random, and the flags that say which are on the stack.
struct Ring {
    members: RefCell<Vec<SharedCoroutine<'static, u64, u64, ()>>>,
    on_stack: Vec<Cell<bool>>,
    random: RefCell<Random>,
    refused: Cell<u32>,
    resumed: Cell<u32>,
}

impl Ring {
    fn pick(&self, below: u64) -> usize {
        usize::try_from(self.random.borrow_mut().below(below)).expect("small")
    }

    /// Resumes a member at random; it must refuse if and only if it is on the stack.
    fn resume_any(&self) {
        let which = self.pick(self.on_stack.len() as u64);
        let verb = VERBS[self.pick(4)];
        let running = self.on_stack[which].get();
        let mut member = self.members.borrow()[which].clone();
        let answer = act(&mut member, verb, SENT);
        assert_eq!(answer == "AlreadyRunning", running, "{which} {verb:?}");
        assert_eq!(self.on_stack[which].get(), running, "{which} {verb:?}");
        let count = if running {
            &self.refused
        } else {
            &self.resumed
        };
        count.set(count.get() + 1);
    }

    /// One run of a member, from a yield to the next.
    fn run(&self, which: usize) {
        assert!(
            !self.on_stack[which].replace(true),
            "C1: on the stack twice"
        );
        for _ in 0..self.pick(3) {
            self.resume_any();
        }
        self.on_stack[which].set(false);
    }
}

#[test]
fn c1_a_body_is_on_the_stack_at_most_once() {
    const MEMBERS: usize = 5;
    let (mut refused, mut resumed) = (0, 0);
    let walked = walks(200, |random| {
        let ring = Rc::new(Ring {
            members: RefCell::default(),
            on_stack: vec![Cell::new(false); MEMBERS],
            random: RefCell::new(random),
            refused: Cell::new(0),
            resumed: Cell::new(0),
        });
        let members = (0..MEMBERS).map(|which| {
            let ring = ring.clone();
            let body = async move |mut co: Co<'_, u64, u64>| loop {
                ring.run(which);
                // It stays alive: interrupts are swallowed.
                let _swallowed = co.try_yield(0).await;
            };
            Coroutine::new(body).shared()
        });
        let members: Vec<_> = members.collect();
        ring.members.borrow_mut().extend(members);
        for _ in 0..30 {
            ring.resume_any();
        }
        refused += ring.refused.get();
        resumed += ring.resumed.get();
        // The members hold the ring, and the ring holds them.
        ring.members.take();
    });
    // One walk that is replayed need not meet both.
    let met_both = refused > 100 && resumed > 100;
    assert!(met_both || walked == 1, "{refused} {resumed}");
}

#[test]
fn c2_nothing_leaves_closed() {
    let ran = Cell::new(0);
    let walked = walks(200, |mut random| {
        let (ends, seed) = (random.below(4), random.below(u64::MAX));
        each_form(
            async |mut co: Co<'_, u64, u64>| {
                let _: u64 = co.yield_(0).await;
                if ends == 1 {
                    co.raise("raised").await;
                }
            },
            |co: &mut dyn Form<u64, u64>| {
                match ends {
                    0 | 1 => {
                        assert_eq!(said(co.next()), "yielded 0");
                        assert!(co.send(SENT).is_err());
                    }
                    2 => assert!(co.throw("before the start").is_err()),
                    _ => assert!(co.close().is_ok()),
                }
                let mut random = Random::new(seed);
                for _ in 0..20 {
                    assert_eq!(co.state(), State::Closed);
                    let verb = VERBS[usize::try_from(random.below(4)).expect("small")];
                    let answer = act(co, verb, SENT);
                    let quiet = ["finished", "closed", "raised thrown"];
                    assert!(quiet.contains(&answer.as_str()), "{verb:?}: {answer}");
                }
                ran.set(ran.get() + 1);
            },
        );
    });
    assert_eq!(ran.get(), 4 * walked, "on each of four forms");
}

#[test]
fn c3_close_on_a_created_one_never_runs_its_body() {
    let ran = Cell::new(false);
    each_form(
        async |mut co: Co<'_, u64, u64>| {
            ran.set(true);
            let _: u64 = co.yield_(0).await;
        },
        |co: &mut dyn Form<u64, u64>| {
            // A refused `send` is not a start.
            assert_eq!(said(co.send(SENT)), "NotStarted");
            assert!(matches!(co.close(), Ok(None)));
            assert_eq!(co.state(), State::Closed);
            for verb in VERBS {
                act(co, verb, SENT);
            }
        },
    );
    assert!(!ran.get());
}
