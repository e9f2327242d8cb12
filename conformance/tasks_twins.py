"""asyncio on virtual time, and where it is made to do as entracte has decided.

Each class and function says what it changes; `docs/conformance.md` says why.
"""

import asyncio
import sys
from asyncio import base_events, events, timeouts

# Before CPython 3.13 a condition does not pass on the notification of a cancelled waiter, a group
# that failed while it was cancelled forgets the cancellation, and a semaphore takes every cancelled
# waiter for one that was woken, unless its future is cancelled: programs are compared up to there.
OLD = sys.version_info < (3, 13)

MOST_TURNS = 100_000


class OrderedTimerHandle(events.TimerHandle):
    """Timers with equal deadlines fire in the order of their creation, not in that of a heap."""

    __slots__ = ["_number"]
    made = 0

    def __init__(self, when, *rest):
        super().__init__(when, *rest)
        OrderedTimerHandle.made += 1
        self._number = OrderedTimerHandle.made

    def __lt__(self, other):
        return (self._when, self._number) < (other._when, other._number)


events.TimerHandle = OrderedTimerHandle


class Stuck(Exception):
    pass


class Loop(base_events.BaseEventLoop):
    """asyncio's loop; it is its own clock, in milliseconds, and its own selector."""

    def __init__(self):
        super().__init__()
        self._clock_resolution = 1
        self._selector = self
        self.now = 0
        # What follows is not compared once a task that runs was cancelled, by itself, by way of
        # those that wait for it, or by a group that failed while it was cancelled: asyncio cancels
        # it at its next await, entracte in the same turn, or with what it unwinds by.
        self.is_compared = True
        self.turns = 0
        self.to_ask = None
        self.set_task_factory(Task)
        self.set_exception_handler(lambda loop, context: None)

    def time(self):
        return self.now

    def select(self, timeout):
        self.turns += 1
        if timeout is None or self.turns > MOST_TURNS:
            raise Stuck
        self.now += timeout
        return []

    def create_future(self):
        return Late(loop=self)

    def _process_events(self, event_list):
        pass


class Asked:
    """What wakes a task that was cancelled while it waited."""

    @staticmethod
    def result():
        raise asyncio.CancelledError


class Late(asyncio.Future):
    """Decided: who is cancelled while waiting leaves the line when it runs, not at once."""

    wake = None
    is_asked = False

    def add_done_callback(self, wake, *, context=None):
        self.wake, self.context, self.task = wake, context, asyncio.current_task()
        super().add_done_callback(wake, context=context)

    def cancel(self, msg=None):
        if self.wake is None or asyncio.current_task() is self.task:
            return super().cancel(msg)
        if self.is_asked or self.done():
            return False
        self.is_asked = True
        self.remove_done_callback(self.wake)
        self.get_loop().call_soon(self.wake, Asked, context=self.context)
        return True


class Task(asyncio.Task):
    """Counts the cancellations that come from outside, so that who swallows them can say so."""

    def __init__(self, loop, coro, **options):
        self.outer = 0
        self.is_own_block = False
        self.is_leaving = False
        self.left_group = None
        self.former_awaiters = []
        self.stragglers = []
        super().__init__(coro, loop=loop, **options)

    def cancel(self, msg=None):
        if asyncio.current_task() is self:
            self.get_loop().is_compared = False
        is_asked = super().cancel(msg)
        if not self.is_own_block:
            self.outer += is_asked
        return is_asked

    def cancelling(self):
        # Decided: a group that failed repeats no cancellation that is older than itself.
        count = super().cancelling()
        is_old = self.left_group is not None and count <= self.left_group.asked_before
        return 0 if is_old else count


def swallow(before):
    """What `uncancel` is there for: timeouts and groups count on it. Those that came `before` the
    block are on their way still."""
    task = asyncio.current_task()
    while task.outer > before:
        task.outer -= 1
        task.uncancel()


class ChildCancelled(Exception):
    """Decided: that an awaited task was cancelled is an error, not a cancellation of who awaits."""


class Waiting:
    """Awaits a future. Decided: whoever is cancelled while waiting wakes in any case, in the next
    turn, and cancels what was awaited by itself."""

    def __init__(self, future):
        self.future = future
        self.is_asked = False
        self._asyncio_future_blocking = False

    def get_loop(self):
        return self.future.get_loop()

    def add_done_callback(self, wake, *, context):
        self.wake, self.context = wake, context
        self.future.add_done_callback(wake, context=context)

    def cancel(self, msg=None):
        was_asked, self.is_asked = self.is_asked, True
        if was_asked or self.future.done():
            return False
        self.future.remove_done_callback(self.wake)
        self.get_loop().call_soon(self.wake, self, context=self.context)
        return True

    def result(self):
        raise asyncio.CancelledError

    def __await__(self):
        if not self.future.done():
            self._asyncio_future_blocking = True
            try:
                yield self
            except asyncio.CancelledError:
                if self.is_asked:
                    raise
        try:
            return self.future.result()
        except asyncio.CancelledError as error:
            raise self.seen(error)

    @staticmethod
    def seen(error):
        return ChildCancelled() if isinstance(error, asyncio.CancelledError) else error


