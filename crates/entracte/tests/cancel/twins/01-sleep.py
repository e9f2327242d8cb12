"""A frame that cleans up without waiting."""
from asyncio import sleep
from twin import everywhere, say


async def program():
    try:
        await sleep(2)
        say("slept")
    finally:
        say("left")
    await sleep(1)
    return "the end"


everywhere(program, 4)
