"""One that waits for a lock is cancelled: the next gets it."""
from asyncio import Lock, create_task, sleep
from twin import everywhere, say


async def holder(name, lock, seconds):
    async with lock:
        say(f"{name} has it")
        await sleep(seconds)


async def program():
    lock = Lock()
    others = [create_task(holder("first", lock, 2))]
    await sleep(0)
    waiting = holder("program", lock, 2)
    others.append(create_task(later(lock)))
    try:
        await waiting
    finally:
        await sleep(5)
        say(f"locked {lock.locked()} {others[1].done()}")
    return "the end"


async def later(lock):
    await sleep(1)
    await holder("last", lock, 2)


everywhere(program, 5)
