"""An async generator driven by hand, with no event loop."""


class Pause:
    """Waits once, then is done."""

    def __await__(self):
        yield


async def countdown(start):
    for number in range(start, 0, -1):
        print(f"  waits before {number}")
        await Pause()
        yield number


def drive(step):
    """Resumes one step until it is done, which an event loop would do for us."""
    while True:
        try:
            step.send(None)
        except StopIteration as done:
            return done.value
        print("  not ready yet")


numbers = countdown(3)
while True:
    try:
        print(drive(numbers.__anext__()))
    except StopAsyncIteration:
        print("lift-off")
        break
