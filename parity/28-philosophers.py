"""Five philosophers dine: each takes the fork with the lower number first."""

import asyncio

from virtual_time import clock, run


async def dine(name, seconds, lower, higher):
    for meal in range(1, 3):
        async with lower, higher:
            print(f"{clock()} {name} eats meal {meal}")
            await asyncio.sleep(seconds)
        print(f"{clock()} {name} thinks")
        await asyncio.sleep(seconds / 2)


async def program():
    forks = [asyncio.Lock() for _ in range(5)]
    async with asyncio.TaskGroup() as group:
        group.create_task(dine("Aristotle", 1.0, forks[0], forks[1]))
        group.create_task(dine("Hypatia", 1.2, forks[1], forks[2]))
        group.create_task(dine("Laozi", 1.4, forks[2], forks[3]))
        group.create_task(dine("Plato", 1.6, forks[3], forks[4]))
        group.create_task(dine("Seneca", 1.8, forks[0], forks[4]))
    print(f"{clock()} everybody has dined")


run(program())
