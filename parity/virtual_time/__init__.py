"""Runs programs on virtual time: the clock jumps whenever everything waits."""

import asyncio
import selectors


class JumpingSelector(selectors.SelectSelector):
    """Never sleeps: it moves its clock on instead, and looks what is ready then."""

    def __init__(self):
        super().__init__()
        self.now = 0.0

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("everything waits and nothing can wake it")
        # Rounded, so that sums of decimal fractions do not drift.
        self.now = round(self.now + max(timeout, 0), 6)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's event loop, on the clock of its selector."""

    def __init__(self):
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self):
        return self.jumping.now


def runner():
    """A runner whose clock begins at zero."""
    return asyncio.Runner(loop_factory=VirtualLoop)


def run(program):
    """Runs a coroutine to its end, then cancels and awaits what is left."""
    with runner() as running:
        return running.run(program)


def clock():
    """The time of the loop that runs, in seconds."""
    return f"{asyncio.get_running_loop().time():.1f}"
