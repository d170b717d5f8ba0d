"""A network that is far away: a proxy on this machine that holds every byte back for a while."""

import asyncio
import contextlib
import threading
from concurrent.futures import Future


@contextlib.contextmanager
def delayed(port, seconds):
    """Give the port of a proxy to `port` here that takes `seconds` longer, there and back."""
    ready = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(port, seconds / 2, ready)))
    thread.start()
    loop, stop, proxy_port = ready.result()
    try:
        yield proxy_port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _serve(port, delay, ready):
    stop = asyncio.Event()

    async def connect(reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(asyncio.CancelledError):  # the end of the proxy ends them all
            await asyncio.gather(
                _carry(reader, far_writer, delay),
                _carry(far_reader, writer, delay),
                return_exceptions=True,
            )

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    ready.set_result((asyncio.get_running_loop(), stop, server.sockets[0].getsockname()[1]))
    await stop.wait()
    server.close()


async def _carry(reader, writer, delay):
    """Pass on each piece after the delay, without holding up the pieces behind it."""
    loop = asyncio.get_running_loop()
    try:
        while piece := await reader.read(65536):
            loop.call_later(delay, _write, writer, piece)
    finally:
        loop.call_later(delay, writer.close)


def _write(writer, piece):
    if not writer.is_closing():
        writer.write(piece)
