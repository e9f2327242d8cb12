"""A pipeline: a source sends through two filters into a sink."""


def started(coroutine):
    """Runs a stage up to its first `yield`, where it can receive."""
    next(coroutine)
    return coroutine


def source(lines, target):
    for line in lines:
        target.send(line)
    target.close()


def grep(pattern, target):
    try:
        while True:
            line = yield
            if pattern in line:
                target.send(line)
    except GeneratorExit:
        print("grep is done")
        target.close()


def shout(target):
    try:
        while True:
            line = yield
            target.send(line.upper())
    except GeneratorExit:
        print("shout is done")
        target.close()


def numbered():
    count = 0
    try:
        while True:
            line = yield
            count += 1
            print(f"{count}: {line}")
    except GeneratorExit:
        print(f"{count} lines")


poem = [
    "the curtain falls",
    "a lamp goes out",
    "the actors rest between the acts",
    "the curtain rises",
]

stages = started(grep("the ", started(shout(started(numbered())))))
source(poem, stages)
