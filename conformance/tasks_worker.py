"""Runs programs of tasks on asyncio, one per line of standard input, and answers one trace a line.

First it says which Python it is. A batch is a line with a count and as many programs, written as
`tasks/text.rs` writes them. A trace says, in the order in which it happened, `@ms` where the time
has changed, then the number of a task and what it does: `>` begins, `<` ends, `.3` statement 3 is
done, with `=` and a value, `!` and an error, or `~` if a cancellation passes through it.

The loop is asyncio's own, with a clock that stands still and a selector that moves it on by what it
is asked to wait. `tasks_twins.py` and `tasks_sync.py` say where asyncio is made to do as entracte
has decided.
"""

import asyncio
import os
import re
import sys
import warnings

import tasks_sync
import tasks_twins
from tasks_twins import ChildCancelled, Loop, Waiting, leave_behind, unwound

ROUND = 100
ROUNDS = 30
WHEN = [asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED]


class Boom(Exception):
    pass


def name(error):
    match error:
        case Boom():
            return f"B{error.args[0]}"
        case TimeoutError():
            return "T"
        case ChildCancelled():
            return "K"
        case asyncio.BrokenBarrierError():
            return "X"
        case ValueError():
            return "D"
        case ExceptionGroup():
            # Decided: asyncio gives the error of the block last, here the oldest is the first.
            return "G(" + ",".join(sorted(map(name, error.exceptions))) + ")"
    return repr(error).replace(" ", "_")


def read(line):
    """The blocks of a program: lists of statements (site, verb, numbers, blocks)."""
    stack = [[]]
    site = 0
    for word in re.findall(r"[][()]|[^][()\s]+", line):
        match word:
            case "(":
                stack.append([site])
                site += 1
            case "[":
                stack.append([])
            case ")":
                number, verb, *rest = stack.pop()
                numbers = [part for part in rest if isinstance(part, int)]
                blocks = [part for part in rest if isinstance(part, list)]
                stack[-1].append((number, verb, numbers, blocks))
            case "]":
                block = stack.pop()
                stack[-1].append(block)
            case _:
                stack[-1].append(int(word) if word.isdigit() else word)
    return stack[0]


class Entry:
    """A task as others know it: there is one for each body, and each is run once."""

    def __init__(self):
        self.is_used = False
        self.task = None
        self.current = None
        # The task whose group it is in.
        self.parent = None
        self.is_awaited = False

    def cancel(self):
        task = self.task or self.current
        return None if task is None else task.cancel()


class Program:
    def __init__(self, bodies, loop):
        self.bodies = bodies
        self.loop = loop
        self.entries = [Entry() for _ in bodies]
        self.all = []
        self.events = []
        self.time = 0
        self.things = tasks_sync.Things()

    def log(self, task, what):
        if not self.loop.is_compared:
            return
        if self.loop.time() != self.time:
            self.time = self.loop.time()
            self.events.append(f"@{self.time}")
        self.events.append(f"{task}{what}")

    def claim(self, number):
        entry = self.entries[number]
        is_new = not entry.is_used
        entry.is_used = True
        return is_new

    def start(self, number, create):
        task = create(self.body(number))
        self.all.append(task)
        return task

    def spawn(self, number):
        self.entries[number].task = self.start(number, self.loop.create_task)

    async def body(self, number):
        self.log(number, ">")
        self.entries[number].current = asyncio.current_task()
        try:
            await Frame(self, number).block(self.bodies[number])
        except asyncio.CancelledError:
            self.log(number, "<~")
            asyncio.current_task().is_leaving = True
            await unwound()
            raise
        except Exception as error:
            self.log(number, f"<!{name(error)}")
            raise
        else:
            self.log(number, "<")
        finally:
            # Decided: who awaited the child of a group once is still woken when it ends, for
            # nothing. It may be seen if there is another reason in the same turn.
            if not all(task.done() for task in asyncio.current_task().former_awaiters):
                self.loop.is_compared = False
        return number

    async def drive(self):
        """Runs task 0; cancels what is left after a while, and again until nothing is."""
        self.claim(0)
        self.spawn(0)
        for _ in range(ROUNDS):
            await asyncio.sleep(ROUND)
            if all(task.done() for task in self.all):
                return
            self.log("", "#")
            for entry in self.entries:
                entry.cancel()
        self.log("", "LEFT")


