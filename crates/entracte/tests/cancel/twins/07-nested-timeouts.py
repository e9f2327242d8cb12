"""Two timeouts with one deadline: the outer has it."""
from asyncio import sleep, timeout
from twin import everywhere, say


async def program():
    try:
        async with timeout(3):
            try:
                async with timeout(3):
                    try:
                        await sleep(5)
                    finally:
                        await sleep(1)
                        say("cleaned up")
            except TimeoutError:
                say("inner elapsed")
    except TimeoutError:
        say("outer elapsed")
    await sleep(1)
    return "the end"


everywhere(program, 5)
