"""The workloads of `compare coroutine` in Python: times itself, answers one line for each order."""

import sys
from time import perf_counter_ns

MASK = (1 << 64) - 1
LIVE = 1_000_000


def numbers(count):
    i = 0
    while i < count:
        yield i
        i += 1


def add_up(count):
    start = perf_counter_ns()
    total = 0
    for number in numbers(count):
        total += number
    return perf_counter_ns() - start, total


def minimum():
    least = (1 << 63) - 1
    while True:
        value = yield least
        if value < least:
            least = value


def pseudorandom():
    state = 88172645463325252
    for _ in range(1024):
        state ^= (state << 13) & MASK
        state ^= state >> 7
        state ^= (state << 17) & MASK
        yield state >> 34


RANDOM = list(pseudorandom())


def running_minimum(count):
    # The values to send are made beforehand: Python is timed on its coroutine, not on arithmetic.
    values = [RANDOM[i & 1023] - i for i in range(count)]
    coroutine = minimum()
    next(coroutine)
    send = coroutine.send
    start = perf_counter_ns()
    total = 0
    for value in values:
        total += send(value)
    return perf_counter_ns() - start, total


def ticker():
    ticks = 0
    while True:
        yield
        ticks += 1


def switch(count):
    first, second = ticker().__next__, ticker().__next__
    start = perf_counter_ns()
    for _ in range(count // 2):
        first()
        second()
    return perf_counter_ns() - start, count


def counter(i):
    while True:
        yield i
        i += 1


def create(count):
    start = perf_counter_ns()
    total = 0
    for i in range(count):
        total += next(counter(i))
    return perf_counter_ns() - start, total


def chain(depth):
    if depth == 0:
        i = 0
        while True:
            yield i
            i += 1
    else:
        yield from chain(depth - 1)


def delegate(depth):
    def run(count):
        coroutine = chain(depth)
        next_ = coroutine.__next__
        start = perf_counter_ns()
        total = 0
        for _ in range(count):
            total += next_()
        return perf_counter_ns() - start, total

    return run


live = []


def herd():
    live.extend(counter(i) for i in range(LIVE))
    for coroutine in live:
        next(coroutine)


def resume_all(count):
    if not live:
        herd()
    start = perf_counter_ns()
    total = 0
    for _ in range(max(count // LIVE, 1)):
        for coroutine in live:
            total += next(coroutine)
    return perf_counter_ns() - start, total


def resident():
    with open("/proc/self/smaps_rollup") as file:
        for line in file:
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
    raise OSError("no Rss in /proc/self/smaps_rollup")


def bytes_each():
    before = resident()
    herd()
    return (resident() - before) / LIVE


text = []


def read_text(path):
    with open(path, "rb") as file:
        text.extend(file.read().splitlines())
    return len(text)


def grep_filter(pattern, sink):
    send = sink.send
    while True:
        line = yield
        if pattern in line:
            send(line)


def length_sink(total):
    while True:
        line = yield
        total[0] += len(line)


def grep(count):
    lines = text[:count]
    total = [0]
    sink = length_sink(total)
    next(sink)
    stage = grep_filter(b"needle", sink)
    next(stage)
    send = stage.send
    start = perf_counter_ns()
    for line in lines:
        send(line)
    return perf_counter_ns() - start, total[0]


WORKLOADS = {
    "sum-stack": add_up,
    "sum-boxed": add_up,
    "min-stack": running_minimum,
    "min-boxed": running_minimum,
    "switch": switch,
    "create": create,
    "live-1m": resume_all,
    "delegate-1": delegate(1),
    "delegate-10": delegate(10),
    "delegate-100": delegate(100),
    "grep-line": grep,
}


def main():
    run = WORKLOADS[sys.argv[1]]
    for order in sys.stdin:
        verb, _, rest = order.strip().partition(" ")
        if verb == "run":
            took, total = run(int(rest))
            print(took, total & MASK, flush=True)
        elif verb == "text":
            print(read_text(rest), flush=True)
        elif verb == "bytes":
            print(bytes_each(), flush=True)


main()
