"""A task group that is cancelled from outside: the block first, then the children."""
from asyncio import TaskGroup, sleep
from twin import everywhere, say


async def child(name, seconds):
    try:
        await sleep(3 + seconds)
        say(f"{name} is done")
    finally:
        await sleep(seconds)
        say(f"{name} ends")


async def program():
    async with TaskGroup() as group:
        group.create_task(child("one", 3))
        group.create_task(child("two", 1))
        try:
            await sleep(2)
        finally:
            await sleep(1)
            say("block ends")
    await sleep(1)
    return "the end"


everywhere(program, 8, twice=False)
