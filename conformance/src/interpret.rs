//! Runs the bodies of a program as real coroutines: one async function per kind of statement.
//!
//! A delegation is linked (constant time) only if it waits *inside the frame* of its coroutine, so
//! an interpreter that boxed its recursion would never reach that path. The blocks of the first
//! levels therefore are futures inside one another ([`Inline`]); only deeper ones are boxed
//! ([`Heap`]), and delegations that a program sets `apart`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use entracte_coroutine::{Co, Coroutine, Interrupt};

use crate::handle::Gen;
use crate::input::{Boxed, Input};
use crate::own::Owned;
use crate::program::{Block, Cond, Expr, Filter, Stmt, Try, Value};
use crate::world::{Kind, NAMES, Shown, World};

/// Makes a boxed coroutine of a body.
pub(crate) fn boxed<S: Input>(world: &Rc<World<S>>, index: usize) -> Gen<S> {
    let world = Rc::clone(world);
    Coroutine::named(NAMES[index], async move |co: Co<'_, Value, S>| {
        body(world, index, co).await
    })
}

/// The body of a coroutine.
pub(crate) async fn body<S: Input>(
    world: Rc<World<S>>,
    index: usize,
    mut co: Co<'_, Value, S>,
) -> Value {
    let block = &world.program.bodies[index];
    let own = (0..owned(block)).map(|_| RefCell::new(None)).collect();
    let frame = Frame {
        world: &world,
        x: Cell::new(None),
        own,
    };
    let place = Place {
        frame: &frame,
        handler: None,
        owned: 0,
    };
    match Top::block(place, block, &mut co).await {
        Flow::Return(value) => value,
        _ => None,
    }
}

/// How deep coroutines of its own are nested in a block.
fn owned(block: &Block) -> usize {
    let deepest = |stmt: &Stmt| {
        let inside = stmt.blocks().into_iter().map(owned).max().unwrap_or(0);
        inside + usize::from(matches!(stmt, Stmt::Own { .. }))
    };
    block.iter().map(deepest).max().unwrap_or(0)
}

/// The variables of one running body.
pub(crate) struct Frame<'w, S: Input> {
    pub(crate) world: &'w Rc<World<S>>,
    x: Cell<Value>,
    pub(crate) own: Vec<RefCell<Option<Owned<S>>>>,
}

/// A handler that runs: what `raise e` raises.
pub(crate) struct Handler {
    kind: Kind,
    /// Taken by the first `raise e`; a second one raises an equal error.
    interrupt: Cell<Option<Interrupt>>,
}

/// Where a statement stands.
pub(crate) struct Place<'f, S: Input> {
    pub(crate) frame: &'f Frame<'f, S>,
    handler: Option<&'f Handler>,
    owned: usize,
}

impl<S: Input> Clone for Place<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: Input> Copy for Place<'_, S> {}

/// How a statement ended.
enum Flow {
    On,
    Break,
    Continue,
    Return(Value),
}

/// The body's handle.
pub(crate) type Party<'c, S> = Co<'c, Value, S>;

/// How the blocks inside a statement are run.
trait Level {
    async fn block<S: Input>(place: Place<'_, S>, block: &Block, co: &mut Party<'_, S>) -> Flow;
}

/// A level whose blocks are futures inside the frame.
struct Inline<Below>(std::marker::PhantomData<Below>);

/// The level below which everything begins again, in a box.
struct Heap;

type Top = Inline<Inline<Inline<Inline<Heap>>>>;

impl Level for Heap {
    async fn block<S: Input>(place: Place<'_, S>, block: &Block, co: &mut Party<'_, S>) -> Flow {
        let future: Boxed<'_, Flow> = Box::pin(Top::block(place, block, co));
        future.await
    }
}

impl<Below: Level> Level for Inline<Below> {
    async fn block<S: Input>(place: Place<'_, S>, block: &Block, co: &mut Party<'_, S>) -> Flow {
        for stmt in block {
            match place.stmt::<Below>(stmt, co).await {
                Flow::On => {}
                jump => return jump,
            }
        }
        Flow::On
    }
}

