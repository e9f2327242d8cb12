"""An echo server and its clients: streams, a server that is closed, and what is left then."""

import asyncio


async def echo(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def talk(port, name):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = []
    for number in range(3):
        writer.write(f"{name} says {number}\n".encode())
        await writer.drain()
        lines.append((await reader.readline()).decode().strip())
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    return lines


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    answers = await asyncio.gather(talk(port, "Ann"), talk(port, "Bob"))
    for lines in answers:
        print(lines)
    server.close()
    await server.wait_closed()
    try:
        await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        print("nobody listens any more")


asyncio.run(main())
