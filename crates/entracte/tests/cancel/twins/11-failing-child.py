"""A child that fails: the block and the others are cancelled, and the errors come together."""
from asyncio import TaskGroup, sleep
from twin import everywhere, say


async def child():
    try:
        await sleep(9)
    finally:
        await sleep(2)
        say("child ends")


async def failing():
    await sleep(2)
    say("fails")
    raise ValueError("failed")


async def program():
    try:
        async with TaskGroup() as group:
            group.create_task(child())
            group.create_task(failing())
            try:
                await sleep(9)
            finally:
                say("block ends")
    except ExceptionGroup as errors:
        say(f"{len(errors.exceptions)} error: {errors.exceptions[0]}")
    await sleep(1)
    return "the end"


everywhere(program, 2, twice=False)
