//! Interprets the statements of one task.

use std::fmt::{self, Display};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use entracte::{catch_cancel, current_task, finally, sleep, timeout};

use super::failure::Failure;
use super::program::{Stmt, Verb};
use super::world::{Given, Handle, World};

/// A future in a box, so that the interpreter may call itself.
pub(super) type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + 'f>>;

/// What came of a block.
pub(super) type Flow = Result<(), Failure>;

/// One task's view of the program.
pub(super) struct Frame<'w> {
    pub(super) world: &'w Rc<World>,
    pub(super) number: usize,
}

/// Logs that a cancellation passes through, if it is dropped before it is disarmed.
pub(super) struct Passing<'f, W: Display> {
    world: &'f World,
    what: Option<W>,
}

impl<W: Display> Passing<'_, W> {
    pub(super) fn disarm(mut self) {
        self.what = None;
    }
}

impl<W: Display> Drop for Passing<'_, W> {
    fn drop(&mut self) {
        if let Some(what) = &self.what {
            self.world.log(what);
        }
    }
}

pub(super) fn millis(number: u32) -> Duration {
    Duration::from_millis(number.into())
}

pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).expect("32 bits fit")
}

/// Numbers with commas between them.
pub(super) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(",")
}

impl<'w> Frame<'w> {
    pub(super) const fn new(world: &'w Rc<World>, number: usize) -> Self {
        Self { world, number }
    }

    /// The tasks among these that this one may wait for: only upwards, so that nobody waits for
    /// itself.
    pub(super) fn tasks_above(&self, numbers: &[u32]) -> impl Iterator<Item = usize> {
        let numbers = numbers.iter().map(|number| index(*number));
        numbers.filter(|number| *number > self.number)
    }

    /// The whole task.
    pub(super) async fn whole(&self) -> Given {
        let number = self.number;
        self.world.log(format_args!("{number}>"));
        self.world.entries[number].current.replace(current_task());
        let passing = Passing {
            world: self.world,
            what: Some(format!("{number}<~")),
        };
        let ended = self.block(&self.world.program.bodies[number]).await;
        passing.disarm();
        match &ended {
            Ok(()) => self.world.log(format_args!("{number}<")),
            Err(failure) => self.world.log(format_args!("{number}<!{failure}")),
        }
        ended.map(|()| u32::try_from(number).expect("there are few tasks"))
    }

    pub(super) fn log(&self, stmt: &Stmt, what: impl Display) {
        let (number, site) = (self.number, stmt.site);
        self.world.log(format_args!("{number}.{site}{what}"));
    }

