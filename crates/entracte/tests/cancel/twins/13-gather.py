"""A gather that is cancelled cancels what it gathers."""
from asyncio import gather, sleep
from twin import everywhere, say


async def part(number, ended):
    try:
        await sleep(number)
        return number
    finally:
        await sleep(1)
        ended.append(number)


async def program():
    ended = []
    try:
        parts = await gather(part(4, ended), part(2, ended), part(3, ended))
        say(f"gathered {sum(parts)}")
    finally:
        say(f"{len(ended)} ended")
    return "the end"


everywhere(program, 2, twice=False)
