"""A group in a group: the inner unwinds before the outer's other children are cancelled."""
from asyncio import TaskGroup, sleep
from twin import everywhere, say


async def child(name, seconds):
    try:
        await sleep(5)
    finally:
        await sleep(seconds)
        say(f"{name} ends")


async def program():
    async with TaskGroup() as outer:
        outer.create_task(child("outer child", 2))
        async with TaskGroup() as inner:
            inner.create_task(child("inner child", 1))
            await sleep(1)
        say("inner group ends")
    say("outer group ends")
    return "the end"


everywhere(program, 8, twice=False)
