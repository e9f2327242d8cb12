"""A task group: one child fails, the others are cancelled and clean up first."""

import asyncio

from virtual_time import clock, run


async def download(name, seconds):
    print(f"{clock()} {name}: begins")
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        await asyncio.sleep(seconds / 10)
        print(f"{clock()} {name}: cancelled, and hung up")
        raise
    print(f"{clock()} {name}: done")
    return seconds


async def fail(seconds):
    await asyncio.sleep(seconds)
    print(f"{clock()} the cable breaks")
    raise ValueError("no connection")


async def all_well():
    async with asyncio.TaskGroup() as group:
        small = group.create_task(download("small", 1))
        large = group.create_task(download("large", 2))
        seconds = await small + await large
    print(f"{clock()} {seconds} s of downloads")


async def one_fails():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(download("small", 1))
            group.create_task(download("large", 3))
            group.create_task(download("huge", 4))
            group.create_task(fail(2))
    except* ValueError as failed:
        for error in failed.exceptions:
            print(f"{clock()} the group failed: {error}")


run(all_well())
run(one_fails())
