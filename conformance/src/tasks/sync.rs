//! Interprets the statements about locks, events, queues and their like.

use std::ops::Deref;

use entracte::sync::{
    AnyQueue, Barrier, Condition, Event, LifoQueue, Lock, Order, PriorityQueue, Queue, Semaphore,
};

use super::failure::Failure;
use super::frame::{Boxed, Flow, Frame, index};
use super::program::{Stmt, Verb};

/// What the tasks of a program share. `Things` in `tasks_sync.py` has the same.
pub(super) struct Things {
    queues: [Queue<u32>; 3],
    lifo: LifoQueue<u32>,
    smallest: PriorityQueue<u32>,
    locks: [Lock; 2],
    events: [Event; 2],
    condition: Condition,
    semaphores: [Semaphore; 2],
    barriers: [Barrier; 2],
}

impl Default for Things {
    fn default() -> Self {
        let barrier = |parties| Barrier::new(parties).expect("there are parties");
        Self {
            queues: [Queue::bounded(1), Queue::bounded(2), Queue::unbounded()],
            lifo: LifoQueue::bounded(2),
            smallest: PriorityQueue::bounded(2),
            locks: [Lock::new(()), Lock::new(())],
            events: [Event::new(), Event::new()],
            condition: Condition::with_data(()),
            semaphores: [Semaphore::new(1), Semaphore::new(2)],
            barriers: [barrier(2), barrier(3)],
        }
    }
}

const LIFO: usize = 3;

/// How many there are of what a verb is about.
pub(super) const fn kinds(verb: Verb) -> usize {
    match verb {
        Verb::Put | Verb::Get | Verb::TryPut | Verb::TryGet => 5,
        Verb::TaskDone | Verb::Join | Verb::Size => 5,
        Verb::Notified | Verb::Notify => 1,
        _ => 2,
    }
}

impl Frame<'_> {
    /// A statement about what tasks share.
    pub(super) fn shared<'f>(&'f self, stmt: &'f Stmt) -> Boxed<'f, Flow> {
        let things = &self.world.things;
        let which = index(stmt.numbers[0]);
        match stmt.verb {
            Verb::Lock => Box::pin(self.hold(stmt, things.locks[which].acquire())),
            Verb::Permit => Box::pin(self.hold(stmt, things.semaphores[which].acquire())),
            Verb::Event => Box::pin(self.wait_for(stmt, things.events[which].wait())),
            Verb::Notified => Box::pin(self.wait_for(stmt, notified(&things.condition))),
            Verb::Notify => {
                let notify = notify(&things.condition, index(stmt.numbers[1]));
                Box::pin(self.wait_for(stmt, notify))
            }
            Verb::Barrier => Box::pin(self.pass(stmt, &things.barriers[which])),
            Verb::Set | Verb::Clear | Verb::Reset | Verb::Break => {
                match stmt.verb {
                    Verb::Set => things.events[which].set(),
                    Verb::Clear => things.events[which].clear(),
                    Verb::Reset => things.barriers[which].reset(),
                    _ => things.barriers[which].break_off(),
                }
                self.log(stmt, "");
                Box::pin(std::future::ready(Ok(())))
            }
            _ if which < LIFO => Box::pin(self.queue(stmt, &things.queues[which])),
            _ if which == LIFO => Box::pin(self.queue(stmt, &things.lifo)),
            _ => Box::pin(self.queue(stmt, &things.smallest)),
        }
    }

    async fn hold<G>(&self, stmt: &Stmt, acquiring: impl Future<Output = G>) -> Flow {
        let acquired = async { Ok::<_, Failure>(acquiring.await) };
        let guard = self.leaf(stmt, acquired).await?;
        self.log(stmt, "+");
        let ended = self.block(&stmt.blocks[0]).await;
        drop(guard);
        ended?;
        self.log(stmt, "");
        Ok(())
    }

    pub(super) async fn wait_for(&self, stmt: &Stmt, waiting: impl Future<Output = ()>) -> Flow {
        let waiting = async {
            waiting.await;
            Ok::<_, Failure>(())
        };
        self.leaf(stmt, waiting).await?;
        self.log(stmt, "");
        Ok(())
    }

    async fn pass(&self, stmt: &Stmt, barrier: &Barrier) -> Flow {
        let turn = async { barrier.wait().await.map_err(|_| Failure::Broken) };
        let turn = self.leaf(stmt, turn).await?;
        self.log(stmt, format_args!("={}", turn.index()));
        Ok(())
    }

    async fn queue<O: Order<Item = u32>>(
        &self,
        stmt: &Stmt,
        queue: &impl Deref<Target = AnyQueue<O>>,
    ) -> Flow {
        let item = stmt.numbers.get(1).copied().unwrap_or_default();
        match stmt.verb {
            Verb::Put => {
                let put = async { queue.put(item).await.map_err(|_| Failure::Broken) };
                self.leaf(stmt, put).await?;
                self.log(stmt, "");
            }
            Verb::Get => {
                let got = async { queue.get().await.map_err(|_| Failure::Broken) };
                let got = self.leaf(stmt, got).await?;
                self.log(stmt, format_args!("={got}"));
            }
            Verb::Join => self.wait_for(stmt, queue.join()).await?,
            Verb::TryPut => self.log(stmt, refused(queue.try_put(item).is_err())),
            Verb::TaskDone => self.log(stmt, refused(queue.task_done().is_err())),
            Verb::TryGet => match queue.try_get() {
                Ok(item) => self.log(stmt, format_args!("={item}")),
                Err(_) => self.log(stmt, "-"),
            },
            _ => self.log(stmt, format_args!("={}", queue.len())),
        }
        Ok(())
    }
}

const fn refused(is_refused: bool) -> &'static str {
    if is_refused { "-" } else { "" }
}

async fn notified(condition: &Condition) {
    let guard = condition.acquire().await;
    drop(condition.wait(guard).await);
}

async fn notify(condition: &Condition, tasks: usize) {
    let guard = condition.acquire().await;
    condition.notify(&guard, tasks);
}
