"""A rate limiter: a bucket of tokens that fills up as time goes by."""

import asyncio

from virtual_time import clock, run


class Bucket:
    """Holds at most `size` tokens; one is added each second."""

    def __init__(self, size):
        self.tokens = asyncio.BoundedSemaphore(size)

    async def fill(self):
        while True:
            await asyncio.sleep(1)
            try:
                self.tokens.release()
            except ValueError:
                print(f"{clock()} the bucket is full")

    async def take(self):
        await self.tokens.acquire()


async def request(bucket, number):
    await bucket.take()
    print(f"{clock()} request {number}")


async def program():
    bucket = Bucket(2)
    filling = asyncio.create_task(bucket.fill())
    await asyncio.gather(*(request(bucket, number) for number in range(1, 6)))
    await asyncio.sleep(3.5)
    print(f"{clock()} a second burst")
    await asyncio.gather(*(request(bucket, number) for number in range(6, 10)))
    filling.cancel()


run(program())
