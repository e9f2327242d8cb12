"""The workloads of `compare loop` on asyncio: times itself, answers one line for each order."""

import asyncio
import sys
import tracemalloc
from time import perf_counter_ns


async def nothing(i):
    return i


async def join_in_order(tasks):
    total = 0
    for task in tasks:
        total += await task
    return total


async def spawn_join(count):
    create_task = asyncio.get_running_loop().create_task
    start = perf_counter_ns()
    total = await join_in_order([create_task(nothing(i)) for i in range(count)])
    return perf_counter_ns() - start, total


async def ticker(count):
    ticks = 0
    for _ in range(count):
        await asyncio.sleep(0)
        ticks += 1
    return ticks


def switch(most):
    async def run(count):
        tasks = min(most, count)
        create_task = asyncio.get_running_loop().create_task
        tickers = [create_task(ticker(count // tasks)) for _ in range(tasks)]
        start = perf_counter_ns()
        total = await join_in_order(tickers)
        return perf_counter_ns() - start, total

    return run


async def produce(queue, count):
    for i in range(count):
        await queue.put(i)


async def consume(queue, count):
    total = 0
    for _ in range(count):
        total += await queue.get()
    return total


def queue(capacity):
    async def run(count):
        items = asyncio.Queue(capacity)
        create_task = asyncio.get_running_loop().create_task
        start = perf_counter_ns()
        producer = create_task(produce(items, count))
        consumer = create_task(consume(items, count))
        await producer
        total = await consumer
        return perf_counter_ns() - start, total

    return run


async def fulfil(future, i):
    future.set_result(i)


async def oneshot(count):
    loop = asyncio.get_running_loop()
    start = perf_counter_ns()
    total = 0
    for i in range(count):
        future = loop.create_future()
        # The loop itself holds a task only weakly.
        task = loop.create_task(fulfil(future, i))
        total += await future
        del task
    return perf_counter_ns() - start, total


async def timer_cancel(count):
    start = perf_counter_ns()
    waiting = 0
    for i in range(count):
        sleep = asyncio.sleep(1 + i % 5000 / 1000)
        sleep.send(None)
        sleep.close()
        waiting += 1
        if waiting % 1000 == 0:
            # Cancelled timers are swept by the loop, which must have its turn for that.
            await asyncio.sleep(0)
    return perf_counter_ns() - start, waiting


async def sleeper(i):
    await asyncio.sleep((5 + i * 7919 % 50) / 1000)
    return 1


async def timer_fire(count):
    create_task = asyncio.get_running_loop().create_task
    start = perf_counter_ns()
    total = await join_in_order([create_task(sleeper(i)) for i in range(count)])
    return perf_counter_ns() - start, total


async def switch_once(i):
    await asyncio.sleep(0)
    return i


async def join(count):
    tasks = min(100_000, count)
    start = perf_counter_ns()
    total = 0
    for _ in range(count // tasks):
        total += sum(await asyncio.gather(*(switch_once(i) for i in range(tasks))))
    return perf_counter_ns() - start, total


async def idle(never):
    await never


async def idle_bytes(count):
    loop = asyncio.get_running_loop()
    never = loop.create_future()
    tasks = [None] * count
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for i in range(count):
        tasks[i] = loop.create_task(idle(never))
        if i % 100 == 99:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    never.set_result(None)
    await join_all(tasks)
    return after - before, count


async def join_all(tasks):
    for task in tasks:
        await task


WORKLOADS = {
    "spawn-join": spawn_join,
    "switch-2": switch(2),
    "switch-1000": switch(1000),
    "switch-100000": switch(100_000),
    "queue-64": queue(64),
    "queue-1": queue(1),
    "oneshot": oneshot,
    "timer-cancel": timer_cancel,
    "timer-fire": timer_fire,
    "join-100000": join,
    "idle-bytes": idle_bytes,
}


def main():
    run = WORKLOADS[sys.argv[1]]
    for order in sys.stdin:
        verb, _, rest = order.strip().partition(" ")
        if verb == "run":
            took, total = asyncio.run(run(int(rest)))
            print(took, total, flush=True)


main()
