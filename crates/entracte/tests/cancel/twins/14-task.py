"""A task that awaits another: the cancellation goes through to the innermost."""
from asyncio import create_task, sleep
from twin import everywhere, say


async def inner():
    try:
        await sleep(3)
        return "inner"
    finally:
        say("inner begins")
        await sleep(2)
        say("inner ends")


async def program():
    try:
        say(await create_task(inner()))
    finally:
        say("left")
    await sleep(1)
    return "the end"


everywhere(program, 6)
