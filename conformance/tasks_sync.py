"""The verbs of programs over locks, events, queues and their like.

Decided: what a task waited for is its own as soon as it is handed over, and nobody who comes later
takes it in between. asyncio's locks and semaphores do so too, its queues do not: see `Claims`.
"""

import asyncio
import collections
import sys

from tasks_twins import OLD


class Waiters(collections.deque):
    """Remembers the last future of each task that was in line."""

    def __init__(self):
        super().__init__()
        self.last = {}

    def append(self, future):
        self.last[asyncio.current_task()] = future
        super().append(future)

    def task_of(self, future):
        return next(task for task, last in self.last.items() if last is future)

    def was_woken(self, task):
        future = self.last[task]
        return future.done() and not future.cancelled()


class Claims:
    """Keeps items for the getters that were woken, and room for the putters."""

    def __init__(self, size):
        super().__init__(size)
        self._getters = Waiters()
        self._putters = Waiters()
        self.getting = set()
        self.putting = set()

    def _wakeup_next(self, waiters):
        claims = self.getting if waiters is self._getters else self.putting
        while waiters:
            waiter = waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                claims.add(waiters.task_of(waiter))
                break

    def empty(self):
        return self.qsize() <= len(self.getting - {asyncio.current_task()})

    def full(self):
        others = len(self.putting - {asyncio.current_task()})
        return 0 < self.maxsize <= self.qsize() + others

    async def get(self):
        try:
            return await super().get()
        finally:
            self.getting.discard(asyncio.current_task())

    async def put(self, item):
        try:
            return await super().put(item)
        finally:
            self.putting.discard(asyncio.current_task())


class Queue(Claims, asyncio.Queue):
    pass


class LifoQueue(Claims, asyncio.LifoQueue):
    pass


class PriorityQueue(Claims, asyncio.PriorityQueue):
    pass


class Condition(asyncio.Condition):
    """Decided: a cancelled `wait` does not acquire the lock again, and wakes nobody in its place if
    it had not been notified itself."""

    def __init__(self):
        super().__init__()
        self._waiters = Waiters()
        self.before = {}
        self.leaving = set()
        self.acquire, self.release = self.acquire_unless_leaving, self.release_what_is_held

    async def wait(self):
        task = asyncio.current_task()
        self.before[task] = sys.exception()
        try:
            return await super().wait()
        except asyncio.CancelledError:
            if OLD:
                asyncio.get_running_loop().is_compared = False
            raise
        finally:
            del self.before[task]

    async def acquire_unless_leaving(self):
        task = asyncio.current_task()
        is_waiting = task in self.before
        if is_waiting and sys.exception() is not self.before[task]:
            self.leaving.add(task)
        if task in self.leaving:
            return True
        try:
            return await self._lock.acquire()
        except asyncio.CancelledError:
            if is_waiting:
                self.leaving.add(task)
            raise

    def release_what_is_held(self):
        task = asyncio.current_task()
        if task in self.leaving:
            self.leaving.remove(task)
        else:
            self._lock.release()

    def notify(self, tasks=1):
        if asyncio.current_task() in self.leaving:
            if not OLD:
                super()._notify(tasks)
        else:
            super().notify(tasks)

    def _notify(self, tasks):
        task = asyncio.current_task()
        if task not in self.leaving or self._waiters.was_woken(task):
            super()._notify(tasks)


class Barrier(asyncio.Barrier):
    """Stands on a condition, of which the same is decided."""

    def __init__(self, parties):
        super().__init__(parties)
        self._cond = Condition()


class Semaphore(asyncio.Semaphore):
    """The same in every version."""

    async def acquire(self):
        try:
            return await super().acquire()
        except asyncio.CancelledError:
            if OLD:
                asyncio.get_running_loop().is_compared = False
            raise


class Things:
    """What the tasks of a program share. `Things` in `tasks/sync.rs` has the same."""

    def __init__(self):
        self.queues = [Queue(1), Queue(2), Queue(0), LifoQueue(2), PriorityQueue(2)]
        self.locks = [asyncio.Lock(), asyncio.Lock()]
        self.events = [asyncio.Event(), asyncio.Event()]
        self.conditions = [Condition()]
        self.semaphores = [Semaphore(1), Semaphore(2)]
        self.barriers = [Barrier(2), Barrier(3)]


async def do_put(self, site, queue, item):
    await self.leaf(site, self.program.things.queues[queue].put(item))
    self.log(site)


async def do_get(self, site, queue):
    item = await self.leaf(site, self.program.things.queues[queue].get())
    self.log(site, f"={item}")


async def do_try_put(self, site, queue, item):
    try:
        self.program.things.queues[queue].put_nowait(item)
        self.log(site)
    except asyncio.QueueFull:
        self.log(site, "-")


async def do_try_get(self, site, queue):
    try:
        self.log(site, f"={self.program.things.queues[queue].get_nowait()}")
    except asyncio.QueueEmpty:
        self.log(site, "-")


async def do_task_done(self, site, queue):
    try:
        self.program.things.queues[queue].task_done()
        self.log(site)
    except ValueError:
        self.log(site, "-")


async def do_join(self, site, queue):
    await self.leaf(site, self.program.things.queues[queue].join())
    self.log(site)


async def do_size(self, site, queue):
    self.log(site, f"={self.program.things.queues[queue].qsize()}")


async def hold(self, site, thing, block):
    await self.leaf(site, thing.acquire())
    try:
        self.log(site, "+")
        await self.block(block)
    finally:
        thing.release()
    self.log(site)


async def do_lock(self, site, lock, block):
    await hold(self, site, self.program.things.locks[lock], block)


async def do_permit(self, site, semaphore, block):
    await hold(self, site, self.program.things.semaphores[semaphore], block)


async def do_set(self, site, event):
    self.program.things.events[event].set()
    self.log(site)


async def do_clear(self, site, event):
    self.program.things.events[event].clear()
    self.log(site)


async def do_event(self, site, event):
    await self.leaf(site, self.program.things.events[event].wait())
    self.log(site)


async def do_notified(self, site, condition):
    condition = self.program.things.conditions[condition]

    async def wait():
        async with condition:
            await condition.wait()

    await self.leaf(site, wait())
    self.log(site)


async def do_notify(self, site, condition, tasks):
    condition = self.program.things.conditions[condition]

    async def notify():
        async with condition:
            condition.notify(tasks)

    await self.leaf(site, notify())
    self.log(site)


async def do_barrier(self, site, barrier):
    index = await self.leaf(site, self.program.things.barriers[barrier].wait())
    self.log(site, f"={index}")


async def do_reset(self, site, barrier):
    await self.program.things.barriers[barrier].reset()
    self.log(site)


async def do_break(self, site, barrier):
    await self.program.things.barriers[barrier].abort()
    self.log(site)


VERBS = [verb for name, verb in globals().items() if name.startswith("do_")]
