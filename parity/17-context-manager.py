"""A context manager made from a generator."""

from contextlib import contextmanager


@contextmanager
def tag(name):
    """The clean-up comes whether the block fails or not; an error goes on outwards."""
    print(f"<{name}>")
    try:
        yield name.upper()
    finally:
        print(f"</{name}>")


@contextmanager
def rehearsal():
    """An error in the block ends here."""
    try:
        yield
    except ValueError as error:
        print(f"rehearsal stopped: {error}")
    else:
        print("rehearsal finished")


with tag("p") as name:
    print(f"inside {name}")

try:
    with tag("b"):
        raise ValueError("the ink ran out")
except ValueError as error:
    print(f"outside: {error}")

with rehearsal():
    print("act one")

with rehearsal():
    raise ValueError("the lead has lost her voice")