    pub(super) fn passing(&self, stmt: &Stmt) -> Passing<'_, impl Display + use<>> {
        let (number, site) = (self.number, stmt.site);
        Passing {
            world: self.world,
            what: Some(fmt::from_fn(move |f| write!(f, "{number}.{site}~"))),
        }
    }

    /// Awaits something that a cancellation may pass through, and that may fail.
    pub(super) async fn leaf<T, E: Into<Failure>>(
        &self,
        stmt: &Stmt,
        future: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        let passing = self.passing(stmt);
        let ended = future.await.map_err(Into::into);
        passing.disarm();
        if let Err(failure) = &ended {
            self.log(stmt, format_args!("!{failure}"));
        }
        ended
    }

    pub(super) fn block<'f>(&'f self, block: &'f [Stmt]) -> Boxed<'f, Flow> {
        Box::pin(async move {
            for stmt in block {
                self.stmt(stmt).await?;
            }
            Ok(())
        })
    }

    fn stmt<'f>(&'f self, stmt: &'f Stmt) -> Boxed<'f, Flow> {
        match stmt.verb {
            Verb::Sleep => Box::pin(self.wait_for(stmt, sleep(millis(stmt.numbers[0])))),
            Verb::Raise => {
                self.log(stmt, "");
                Box::pin(std::future::ready(Err(Failure::Boom(stmt.numbers[0]))))
            }
            Verb::Catch | Verb::Rethrow => Box::pin(self.catch(stmt)),
            Verb::Finally => Box::pin(self.finally(stmt)),
            Verb::Except => Box::pin(self.except(stmt)),
            Verb::Timeout => Box::pin(self.timeout(stmt)),
            Verb::Spawn => {
                self.spawn(stmt);
                Box::pin(std::future::ready(Ok(())))
            }
            Verb::Cancel => {
                self.cancel(stmt);
                Box::pin(std::future::ready(Ok(())))
            }
            Verb::Await => Box::pin(self.await_task(stmt)),
            Verb::Gather => Box::pin(self.gather(stmt)),
            Verb::Outcomes => Box::pin(self.outcomes(stmt)),
            Verb::Wait => Box::pin(self.wait(stmt)),
            Verb::Group => Box::pin(self.group(stmt)),
            _ => self.shared(stmt),
        }
    }

    async fn catch(&self, stmt: &Stmt) -> Flow {
        match catch_cancel(self.block(&stmt.blocks[0])).await {
            Ok(ended) => ended,
            Err(cancelled) => {
                self.log(stmt, "c");
                self.block(&stmt.blocks[1]).await?;
                if stmt.verb == Verb::Rethrow {
                    cancelled.propagate().await;
                }
                Ok(())
            }
        }
    }

    async fn finally(&self, stmt: &Stmt) -> Flow {
        let clean_up = async {
            self.log(stmt, "f");
            if let Err(failure) = self.block(&stmt.blocks[1]).await {
                self.log(stmt, format_args!("e{failure}"));
            }
        };
        finally(self.block(&stmt.blocks[0]), clean_up).await
    }

    async fn except(&self, stmt: &Stmt) -> Flow {
        match self.block(&stmt.blocks[0]).await {
            Ok(()) => Ok(()),
            Err(failure) => {
                self.log(stmt, format_args!("x{failure}"));
                self.block(&stmt.blocks[1]).await
            }
        }
    }

    async fn timeout(&self, stmt: &Stmt) -> Flow {
        let limited = timeout(millis(stmt.numbers[0]), self.block(&stmt.blocks[0]));
        limited.await.unwrap_or(Err(Failure::Elapsed))
    }

    fn spawn(&self, stmt: &Stmt) {
        let number = index(stmt.numbers[0]);
        if self.world.claim(number) {
            self.log(stmt, "");
            self.world.spawn(number);
        } else {
            self.log(stmt, "-");
        }
    }

    fn cancel(&self, stmt: &Stmt) {
        let number = index(stmt.numbers[0]);
        if number == self.number {
            self.log(stmt, "-");
            return;
        }
        match self.world.entries[number].cancel() {
            None => self.log(stmt, "-"),
            Some(is_asked) => self.log(stmt, format_args!("={}", u8::from(is_asked))),
        }
    }

    async fn await_task(&self, stmt: &Stmt) -> Flow {
        let number = index(stmt.numbers[0]);
        let entry = &self.world.entries[number];
        let is_free = match &*entry.handle.borrow() {
            None => false,
            Some(Handle::Own(_)) => !entry.is_awaited.get(),
            Some(Handle::Child(_, parent)) => *parent == self.number && !entry.is_awaited.get(),
        };
        if !is_free || number <= self.number {
            self.log(stmt, "-");
            return Ok(());
        }
        entry.is_awaited.set(true);
        let awaited = Awaited {
            world: self.world,
            number,
            is_done: false,
        };
        let value = self.leaf(stmt, awaited).await?;
        self.log(stmt, format_args!("={value}"));
        Ok(())
    }
}

/// Awaits a task whose handle others may use meanwhile.
struct Awaited<'w> {
    world: &'w World,
    number: usize,
    is_done: bool,
}

impl Future for Awaited<'_> {
    type Output = Given;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Given> {
        let mut handle = self.world.entries[self.number].handle.borrow_mut();
        let handle = handle.as_mut().expect("nobody else takes it");
        let polled = match handle {
            Handle::Own(task) => Pin::new(task).poll(cx).map(|ended| ended?),
            Handle::Child(task, _) => Pin::new(task).poll(cx).map(|ended| Ok(ended?)),
        };
        self.is_done = polled.is_ready();
        polled
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        let entry = &self.world.entries[self.number];
        entry.is_awaited.set(false);
        let mut handle = entry.handle.borrow_mut();
        if self.is_done || matches!(*handle, Some(Handle::Own(_))) {
            let handle = handle.take();
            drop(handle);
        }
    }
}
