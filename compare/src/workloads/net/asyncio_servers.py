"""The servers of asyncio and uvloop: asyncio's streams."""
import asyncio, ctypes, os, signal, socket, sys

BLOCK = 1 << 20
PIECE_LENGTH = 64 << 10
PIECE = b"x" * PIECE_LENGTH
HELLO = (
    b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n"
    b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nHello, World!"
)


async def echo(reader, writer):
    while data := await reader.read(PIECE_LENGTH):
        writer.write(data)
        await writer.drain()


async def take_in(reader, writer):
    got = 0
    while data := await reader.read(PIECE_LENGTH):
        got += len(data)
        while got >= BLOCK:
            got -= BLOCK
            writer.write(b"k")
        await writer.drain()


async def give_out(reader, writer):
    while data := await reader.read(PIECE_LENGTH):
        for _ in range(len(data) * (BLOCK // PIECE_LENGTH)):
            writer.write(PIECE)
            await writer.drain()


async def http(reader, writer):
    """No parser: a client sends a whole request at once, and waits."""
    while data := await reader.read(PIECE_LENGTH):
        if data.endswith(b"\r\n\r\n"):
            writer.write(HELLO)
            await writer.drain()


def attend(work):
    """A handler of connections that sets what all servers here set, and closes."""

    async def handler(reader, writer):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await work(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    return handler


class Udp(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


async def serve(work):
    loop = asyncio.get_running_loop()
    if work == "udp":
        transport, _ = await loop.create_datagram_endpoint(Udp, ("127.0.0.1", 0))
        sock = transport.get_extra_info("socket")
    else:
        handler = attend({"echo": echo, "in": take_in, "out": give_out, "http": http}[work])
        server = await asyncio.start_server(handler, "127.0.0.1", 0, backlog=4096)
        sock = server.sockets[0]
    print(sock.getsockname()[1], flush=True)
    await asyncio.Event().wait()


def settle():
    """As `account::settle` does for the others."""
    import resource

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL))
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) > 1:
        os.sched_setaffinity(0, {processors[-1]})


settle()
name, work = sys.argv[1:3]
if name == "uvloop":
    try:
        import uvloop
    except ModuleNotFoundError:
        sys.exit("uvloop is not there")
    uvloop.install()
asyncio.run(serve(work))
