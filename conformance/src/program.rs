//! The programs that both sides run: bodies, the coroutines made of them, and the driver's steps.
//!
//! Every event in a trace begins with the number of the statement that made it (`site`), given
//! out in the order of the text by [`Program::number`]. What a program says about *forms* (boxed,
//! on the stack, shared, by value, by reference) concerns Rust only: Python runs them all alike.

/// What is yielded, sent and returned.
pub type Value = Option<i64>;

/// A sequence of statements.
pub type Block = Vec<Stmt>;

/// One program: what is compared is one trace of it from each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The coroutines take nothing (`Input = ()`): no sends, and delegates may be iterators.
    pub pull: bool,
    /// The bodies; a body creates coroutines only of bodies after it, so creation ends.
    pub bodies: Vec<Block>,
    /// The coroutines that the driver resumes; bodies reach the shared ones.
    pub roots: Vec<Root>,
    /// What the driver does.
    pub steps: Vec<Step>,
}

/// A coroutine that exists from the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Its body.
    pub body: usize,
    /// Its form in Rust.
    pub form: RootForm,
}

/// The form of a [`Root`] in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootForm {
    /// `SharedCoroutine`: bodies may reach it.
    Shared,
    /// `Coroutine`.
    Boxed,
    /// `StackCoroutine`.
    Stack,
}

/// One step of the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which root.
    pub root: usize,
    /// What is done to it.
    pub verb: Verb,
}

/// What one does to a coroutine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `next(g)`.
    Next,
    /// `g.send(value)`.
    Send(Value),
    /// `g.throw(error)`.
    Throw(Failure),
    /// `g.close()`.
    Close,
    /// `for value in g`, to the end.
    Each,
}

/// An error that programs raise and throw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `Boom(number)`.
    Boom(i64),
    /// `Bang(number)`, unrelated to `Boom`.
    Bang(i64),
    /// `GeneratorExit`, which is `Interrupt::Close`.
    Exit,
}

/// What an `except` clause catches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `Boom`.
    Boom,
    /// `Bang`.
    Bang,
    /// `GeneratorExit`.
    Exit,
    /// `ValueError`: a coroutine that already runs.
    Running,
    /// `RuntimeError`: a coroutine that ignored `close`.
    Ignored,
    /// `Exception`: all but `GeneratorExit`.
    Exception,
    /// `BaseException`: all.
    Any,
}

/// A value to compute. `x` is what the body received last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expr {
    /// A constant.
    Const(Value),
    /// `x`.
    Last,
    /// `x + number`, or the number if `x` is `None`.
    Plus(i64),
}

/// A question about `x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cond {
    /// `x is None`.
    IsNone,
    /// `x == number`.
    Equals(i64),
}

/// How a body holds a coroutine of its own in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnForm {
    /// A `Coroutine`, delegated to by `&mut`.
    Boxed,
    /// A `StackCoroutine`, delegated to by `Pin<&mut _>`.
    Stack,
    /// A type of the user's that implements `Resume`, around a `Coroutine`.
    Foreign,
}

/// One statement.
#[expect(
    missing_docs,
    reason = "each variant shows its parts as Python writes them"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stmt {
    /// `x = yield expr`; in Rust with `yield_`, or `try_yield` and a re-raise if `tried`.
    Yield { site: u32, expr: Expr, tried: bool },
    /// `x = expr`.
    Set(Expr),
    /// `return expr`.
    Return(Expr),
    /// `raise failure`.
    Raise(Failure),
    /// `raise e`, in the innermost handler.
    Reraise,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `if cond: … else: …`.
    If {
        cond: Cond,
        then: Block,
        otherwise: Block,
    },
    /// `for _ in range(times): …`.
    Loop { times: u8, block: Block },
    /// `try: … except …: … else: … finally: …`.
    Try(Try),
    /// Makes a coroutine of the body's own, which `block` may resume and delegate to.
    Own {
        body: usize,
        form: OwnForm,
        block: Block,
    },
    /// `x = yield from target`; in Rust from a box of its own if `apart`, which makes the
    /// delegation a nested one: the driver cannot link what does not wait inside the frame.
    Delegate {
        site: u32,
        target: Target,
        apart: bool,
    },
    /// Resumes another coroutine by hand; `x` is what it gave.
    Resume {
        site: u32,
        whom: Whom,
        verb: Verb,
        caught: bool,
    },
    /// Logs the state of another coroutine.
    Look { site: u32, whom: Whom },
}

