"""Child processes: their output, their input, how they end, and one that is ended."""

import asyncio
import signal
from asyncio.subprocess import PIPE


async def main():
    child = await asyncio.create_subprocess_exec("printf", "one\\ntwo\\n", stdout=PIPE)
    output, _ = await child.communicate()
    print(output.decode().split(), child.returncode)

    child = await asyncio.create_subprocess_shell("tr a-z A-Z; exit 3", stdin=PIPE, stdout=PIPE)
    output, _ = await child.communicate(b"shouted\n")
    print(output.decode().strip(), child.returncode)

    child = await asyncio.create_subprocess_exec("cat", stdin=PIPE, stdout=PIPE)
    for word in [b"to", b"and", b"fro"]:
        child.stdin.write(word + b"\n")
        await child.stdin.drain()
        print((await child.stdout.readline()).decode().strip())
    child.stdin.close()
    print(await child.wait())

    child = await asyncio.create_subprocess_exec("sleep", "3600")
    child.terminate()
    print(signal.Signals(-await child.wait()).name)

    try:
        await asyncio.create_subprocess_exec("no-such-program-anywhere")
    except FileNotFoundError:
        print("not found")


asyncio.run(main())
