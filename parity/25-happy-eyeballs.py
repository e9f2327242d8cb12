"""Happy eyeballs: attempts begin one after the other, the first that connects wins."""

import asyncio

from virtual_time import clock, run

# Each address with the seconds until it answers, and whether it accepts.
NETWORK = {
    "[2001:db8::1]": (30.0, True),
    "[2001:db8::2]": (0.1, False),
    "192.0.2.1": (0.6, True),
    "192.0.2.2": (0.7, True),
    "192.0.2.3": (0.1, False),
}


async def connect(address):
    print(f"{clock()} {address}: connecting")
    seconds, accepts = NETWORK[address]
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print(f"{clock()} {address}: cancelled, its socket is closed")
        raise
    if not accepts:
        print(f"{clock()} {address}: refused")
        raise ConnectionRefusedError(address)
    print(f"{clock()} {address}: connected")
    return f"socket to {address}"


async def attempt(address, outcomes):
    try:
        outcomes.put_nowait(await connect(address))
    except OSError as error:
        outcomes.put_nowait(error)


async def happy_eyeballs(addresses, delay):
    """Begins the next attempt after the delay, or as soon as one has failed."""
    outcomes, attempts, failed = asyncio.Queue(), [], 0
    addresses = list(addresses)
    while addresses or failed < len(attempts):
        limit = None
        if addresses:
            attempts.append(asyncio.create_task(attempt(addresses.pop(0), outcomes)))
            limit = delay
        try:
            async with asyncio.timeout(limit):
                outcome = await outcomes.get()
        except TimeoutError:
            continue
        if not isinstance(outcome, OSError):
            for loser in attempts:
                loser.cancel()
            await asyncio.wait(attempts)
            return outcome
        failed += 1
    raise OSError(f"none of {failed} addresses answered")


async def program():
    socket = await happy_eyeballs(list(NETWORK)[:4], 0.3)
    print(f"{clock()} {socket}")
    try:
        await happy_eyeballs(["[2001:db8::2]", "192.0.2.3"], 0.3)
    except OSError as error:
        print(f"{clock()} {error}")


run(program())
