"""Clean-ups within clean-ups: the innermost first."""
from asyncio import sleep
from twin import everywhere, say


async def program():
    try:
        try:
            await sleep(2)
        finally:
            say("inner begins")
            await sleep(1)
            say("inner ends")
        await sleep(1)
    finally:
        say("outer begins")
        await sleep(2)
        say("outer ends")
    return "the end"


everywhere(program, 6)
