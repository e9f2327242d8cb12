"""What a reader gives: lines, exact lengths, separators; what it says when it cannot."""

import asyncio
import socket


async def main():
    near, far = socket.socketpair()
    reader, far_writer = await asyncio.open_connection(sock=near, limit=32)
    _, writer = await asyncio.open_connection(sock=far)

    writer.write(b"one\ntwo\r\n")
    print((await reader.readline()).decode().rstrip("\r\n"))
    print((await reader.readline()).decode().rstrip("\r\n"))

    writer.write(b"key: value; rest")
    print((await reader.readuntil(b"; ")).decode())
    print((await reader.readexactly(4)).decode())

    writer.write(b"no separator in all of these bytes, and more")
    try:
        await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        print("too long")
    print((await reader.readexactly(12)).decode())

    writer.write_eof()
    await reader.readexactly(len(" in all of these bytes, and mo"))
    try:
        await reader.readexactly(10)
    except asyncio.IncompleteReadError as error:
        print("incomplete:", error.partial.decode())
    print(repr((await reader.read()).decode()), reader.at_eof())
    far_writer.close()
    writer.close()


asyncio.run(main())
