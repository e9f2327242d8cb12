"""A coroutine that starts, sleeps a second and resumes."""

import asyncio

from virtual_time import run


async def coroutine():
    print("Coroutine started")
    await asyncio.sleep(1)
    print("Coroutine resumed")


run(coroutine())
