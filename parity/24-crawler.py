"""A crawler: three workers share a queue of pages, on a network that is a dictionary."""

import asyncio

from virtual_time import clock, run

# Each page with the seconds it takes to load, and its links.
PAGES = {
    "/": (0.5, ["/news", "/about", "/missing"]),
    "/about": (0.8, ["/", "/people"]),
    "/news": (1.3, ["/news/1", "/news/2", "/about"]),
    "/news/1": (0.6, ["/news"]),
    "/news/2": (0.7, ["/news", "/people"]),
    "/people": (0.9, ["/"]),
}


async def fetch(path):
    if path not in PAGES:
        await asyncio.sleep(0.1)
        raise LookupError("not found")
    seconds, links = PAGES[path]
    await asyncio.sleep(seconds)
    return links


def follow(links, queue, seen):
    for link in links:
        if link not in seen:
            seen.add(link)
            queue.put_nowait(link)


async def work(queue, seen):
    while True:
        path = await queue.get()
        try:
            links = await fetch(path)
            print(f"{clock()} {path} has {len(links)} links")
            follow(links, queue, seen)
        except LookupError as error:
            print(f"{clock()} {path}: {error}")
        queue.task_done()


async def program():
    queue = asyncio.Queue()
    seen = {"/"}
    queue.put_nowait("/")
    workers = [asyncio.create_task(work(queue, seen)) for _ in range(3)]
    await queue.join()
    print(f"{clock()} {len(seen)} pages")
    for worker in workers:
        worker.cancel()


run(program())
