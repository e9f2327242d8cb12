"""A deadline that is moved on as long as there are signs of life."""
from asyncio import sleep, timeout
from twin import everywhere, now, say


async def program():
    try:
        async with timeout(2) as limit:
            for _ in range(3):
                await sleep(1)
                limit.reschedule(now() + 2)
            await sleep(9)
    except TimeoutError:
        say(f"elapsed {limit.expired()}")
    await sleep(1)
    return "the end"


everywhere(program, 6)
