"""A timeout around a clean-up, and a cancellation before, while and after it goes off."""
from asyncio import sleep, timeout
from twin import everywhere, say


async def program():
    try:
        async with timeout(3):
            try:
                await sleep(5)
            finally:
                say("clean-up begins")
                await sleep(2)
                say("clean-up ends")
    except TimeoutError:
        say("elapsed")
    await sleep(1)
    return "the end"


everywhere(program, 6)
