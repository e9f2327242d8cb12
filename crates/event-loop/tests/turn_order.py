"""Writes random programs of callbacks, and what CPython's event loop makes of them.

    python3 turn_order.py PROGRAMS SEED    lines `program TAB trace`, for turn_order.rs
    python3 turn_order.py --ties PROGRAMS SEED    how many traces hang on the patch of ties

The loop is asyncio's own `BaseEventLoop`, `_run_once` and all, with a clock that stands still and a
selector that moves it on by whatever it is asked to wait.

A program is a list of bodies with a `;` between them. Body 0 runs before the loop, body 1 each time
`stop` has ended a run, and the others are callbacks. Their words, in any order:

    s3      call_soon body 3            l3:20   call_later body 3 in 20 ns
    a3:20   call_at body 3 at 20 ns     c5      cancel the handle made 5 before the last one
    x       stop                        w7      work: the clock moves on by 7 ns
    n       run the loop from within    p       raise; the rest of the body is not reached

A trace says what happened in this order: `turn@time` where one of the two has changed, the number of
the callback that was called (they are numbered as they are made), `n` for a nested run that was
refused, `p` with a number for the error handler, `!` for a run that was stopped, `?` for one that
would wait for ever. After `MOST` callbacks the words that make one do nothing.

asyncio keeps timers in a heap, which does not keep timers with equal deadlines in the order of their
creation. Whoever counts on an order there counts on an accident, so here alone the loop is patched:
`TimerHandle.__lt__` compares equal deadlines by the order of creation.
"""

import asyncio
import random
import sys
from asyncio import base_events, events

assert sys.version_info >= (3, 11), sys.version

MOST = 40
RUNS = 6

# An hour of nanoseconds must not be cut to a day of seconds.
base_events.MAXIMUM_SELECT_TIMEOUT = float("inf")


class OrderedTimerHandle(events.TimerHandle):
    __slots__ = ["_number"]

    made = 0

    def __init__(self, when, *rest):
        super().__init__(when, *rest)
        OrderedTimerHandle.made += 1
        self._number = OrderedTimerHandle.made

    def __lt__(self, other):
        return (self._when, self._number) < (other._when, other._number)


class Stuck(Exception):
    pass


class Loop(base_events.BaseEventLoop):
    """asyncio's loop; it is its own clock and selector."""

    def __init__(self):
        super().__init__()
        self._clock_resolution = 1
        self._selector = self
        self.now = 0
        self.turns = 0

    def time(self):
        return self.now

    def select(self, timeout):
        self.turns += 1
        if timeout is None:
            raise Stuck
        self.now += timeout
        return []

    def _process_events(self, event_list):
        pass


class Program:
    def __init__(self, text):
        self.bodies = [body.split() for body in text.split(";")]
        self.loop = Loop()
        self.loop.set_exception_handler(self.failed)
        self.handles = []
        self.trace = []
        self.place = None

    def note(self, word):
        place = f"{self.loop.turns}@{self.loop.now}"
        if place != self.place:
            self.trace.append(place)
            self.place = place
        self.trace.append(word)

    def failed(self, loop, context):
        self.note(f"p{context['exception'].args[0]}")

    def called(self, number, body):
        self.note(str(number))
        self.perform(number, body)

    def perform(self, number, body):
        for word in self.bodies[body]:
            self.word(number, word[0], word[1:])

    def word(self, number, verb, rest):
        if verb == "s":
            self.make(rest, self.loop.call_soon)
        elif verb in "la":
            body, time = rest.split(":")
            make = self.loop.call_later if verb == "l" else self.loop.call_at
            self.make(body, lambda *call: make(int(time), *call))
        elif verb == "c":
            if self.handles:
                self.handles[-1 - int(rest) % len(self.handles)].cancel()
        elif verb == "x":
            self.loop.stop()
        elif verb == "w":
            self.loop.now += int(rest)
        elif verb == "n":
            self.nest()
        elif verb == "p":
            raise RuntimeError(number)

    def make(self, body, how):
        if len(self.handles) < MOST:
            self.handles.append(how(self.called, len(self.handles), int(body)))

    def nest(self):
        # `run_forever` asks this first; some versions forget that they were stopped if it raises.
        try:
            self.loop._check_running()
        except RuntimeError:
            self.note("n")

    def run(self):
        self.perform(0, 0)
        try:
            for _ in range(RUNS):
                self.loop.run_forever()
                self.note("!")
                self.perform(0, 1)
        except Stuck:
            self.note("?")
        self.loop.close()
        return " ".join(self.trace)


DELAYS = [0, 0, 1, 2, 3, 3, 5, 5, 5, 10, 10, 64, 100, 4096, 5000, 1_000_000, 3_600_000_000_000]


def random_word(dice, bodies, inside):
    body = dice.randrange(2, bodies)
    choice = dice.random()
    if choice < 0.30:
        return f"s{body}"
    if choice < 0.55:
        return f"l{body}:{dice.choice(DELAYS)}"
    if choice < 0.70:
        return f"a{body}:{dice.choice(DELAYS)}"
    if choice < 0.86:
        return f"c{int(dice.expovariate(0.25))}"
    if choice < 0.90:
        return f"w{dice.choice(DELAYS)}"
    if choice < 0.95:
        return "x"
    return dice.choice("np") if inside else "x"


def random_program(dice):
    bodies = dice.randrange(4, 9)
    return ";".join(
        " ".join(
            random_word(dice, bodies, inside=body > 1)
            for _ in range(dice.randrange(2, 12) if body == 0 else dice.randrange(0, 5))
        )
        for body in range(bodies)
    )


def programs(count, seed):
    dice = random.Random(seed)
    for _ in range(count):
        yield random_program(dice)


def ties(count, seed):
    """Counts the programs whose trace is another one without the patch."""
    differ = 0
    for text in programs(count, seed):
        events.TimerHandle = OrderedTimerHandle
        ordered = Program(text).run()
        events.TimerHandle = OrderedTimerHandle.__base__
        differ += Program(text).run() != ordered
    print(f"{differ} of {count} programs need the patch of ties")


def main():
    arguments = sys.argv[1:]
    if arguments[0] == "--ties":
        ties(int(arguments[1]), int(arguments[2]))
        return
    events.TimerHandle = OrderedTimerHandle
    for text in programs(int(arguments[0]), int(arguments[1])):
        print(text, Program(text).run(), sep="\t")


main()
