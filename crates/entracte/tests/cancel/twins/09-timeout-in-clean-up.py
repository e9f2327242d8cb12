"""A clean-up that has a time limit of its own."""
from asyncio import sleep, timeout
from twin import everywhere, say


async def program():
    try:
        await sleep(2)
    finally:
        try:
            async with timeout(3):
                say("clean-up begins")
                await sleep(9)
        except TimeoutError:
            say("clean-up elapsed")
    await sleep(1)
    return "the end"


everywhere(program, 6)
