"""Shows a folder on this machine over HTTP, which a page's Python needs."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 8000  # or one that is free


class _Handler(SimpleHTTPRequestHandler):
    # the same on every machine: the system's own table may know other types, or none
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".css": "text/css",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".whl": "application/zip",
    }

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # a site that is written anew shows at once
        super().end_headers()

    def log_message(self, *words):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):  # a page that was left while it loaded
            super().handle_error(request, client_address)


def server_of(folder: Path, port: int = PORT) -> ThreadingHTTPServer:
    """A server that nobody but this machine reaches, not yet running."""
    handler = partial(_Handler, directory=str(folder))
    try:
        return _Server(("127.0.0.1", port), handler)
    except OSError:  # the port is taken
        return _Server(("127.0.0.1", 0), handler)


def address_of(server: ThreadingHTTPServer) -> str:
    return f"http://localhost:{server.server_port}/"


def serve(folder: Path) -> None:
    """Show the folder until Ctrl-C."""
    with server_of(folder) as server:
        print(f"It is shown at {address_of(server)} until you press Ctrl-C.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
