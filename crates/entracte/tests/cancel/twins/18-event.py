"""Three that wait for an event, and one that is cancelled before, in or after its turn."""
from asyncio import Event, create_task, sleep
from twin import everywhere, say


async def waiter(name, event):
    await event.wait()
    say(f"{name} goes on")


async def sets(event):
    await sleep(2)
    event.set()


async def program():
    event = Event()
    others = [create_task(waiter(name, event)) for name in ["one", "two"]]
    others.append(create_task(sets(event)))
    try:
        await waiter("program", event)
        await sleep(1)
    finally:
        await sleep(3)
        say(f"{sum(other.done() for other in others)} are done")
    return "the end"


everywhere(program, 6)
