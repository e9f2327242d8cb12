//! Random bodies: weights chosen so that most pause often and few end at once.

use crate::driver::{failure, small, value, verb};
use crate::program::{
    Block, Cond, Expr, Failure, Filter, OwnForm, Stmt, Target, Try, Value, Verb, Whom,
};
use crate::random::Random;

/// What surrounds the statement that is being made.
#[derive(Clone, Copy)]
struct Place {
    body: usize,
    depth: usize,
    owned: usize,
    in_loop: bool,
    in_handler: bool,
    walled: bool,
}

impl Place {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// Makes the bodies of one program.
pub(crate) struct Maker<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) pull: bool,
    /// How many bodies there are.
    pub(crate) count: usize,
    /// The roots that bodies may reach.
    pub(crate) shared: Vec<usize>,
}

impl Maker<'_> {
    pub(crate) fn body(&mut self, body: usize) -> Block {
        let place = Place {
            body,
            depth: 0,
            owned: 0,
            in_loop: false,
            in_handler: false,
            walled: false,
        };
        let mut block = if self.random.chance(55) {
            self.patient(place)
        } else {
            self.block(place)
        };
        if self.random.chance(40) {
            block.push(Stmt::Return(self.expr()));
        }
        block
    }

    /// A loop around a `try`: a body that survives most of what is thrown at it.
    fn patient(&mut self, place: Place) -> Block {
        let mut attempt = self.try_(Place {
            in_loop: true,
            ..place.deeper()
        });
        if attempt.handlers.is_empty() || self.random.chance(30) {
            let block = vec![Stmt::Yield {
                site: 0,
                expr: self.expr(),
                tried: false,
            }];
            attempt.handlers.push((Filter::Any, block));
        }
        vec![Stmt::Loop {
            times: 3,
            block: vec![Stmt::Try(attempt)],
        }]
    }

    fn block(&mut self, place: Place) -> Block {
        let most = match place.depth {
            0 => 1 + self.random.below(4),
            1 => 1 + self.random.below(3),
            _ => 1 + self.random.below(2),
        };
        (0..most).map(|_| self.stmt(place)).collect()
    }

    fn stmt(&mut self, place: Place) -> Stmt {
        // Structure thins out with the depth.
        let nest = [12, 8, 4, 1, 0][place.depth.min(4)];
        let other = if self.whom(place).is_some() { 8 } else { 0 };
        let delegate = if place.body + 1 < self.count { 16 } else { 5 };
        let once = |allowed: bool, weight: usize| if allowed { weight } else { 0 };
        let weights = [
            34,
            2,
            once(!place.walled, 2),
            4,
            once(place.in_handler, 6),
            once(place.in_loop, 3),
            nest / 2,
            nest / 2,
            nest * 2,
            once(place.body + 1 < self.count, nest / 2),
            delegate,
            other,
        ];
        match self.random.weighted(&weights) {
            0 => Stmt::Yield {
                site: 0,
                expr: self.expr(),
                tried: self.random.chance(15),
            },
            1 => Stmt::Set(self.expr()),
            2 => Stmt::Return(self.expr()),
            3 => Stmt::Raise(self.failure()),
            4 => Stmt::Reraise,
            5 if self.random.chance(50) => Stmt::Break,
            5 => Stmt::Continue,
            6 => self.if_(place),
            7 => {
                let times = u8::try_from(1 + self.random.below(3)).expect("at most 3");
                Stmt::Loop {
                    times,
                    block: self.block(Place {
                        in_loop: true,
                        ..place.deeper()
                    }),
                }
            }
            8 => Stmt::Try(self.try_(place)),
            9 => self.own(place),
            10 => {
                let target = self.target(place);
                Stmt::Delegate {
                    site: 0,
                    target,
                    apart: self.random.chance(12),
                }
            }
            _ => self.other(place),
        }
    }

    fn if_(&mut self, place: Place) -> Stmt {
        let cond = if self.random.chance(40) {
            Cond::IsNone
        } else {
            Cond::Equals(self.small())
        };
        let then = self.block(place.deeper());
        let otherwise = if self.random.chance(40) {
            self.block(place.deeper())
        } else {
            Vec::new()
        };
        Stmt::If {
            cond,
            then,
            otherwise,
        }
    }

    fn try_(&mut self, place: Place) -> Try {
        let inside = place.deeper();
        let block = self.block(inside);
        let shape = self.random.weighted(&[50, 25, 25]);
        let handlers = if shape == 1 {
            0
        } else {
            1 + self.random.weighted(&[70, 30])
        };
        let handler = Place {
            in_handler: true,
            ..inside
        };
        let handlers: Vec<_> = (0..handlers)
            .map(|_| (self.filter(), self.handler(handler)))
            .collect();
        let otherwise =
            (!handlers.is_empty() && self.random.chance(10)).then(|| self.block(inside));
        let native = shape != 0 && self.random.chance(50);
        let clean_up = (shape != 0).then(|| {
            if native {
                self.block(Place {
                    walled: true,
                    in_loop: false,
                    ..inside
                })
            } else {
                self.block(inside)
            }
        });
        Try {
            site: 0,
            block,
            handlers,
            otherwise,
            clean_up,
            native,
        }
    }

    fn handler(&mut self, place: Place) -> Block {
        let mut block = if self.random.chance(25) {
            Vec::new()
        } else {
            self.block(place)
        };
        if self.random.chance(20) {
            let target = self.target(place);
            block.push(Stmt::Delegate {
                site: 0,
                target,
                apart: self.random.chance(12),
            });
        }
        block
    }

    fn own(&mut self, place: Place) -> Stmt {
        let body = self.later(place);
        let form = match self.random.weighted(&[50, 25, 25]) {
            0 => OwnForm::Boxed,
            1 => OwnForm::Stack,
            _ => OwnForm::Foreign,
        };
        let inside = Place {
            owned: place.owned + 1,
            ..place.deeper()
        };
        let block = if self.random.chance(40) {
            self.insist(inside)
        } else {
            self.block(inside)
        };
        Stmt::Own { body, form, block }
    }

    /// Delegates to the newest own coroutine again and again, whatever comes out of it: what a
    /// delegation leaves behind when it ends shows only if somebody goes on with the inner one.
    fn insist(&mut self, place: Place) -> Block {
        let whom = Whom::Own(place.owned - 1);
        let target = Target::Whom {
            whom,
            first: self.first(15),
        };
        let block = vec![Stmt::Delegate {
            site: 0,
            target,
            apart: self.random.chance(12),
        }];
        let mut handler = self.handler(Place {
            in_handler: true,
            in_loop: true,
            ..place.deeper()
        });
        handler.push(Stmt::Look { site: 0, whom });
        if self.random.chance(50) {
            handler.push(Stmt::Resume {
                site: 0,
                whom,
                verb: self.verb(),
                caught: true,
            });
        }
        let filter = if self.random.chance(60) {
            Filter::Any
        } else {
            self.filter()
        };
        let attempt = Try {
            site: 0,
            block,
            handlers: vec![(filter, handler)],
            otherwise: None,
            clean_up: None,
            native: false,
        };
        vec![Stmt::Loop {
            times: 3,
            block: vec![Stmt::Try(attempt)],
        }]
    }

    fn target(&mut self, place: Place) -> Target {
        let fresh = if place.body + 1 < self.count { 60 } else { 0 };
        let shared = if self.shared.is_empty() { 0 } else { 25 };
        let owned = if place.owned > 0 { 60 } else { 0 };
        match self.random.weighted(&[fresh, shared, owned, 6]) {
            0 => {
                let body = self.later(place);
                let before = [0, 0, 0, 1, 1, 2, 3][self.random.below(7)];
                let mut before: Vec<_> = (0..before).map(|_| self.verb()).collect();
                if let (Some(first), true) = (before.first_mut(), self.random.chance(70)) {
                    *first = Verb::Next;
                }
                let first = if before.is_empty() {
                    self.first(3)
                } else {
                    self.first(40)
                };
                Target::Fresh {
                    body,
                    before,
                    first,
                }
            }
            1 => {
                let index = self.random.below(self.shared.len());
                let whom = Whom::Shared(self.shared[index]);
                Target::Whom {
                    whom,
                    first: self.first(15),
                }
            }
            2 => {
                let whom = Whom::Own(self.random.below(place.owned));
                Target::Whom {
                    whom,
                    first: self.first(15),
                }
            }
            _ => {
                let count = self.random.below(4);
                Target::Items((0..count).map(|_| self.value()).collect())
            }
        }
    }

    fn first(&mut self, percent: usize) -> Option<Value> {
        (!self.pull && self.random.chance(percent)).then(|| self.value())
    }

    fn other(&mut self, place: Place) -> Stmt {
        let whom = self.whom(place).expect("weighted zero when there is none");
        if self.random.chance(15) {
            return Stmt::Look { site: 0, whom };
        }
        Stmt::Resume {
            site: 0,
            whom,
            verb: self.verb(),
            caught: self.random.chance(60),
        }
    }

    fn whom(&mut self, place: Place) -> Option<Whom> {
        let all = self.shared.len() + place.owned;
        if all == 0 {
            return None;
        }
        let index = self.random.below(all);
        Some(match self.shared.get(index) {
            Some(shared) => Whom::Shared(*shared),
            None => Whom::Own(index - self.shared.len()),
        })
    }

    fn later(&mut self, place: Place) -> usize {
        place.body + 1 + self.random.below(self.count - place.body - 1)
    }

    fn verb(&mut self) -> Verb {
        verb(self.random, self.pull)
    }

    fn failure(&mut self) -> Failure {
        failure(self.random)
    }

    fn filter(&mut self) -> Filter {
        match self.random.weighted(&[25, 8, 25, 5, 5, 12, 20]) {
            0 => Filter::Boom,
            1 => Filter::Bang,
            2 => Filter::Exit,
            3 => Filter::Running,
            4 => Filter::Ignored,
            5 => Filter::Exception,
            _ => Filter::Any,
        }
    }

    fn expr(&mut self) -> Expr {
        match self.random.weighted(&[50, 25, 25]) {
            0 => Expr::Const(self.value()),
            1 => Expr::Last,
            _ => Expr::Plus(self.small()),
        }
    }

    fn value(&mut self) -> Value {
        value(self.random)
    }

    fn small(&mut self) -> i64 {
        small(self.random)
    }
}