class Frame:
    """One task's view of the program."""

    def __init__(self, program, number):
        self.program = program
        self.number = number

    def log(self, site, what=""):
        self.program.log(self.number, f".{site}{what}")

    async def block(self, block):
        for site, verb, numbers, blocks in block:
            await getattr(self, "do_" + verb)(site, *numbers, *blocks)

    async def scope(self, block):
        try:
            await self.block(block)
        except asyncio.CancelledError:
            await unwound()
            raise

    async def leaf(self, site, awaitable):
        try:
            return await awaitable
        except asyncio.CancelledError:
            self.log(site, "~")
            raise
        except Exception as error:
            self.log(site, f"!{name(error)}")
            raise

    # ---- one task ---------------------------------------------------------------------------

    async def do_sleep(self, site, ms):
        await self.leaf(site, asyncio.sleep(ms))
        self.log(site)

    async def do_raise(self, site, number):
        self.log(site)
        raise Boom(number)

    async def do_catch(self, site, block, handler):
        before = asyncio.current_task().outer
        try:
            await self.scope(block)
        except asyncio.CancelledError:
            self.log(site, "c")
            try:
                await self.block(handler)
            except Exception:
                tasks_twins.swallow(before)
                raise
            tasks_twins.swallow(before)

    async def do_rethrow(self, site, block, handler):
        before = asyncio.current_task().outer
        try:
            await self.scope(block)
        except asyncio.CancelledError:
            self.log(site, "c")
            try:
                await self.block(handler)
            except Exception:
                tasks_twins.swallow(before)
                raise
            raise

    async def do_finally(self, site, block, clean_up):
        try:
            await self.scope(block)
        finally:
            self.log(site, "f")
            # Decided: a clean-up gives no error, it ends before the error is seen.
            try:
                await self.block(clean_up)
            except Exception as error:
                self.log(site, f"e{name(error)}")

    async def do_except(self, site, block, handler):
        try:
            await self.block(block)
        except Exception as error:
            self.log(site, f"x{name(error)}")
            await self.block(handler)

    async def do_timeout(self, site, ms, block):
        # In 3.11 `wait_for` makes a task of its coroutine, and with no time left it still does.
        if ms and site % 2 and sys.version_info >= (3, 12):
            return await asyncio.wait_for(self.scope(block), ms)
        async with tasks_twins.timeout(ms):
            await self.scope(block)

    # ---- tasks ------------------------------------------------------------------------------

    async def do_spawn(self, site, number):
        if not self.program.claim(number):
            return self.log(site, "-")
        self.log(site)
        self.program.spawn(number)

    async def do_cancel(self, site, number):
        entry = self.program.entries[number]
        if number == self.number:
            return self.log(site, "-")
        is_asked = entry.cancel()
        self.log(site, "-" if is_asked is None else f"={int(is_asked)}")

    async def do_await(self, site, number):
        entry = self.program.entries[number]
        is_free = entry.parent in (None, self.number) and not entry.is_awaited
        if entry.task is None or not is_free or number <= self.number:
            return self.log(site, "-")
        entry.is_awaited = True
        waiting = Waiting(entry.task)
        try:
            value = await self.leaf(site, waiting)
        except asyncio.CancelledError:
            if entry.parent is None:
                leave_behind([entry.task])
                entry.task = None
            else:
                entry.task.former_awaiters.append(asyncio.current_task())
            raise
        except Exception:
            entry.task = None
            raise
        finally:
            entry.is_awaited = False
        entry.task = None
        self.log(site, f"={value}")

    def claim_all(self, numbers):
        # Only upwards, so that nobody waits for itself.
        return [number for number in numbers if number > self.number and self.program.claim(number)]

    async def gather(self, site, numbers, keep_errors):
        create = asyncio.get_running_loop().create_task
        tasks = [self.program.start(number, create) for number in self.claim_all(numbers)]
        if not tasks:
            return []
        waiting = Waiting(asyncio.gather(*tasks, return_exceptions=keep_errors))
        try:
            return await self.leaf(site, waiting)
        except asyncio.CancelledError:
            leave_behind(tasks)
            raise

    async def do_gather(self, site, *numbers):
        values = await self.gather(site, numbers, False)
        self.log(site, "=" + ",".join(map(str, values)))

    async def do_outcomes(self, site, *numbers):
        values = await self.gather(site, numbers, True)
        names = (
            name(Waiting.seen(value)) if isinstance(value, BaseException) else str(value)
            for value in values
        )
        self.log(site, "=" + ",".join(names))

    async def do_wait(self, site, when, limit, *numbers):
        numbers = [number for number in dict.fromkeys(numbers) if number > self.number]
        entries = [self.program.entries[number] for number in numbers]
        entries = [it for it in entries if it.task and it.parent is None and not it.is_awaited]
        tasks = [entry.task for entry in entries]
        if not tasks:
            return self.log(site, "-")
        for entry in entries:
            entry.task = None
        try:
            waiting = asyncio.wait(tasks, return_when=WHEN[when], timeout=limit or None)
            await self.leaf(site, waiting)
        finally:
            for entry, task in zip(entries, tasks):
                entry.task = task
        done = (self.program.entries.index(entry) for entry in entries if entry.task.done())
        self.log(site, "=" + ",".join(map(str, done)))

    async def group(self, numbers, block):
        try:
            async with tasks_twins.TaskGroup() as group:
                for number in self.claim_all(numbers):
                    entry = self.program.entries[number]
                    entry.task = self.program.start(number, group.create_task)
                    entry.parent = self.number
                await self.block(block)
        finally:
            await unwound()

    async def do_group(self, site, *parts):
        *numbers, block = parts
        try:
            await self.group(numbers, block)
        except asyncio.CancelledError:
            self.log(site, "~")
            raise
        except ExceptionGroup as error:
            self.log(site, f"!{name(error)}")
            raise
        self.log(site)


for verb in tasks_sync.VERBS:
    setattr(Frame, verb.__name__, verb)


def run(line):
    loop = Loop()
    try:
        program = Program(read(line), loop)
        loop.run_until_complete(program.drive())
    except Exception as error:
        program.events.append(f"BROKEN:{error!r}".replace(" ", "_").replace("\n", "\\n"))
    finally:
        loop.close()
    return " ".join(program.events) + ("" if loop.is_compared else " CUT")


def main():
    if sys.implementation.name != "cpython":
        print(f"unusable {sys.implementation.name}", flush=True)
        return
    warnings.simplefilter("ignore")
    sys.unraisablehook = lambda _: None
    print("cpython", *sys.version_info[:3], flush=True)
    while count := sys.stdin.readline():
        batch = [sys.stdin.readline() for _ in range(int(count))]
        for line in batch:
            sys.stdout.write(run(line) + "\n")
        sys.stdout.flush()


try:
    main()
except BrokenPipeError:
    # The other side is gone: nobody wants the rest.
    os._exit(1)