impl<S: Input> Place<'_, S> {
    pub(crate) fn set(self, value: Value) {
        self.frame.x.set(value);
    }

    fn eval(self, expr: Expr) -> Value {
        match expr {
            Expr::Const(value) => value,
            Expr::Last => self.frame.x.get(),
            Expr::Plus(number) => Some(self.frame.x.get().unwrap_or(0) + number),
        }
    }

    fn holds(self, cond: Cond) -> bool {
        match cond {
            Cond::IsNone => self.frame.x.get().is_none(),
            Cond::Equals(number) => self.frame.x.get() == Some(number),
        }
    }

    /// Runs one statement; its blocks one level below.
    async fn stmt<Below: Level>(self, stmt: &Stmt, co: &mut Party<'_, S>) -> Flow {
        if self.frame.world.asynchronous {
            self.frame.world.turns.wait().await;
        }
        match stmt {
            Stmt::Yield { site, expr, tried } => self.yield_(*site, *expr, *tried, co).await,
            Stmt::Set(expr) => self.set(self.eval(*expr)),
            Stmt::Return(expr) => return Flow::Return(self.eval(*expr)),
            Stmt::Raise(failure) => co.raise(Kind::of_failure(*failure).into_error()).await,
            Stmt::Reraise => self.reraise(co).await,
            Stmt::Break => return Flow::Break,
            Stmt::Continue => return Flow::Continue,
            Stmt::If {
                cond,
                then,
                otherwise,
            } => {
                let block = if self.holds(*cond) { then } else { otherwise };
                return Below::block(self, block, co).await;
            }
            Stmt::Loop { times, block } => return self.loop_::<Below>(*times, block, co).await,
            Stmt::Try(parts) => return self.try_::<Below>(parts, co).await,
            Stmt::Own { body, form, block } => {
                let own = Owned::new(self.frame.world, *body, *form);
                *self.frame.own[self.owned].borrow_mut() = Some(own);
                let inside = Self {
                    owned: self.owned + 1,
                    ..self
                };
                return Below::block(inside, block, co).await;
            }
            Stmt::Delegate {
                site,
                target,
                apart: false,
            } => {
                self.delegate(*site, target, co).await;
            }
            Stmt::Delegate {
                site,
                target,
                apart: true,
            } => {
                let future: Boxed<'_, ()> = Box::pin(self.delegate(*site, target, co));
                future.await;
            }
            Stmt::Resume {
                site,
                whom,
                verb,
                caught,
            } => {
                if let Err(error) = self.resume(*site, *whom, verb, *caught).await {
                    co.raise(error).await;
                }
            }
            Stmt::Look { site, whom } => self.look(*site, *whom),
        }
        Flow::On
    }

    async fn yield_(self, site: u32, expr: Expr, tried: bool, co: &mut Party<'_, S>) {
        let value = self.eval(expr);
        let sent = if tried {
            match co.try_yield(value).await {
                Ok(sent) => sent,
                Err(interrupt) => co.raise(interrupt).await,
            }
        } else {
            co.yield_(value).await
        };
        self.set(sent.value());
        self.frame
            .world
            .log(format_args!("{site}<{}", Shown(self.frame.x.get())));
    }

    async fn reraise(self, co: &mut Party<'_, S>) {
        let handler = self
            .handler
            .expect("a valid program re-raises in handlers only");
        match handler.interrupt.take() {
            Some(interrupt) => co.raise(interrupt).await,
            None => co.raise(handler.kind.clone().into_error()).await,
        }
    }

    async fn loop_<Below: Level>(self, times: u8, block: &Block, co: &mut Party<'_, S>) -> Flow {
        for _ in 0..times {
            match Below::block(self, block, co).await {
                Flow::On | Flow::Continue => {}
                Flow::Break => break,
                Flow::Return(value) => return Flow::Return(value),
            }
        }
        Flow::On
    }

    async fn try_<Below: Level>(self, parts: &Try, co: &mut Party<'_, S>) -> Flow {
        let Some(clean_up) = &parts.clean_up else {
            return self.handled::<Below>(parts, co).await;
        };
        if parts.native {
            return co
                .finally(
                    async |co: &mut Party<'_, S>| self.handled::<Below>(parts, co).await,
                    async |co: &mut Party<'_, S>| {
                        Below::block(self, clean_up, co).await;
                    },
                )
                .await;
        }
        let ended = co
            .catch(async |co: &mut Party<'_, S>| self.handled::<Below>(parts, co).await)
            .await;
        match (Below::block(self, clean_up, co).await, ended) {
            (Flow::On, Ok(flow)) => flow,
            (Flow::On, Err(interrupt)) => co.raise(interrupt).await,
            (jump, _) => jump,
        }
    }

    /// A `try` without its clean-up.
    async fn handled<Below: Level>(self, parts: &Try, co: &mut Party<'_, S>) -> Flow {
        if parts.handlers.is_empty() {
            return Below::block(self, &parts.block, co).await;
        }
        let caught =
            co.catch(async |co: &mut Party<'_, S>| Below::block(self, &parts.block, co).await);
        let interrupt = match (caught.await, &parts.otherwise) {
            (Ok(Flow::On), Some(block)) => return Below::block(self, block, co).await,
            (Ok(flow), _) => return flow,
            (Err(interrupt), _) => interrupt,
        };
        let kind = Kind::of_interrupt(&interrupt);
        let fits = |(filter, _): &&(Filter, Block)| kind.is_caught_by(*filter);
        let Some((_, block)) = parts.handlers.iter().find(fits) else {
            co.raise(interrupt).await
        };
        self.frame.world.log(format_args!("{}!{kind}", parts.site));
        let handler = Handler {
            kind,
            interrupt: Cell::new(Some(interrupt)),
        };
        Below::block(
            Place {
                handler: Some(&handler),
                ..self
            },
            block,
            co,
        )
        .await
    }
}
