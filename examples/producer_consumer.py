"""A producer and a consumer that waits for more, for ever: Ctrl-C ends it, with its clean-up."""

import asyncio
import sys


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
        print("Consumer: cleaned up")


async def main():
    queue = asyncio.Queue()
    await asyncio.gather(produce(queue), consume(queue))


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
