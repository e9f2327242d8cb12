"""Runs generator programs, one per line of standard input, and answers one trace per line.

First it says which Python it is. A batch is a line with a count and as many programs. A program is
three fields between record separators: the bodies of the roots, the driver's steps, and the source
of the generator functions that `python.rs` wrote, its line ends replaced by unit separators. The
source is compiled and executed as it is; several programs in a row may share it, and then it is
compiled once. The names below are what it uses:

L  logs one event           N  names an error, the well-known ones in short
K  keeps a generator alive until the trace is complete: Python would close a dropped one, Rust
   drops its frames and runs no handlers (documented on `Coroutine`)
Q  state of a generator     W  delegates to a generator and begins with a value (`yield_from_with`)
R* a verb by hand: logs what came of it; passes errors on unless they are caught

The first letter of a result: y yielded, s returned now, f had ended before, c closed, x raised,
i/o a value of a `for` loop and its end.
"""

import functools
import os
import sys
import warnings

events = []
kept = []


class Boom(Exception):
    pass


class Bang(Exception):
    pass


SHORT = {
    "GeneratorExit:": "GE",
    "ValueError:generator already executing": "VE",
    "RuntimeError:generator ignored GeneratorExit": "RE",
    "TypeError:can't send non-None value to a just-started generator": "TE",
    "AttributeError:'list_iterator' object has no attribute 'send'": "AE",
}


def L(event):
    events.append(event)


def N(error):
    name = f"{type(error).__name__}:{error}"
    return SHORT.get(name, name)


def K(generator):
    kept.append(generator)
    return generator


def Q(generator):
    if generator.gi_frame is None:
        return "Z"
    if generator.gi_running:
        return "R"
    if generator.gi_suspended:
        inner = generator.gi_yieldfrom
        name = getattr(inner, "__name__", None)
        return "S" if name is None else f"S>{name}"
    return "C"


# CPython 3.11 takes the delegate off the stack of a running generator that is thrown into or closed
# (the later versions only refuse), and may crash. There the worker refuses in its place, and a
# program in which the running generator is further down the chain is answered with SKIPPED.
OLD = sys.version_info < (3, 12)
skipped = False


def refuse_running(generator):
    global skipped
    below = generator
    while below is not None:
        if getattr(below, "gi_running", False):
            skipped = skipped or below is not generator
            raise ValueError("generator already executing")
        below = getattr(below, "gi_yieldfrom", None)


class W:
    def __init__(self, inner, first):
        self.inner = inner
        self.first = first
        self.started = False
        self.send = inner.send
        self.throw = inner.throw
        self.close = inner.close
        self.__name__ = inner.__name__
        self.gi_yieldfrom = inner

    def __iter__(self):
        return self

    def __next__(self):
        if self.started:
            return self.inner.send(None)
        self.started = True
        return self.inner.send(self.first)


def stop(tag, ended, error):
    events.append(f"{tag}f" if ended else f"{tag}s{error.value}")
    return error.value


def fail(tag, caught, error):
    events.append(f"{tag}x{N(error)}")
    if not caught:
        raise error


def RN(tag, generator, caught):
    ended = generator.gi_frame is None
    try:
        value = next(generator)
    except StopIteration as error:
        return stop(tag, ended, error)
    except BaseException as error:
        return fail(tag, caught, error)
    events.append(f"{tag}y{value}")
    return value


def RS(tag, generator, caught, sent):
    ended = generator.gi_frame is None
    try:
        value = generator.send(sent)
    except StopIteration as error:
        return stop(tag, ended, error)
    except BaseException as error:
        return fail(tag, caught, error)
    events.append(f"{tag}y{value}")
    return value


def RT(tag, generator, caught, thrown):
    ended = generator.gi_frame is None
    try:
        if OLD:
            refuse_running(generator)
        value = generator.throw(thrown)
    except StopIteration as error:
        return stop(tag, ended, error)
    except BaseException as error:
        return fail(tag, caught, error)
    events.append(f"{tag}y{value}")
    return value


def RC(tag, generator, caught):
    try:
        if OLD:
            refuse_running(generator)
        value = generator.close()
    except BaseException as error:
        return fail(tag, caught, error)
    events.append(f"{tag}c{value}")
    return value


def RE(tag, generator, caught):
    ended = generator.gi_frame is None
    while True:
        try:
            value = next(generator)
        except StopIteration as error:
            return stop(tag + "o", ended, error)
        except BaseException as error:
            return fail(tag + "o", caught, error)
        events.append(f"{tag}i{value}")


NAMES = {
    name: value for name, value in globals().items() if name in "L N K Q W RN RS RT RC RE Boom Bang".split()
}


def failure(text):
    if text == "E":
        return GeneratorExit()
    return {"A": Boom, "B": Bang}[text[0]](int(text[1:]))


def number(text):
    return None if text == "_" else int(text)


def step(names, text):
    root, _, verb = text.partition(":")
    tag, generator, argument = root + ":", names["g" + root], verb[1:]
    # Caught here: the driver goes on whatever comes of it.
    match verb[0]:
        case "n":
            RN(tag, generator, True)
        case "s":
            RS(tag, generator, True, number(argument))
        case "t":
            RT(tag, generator, True, failure(argument))
        case "c":
            RC(tag, generator, True)
        case "e":
            RE(tag, generator, True)
    L("/" + Q(generator))


@functools.lru_cache(maxsize=4)
def compiled(source):
    return compile(source.replace("\x1f", "\n"), "program", "exec")


def run(program):
    global events, kept, skipped
    names = dict(NAMES)
    skipped = False
    try:
        roots, steps, source = program.split("\x1e")
        exec(compiled(source), names)
        for index, body in enumerate(roots.split()):
            names[f"g{index}"] = K(names["f" + body]())
        for text in steps.split():
            step(names, text)
    except BaseException as error:
        events.append(f"BROKEN {type(error).__name__}: {error}")
    trace = "SKIPPED" if skipped else " ".join(events)
    # What closing the leftovers logs is not part of the program.
    left, kept = kept, []
    left.clear()
    names.clear()
    events.clear()
    kept.clear()
    return trace.replace("\n", "\\n")


def main():
    if sys.implementation.name != "cpython":
        print(f"unusable {sys.implementation.name}", flush=True)
        return
    sys.unraisablehook = lambda _: None
    warnings.simplefilter("ignore")
    print("cpython", *sys.version_info[:3], flush=True)
    read = sys.stdin.readline
    while count := read():
        batch = [read() for _ in range(int(count))]
        for line in batch:
            sys.stdout.write(run(line.rstrip("\n")) + "\n")
        sys.stdout.flush()


try:
    main()
except BrokenPipeError:
    # The other side is gone: nobody wants the rest.
    os._exit(1)
