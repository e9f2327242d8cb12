"""A time limit: what is late is cancelled and cleans up, limits within limits."""

import asyncio

from virtual_time import clock, run


async def copy(name, seconds):
    print(f"{clock()} {name}: opens its file")
    try:
        await asyncio.sleep(seconds)
    finally:
        await asyncio.sleep(0.5)
        print(f"{clock()} {name}: closed its file")
    return f"copied in {seconds} s"


async def limited(name, seconds):
    try:
        async with asyncio.timeout(2):
            copied = await copy(name, seconds)
        print(f"{clock()} {name}: {copied}")
    except TimeoutError:
        print(f"{clock()} {name}: too late")


async def program():
    await limited("small", 1)
    await limited("large", 3)
    try:
        async with asyncio.timeout(1):
            await limited("in a hurry", 3)
    except TimeoutError:
        print(f"{clock()} the outer limit was the shorter one")


run(program())
