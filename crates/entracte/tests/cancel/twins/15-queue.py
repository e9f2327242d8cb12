"""A consumer that is cancelled takes nothing with it."""
from asyncio import Queue, create_task, sleep
from twin import everywhere, say


async def producer(queue):
    for item in range(4):
        await sleep(1)
        await queue.put(item)


async def program():
    queue = Queue(1)
    producing = create_task(producer(queue))
    try:
        for _ in range(3):
            say(f"got {await queue.get()}")
            await sleep(2)
    finally:
        await sleep(3)
        say(f"left {queue.qsize()} {producing.done()}")
    return "the end"


everywhere(program, 7)
