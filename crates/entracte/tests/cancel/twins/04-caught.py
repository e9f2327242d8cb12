"""A cancellation that is caught, and goes on after a while."""
from asyncio import CancelledError, sleep
from twin import everywhere, say


async def program():
    try:
        await sleep(3)
    except CancelledError as cancelled:
        say(f"caught: {cancelled}")
        await sleep(1)
        say("goes on")
        raise
    await sleep(1)
    return "the end"


everywhere(program, 4)
