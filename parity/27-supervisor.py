"""A supervisor restarts its children, after a pause that doubles each time they fail."""

import asyncio

from virtual_time import clock, run


class Crash(Exception):
    """What a child fails with."""


async def supervise(name, child, restarts):
    pause = 1
    for start in range(restarts + 1):
        try:
            value = await child(start)
            print(f"{clock()} {name}: ended with {value}")
            return
        except Crash as error:
            print(f"{clock()} {name}: {error}, next start in {pause} s")
        await asyncio.sleep(pause)
        pause *= 2
    raise Crash(f"{name} failed {restarts + 1} times")


async def steady(start):
    try:
        while True:
            await asyncio.sleep(3.3)
            print(f"{clock()} steady: still here")
    finally:
        print(f"{clock()} steady: cleaned up")


async def shaky(start):
    await asyncio.sleep(0.2)
    if start < 2:
        raise Crash(f"tripped on start {start}")
    return "a good result"


async def broken(start):
    await asyncio.sleep(0.5)
    raise Crash("cannot start at all")


async def program():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(supervise("steady", steady, 3))
            group.create_task(supervise("shaky", shaky, 3))
            group.create_task(supervise("broken", broken, 3))
    except* Crash as failed:
        for error in failed.exceptions:
            print(f"{clock()} given up: {error}")


run(program())
