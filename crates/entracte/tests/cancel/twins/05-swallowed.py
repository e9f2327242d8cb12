"""Cancellations that are swallowed, one after the other."""
from asyncio import CancelledError, sleep
from twin import everywhere, say


async def program():
    for round in range(3):
        try:
            await sleep(2)
            say(f"slept {round}")
        except CancelledError:
            say(f"swallowed {round}")
    return "the end"


everywhere(program, 6)
