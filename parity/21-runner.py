"""One event loop, and coroutines run to their end on it, one after the other."""

import asyncio

from virtual_time import clock, runner


async def tick():
    try:
        while True:
            print(f"{clock()} tick")
            await asyncio.sleep(0.6)
    finally:
        print(f"{clock()} the ticking stops")


async def start():
    return asyncio.create_task(tick())


async def greet(name):
    print(f"{clock()} Hello, {name}")
    await asyncio.sleep(1)
    print(f"{clock()} Goodbye, {name}")
    return len(name)


with runner() as running:
    ticking = running.run(start())
    letters = running.run(greet("Ada"))
    print("between two runs, nothing happens")
    letters += running.run(greet("Grace"))
    print(f"greeted {letters} letters, the ticking is done: {ticking.done()}")
print(f"closed, the ticking is done: {ticking.done()}")