class Ending(Waiting):
    """Awaits one of several tasks that were cancelled. Decided: who is cancelled meanwhile passes
    it on to them, and looks again."""

    def __init__(self, task, tasks):
        super().__init__(task)
        self.tasks = tasks

    def cancel(self, msg=None):
        loop = self.get_loop()
        # Who is asked on the way wakes before those it waits for; who was asked first, last.
        is_first = loop.to_ask is None
        loop.to_ask = [*(loop.to_ask or []), *reversed(self.tasks)]
        if is_first:
            while loop.to_ask:
                loop.to_ask.pop().cancel()
            loop.to_ask = None
        super().cancel()
        return True

    def result(self):
        return None

    def __await__(self):
        self._asyncio_future_blocking = True
        try:
            yield self
        except (Exception, asyncio.CancelledError):
            # The task's own end, which may be a cancellation.
            pass


def leave_behind(tasks, is_group=False):
    """Decided: who unwinds cancels the tasks that are only its own. Their end is awaited by the
    block that catches, as what is between it and the await is dropped before; but for those that
    unwind as a whole already, as they may wait for this one."""
    tasks = [task for task in tasks if not task.done()]
    awaited = [task for task in tasks if is_group or not task.is_leaving]
    for task in tasks:
        task.cancel()
    asyncio.current_task().stragglers.extend(awaited)


async def unwound():
    """Awaits the end of the tasks that were left behind."""
    stragglers = asyncio.current_task().stragglers
    while stragglers:
        if stragglers[-1].done():
            stragglers.pop()
            continue
        await Ending(stragglers[-1], stragglers)


def by_own_block(act):
    """Marks the cancellations of a method as those of a block of the task itself."""

    def marked(self, *arguments):
        task = self._task if isinstance(self, asyncio.Timeout) else self._parent_task
        before, task.is_own_block = task.is_own_block, True
        try:
            return act(self, *arguments)
        finally:
            task.is_own_block = before

    return marked


class Timeout(asyncio.Timeout):
    _on_timeout = by_own_block(asyncio.Timeout._on_timeout)


def timeout(delay):
    return Timeout(asyncio.get_running_loop().time() + delay)


# For `wait_for`.
timeouts.timeout = timeout


class Ordered(dict):
    """A set that remembers its order: a group cancels its children in the order of their start."""

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


class TaskGroup(asyncio.TaskGroup):
    """Decided: a group that unwinds waits for its children as for any task that is left behind: it
    goes on in the turn after the last one ended, and a second cancellation goes through to them."""

    def __init__(self):
        super().__init__()
        self._tasks = Ordered()

    @by_own_block
    def _on_task_done(self, task):
        if task in self._tasks:
            super()._on_task_done(task)

    async def __aenter__(self):
        await super().__aenter__()
        self.asked_before = self._parent_task.cancelling()
        return self

    async def __aexit__(self, kind, error, trace):
        if isinstance(error, Exception) and not self._aborting:
            self._abort()
        if not isinstance(error, asyncio.CancelledError):
            try:
                while not self.are_all_done():
                    self._on_completed_fut = self._loop.create_future()
                    await self._on_completed_fut
            except asyncio.CancelledError as cancelled:
                await self.unwind()
                if error is None:
                    kind, error = asyncio.CancelledError, cancelled
        else:
            await self.unwind()
        if OLD and self._parent_task.cancelling() > self.asked_before:
            self._loop.is_compared = False
        self._parent_task.left_group = self
        try:
            return await super().__aexit__(kind, error, trace)
        finally:
            self._parent_task.left_group = None

    async def unwind(self):
        if self._aborting:
            self._parent_task.stragglers.extend(task for task in self._tasks if not task.done())
        else:
            self._aborting = True
            leave_behind(self._tasks, is_group=True)
        await unwound()
        self.are_all_done()

    def are_all_done(self):
        """Decided: children that are done need not be awaited until their callbacks were called."""
        if not all(task.done() for task in self._tasks):
            return False
        self._aborting = True
        for task in list(self._tasks):
            self._on_task_done(task)
        return True
