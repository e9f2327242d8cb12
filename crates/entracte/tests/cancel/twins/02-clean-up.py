"""A clean-up that waits, after a value and after a cancellation."""
from asyncio import sleep
from twin import everywhere, say


async def program():
    try:
        await sleep(2)
        say("slept")
    finally:
        say("clean-up begins")
        await sleep(2)
        say("clean-up ends")
    await sleep(1)
    return "the end"


everywhere(program, 5)
