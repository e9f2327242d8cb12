"""Runs a program once for each moment at which it can be cancelled, and prints what it says."""

import asyncio
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[5] / "parity"))
import virtual_time


def now():
    return asyncio.get_running_loop().time()


def say(line):
    print(f"{now():.1f} {line}")


async def perform(program, cuts):
    task = asyncio.create_task(program())
    for cut in cuts:
        asyncio.get_running_loop().call_at(cut, task.cancel, "enough")
    try:
        say(f"gave {await task}")
    except asyncio.CancelledError:
        say("cancelled")


def everywhere(program, until, twice=True):
    """Cancels at 0.5, 1.5, … and, if `twice`, again one and two seconds later."""
    runs = [[]]
    for first in range(until):
        runs.append([first + 0.5])
        if twice:
            runs += [[first + 0.5, first + 1.5], [first + 0.5, first + 2.5]]
    for cuts in runs:
        print("--", "cancelled at " + " and ".join(map(str, cuts)) if cuts else "not cancelled")
        virtual_time.run(perform(program, cuts))
