"""A producer and a consumer, and a queue that knows when all is consumed."""

import asyncio

from virtual_time import clock, run


async def produce(queue):
    for item in range(5):
        await queue.put(item)
        await asyncio.sleep(1)


async def consume(queue):
    try:
        while True:
            item = await queue.get()
            print(f"Consumed: {item}")
            queue.task_done()
    finally:
        print(f"Consumer: cleaned up at {clock()}")


async def until_all_is_consumed():
    queue = asyncio.Queue()
    consumer = asyncio.create_task(consume(queue))
    await produce(queue)
    await queue.join()
    consumer.cancel()


async def for_ever():
    queue = asyncio.Queue()
    await asyncio.gather(produce(queue), consume(queue))


async def for_a_while():
    try:
        async with asyncio.timeout(6):
            await for_ever()
    except TimeoutError:
        print("The time is up")


run(until_all_is_consumed())
run(for_a_while())