/// A `try` statement; without handlers it has a clean-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The number with which caught errors are logged.
    pub site: u32,
    /// `try:`.
    pub block: Block,
    /// `except …:`, in order.
    pub handlers: Vec<(Filter, Block)>,
    /// `else:`; needs a handler.
    pub otherwise: Option<Block>,
    /// `finally:`.
    pub clean_up: Option<Block>,
    /// In Rust the clean-up goes through `co.finally`; it must not jump out.
    pub native: bool,
}

/// What a body delegates to.
#[expect(missing_docs, reason = "each variant says what its parts are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new coroutine of `body`, by value, after some verbs by hand; the delegation begins with
    /// the value `first` if there is one.
    Fresh {
        body: usize,
        before: Vec<Verb>,
        first: Option<Value>,
    },
    /// One that the body owns, or a shared one; `first` as above.
    Whom { whom: Whom, first: Option<Value> },
    /// An iterator, which has no `send`, `throw` and `close`.
    Items(Vec<Value>),
}

/// Another coroutine as a body sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The shared root with this index.
    Shared(usize),
    /// The own coroutine of the `Own` at this nesting depth.
    Own(usize),
}

impl Program {
    /// Numbers the statements in the order of the text.
    pub fn number(&mut self) {
        let mut next = 0;
        for body in &mut self.bodies {
            number_block(body, &mut next);
        }
    }

    /// Counts the statements and the steps: what the shrinker makes smaller.
    pub fn size(&self) -> usize {
        self.bodies
            .iter()
            .map(|body| block_size(body))
            .sum::<usize>()
            + self.steps.len()
    }
}

fn number_block(block: &mut [Stmt], next: &mut u32) {
    for stmt in block {
        match stmt {
            Stmt::Yield { site, .. }
            | Stmt::Delegate { site, .. }
            | Stmt::Resume { site, .. }
            | Stmt::Look { site, .. }
            | Stmt::Try(Try { site, .. }) => {
                *site = *next;
                *next += 1;
            }
            _ => {}
        }
        for inner in stmt.blocks_mut() {
            number_block(inner, next);
        }
    }
}

fn block_size(block: &[Stmt]) -> usize {
    let inner = |stmt: &Stmt| {
        stmt.blocks()
            .iter()
            .map(|block| block_size(block))
            .sum::<usize>()
    };
    block.iter().map(|stmt| 1 + inner(stmt)).sum()
}

impl Stmt {
    /// The blocks directly inside, in the order of the text.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            Stmt::If {
                then, otherwise, ..
            } => vec![then, otherwise],
            Stmt::Loop { block, .. } | Stmt::Own { block, .. } => vec![block],
            Stmt::Try(parts) => {
                let mut blocks = vec![&parts.block];
                blocks.extend(parts.handlers.iter().map(|(_, block)| block));
                blocks.extend(&parts.otherwise);
                blocks.extend(&parts.clean_up);
                blocks
            }
            _ => Vec::new(),
        }
    }

    /// As [`blocks`](Self::blocks), to change them.
    pub fn blocks_mut(&mut self) -> Vec<&mut Block> {
        match self {
            Stmt::If {
                then, otherwise, ..
            } => vec![then, otherwise],
            Stmt::Loop { block, .. } | Stmt::Own { block, .. } => vec![block],
            Stmt::Try(parts) => {
                let mut blocks = vec![&mut parts.block];
                blocks.extend(parts.handlers.iter_mut().map(|(_, block)| block));
                blocks.extend(&mut parts.otherwise);
                blocks.extend(&mut parts.clean_up);
                blocks
            }
            _ => Vec::new(),
        }
    }
}
