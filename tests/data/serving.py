"""A web server for downloads, which can break connections."""

import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Server(http.server.ThreadingHTTPServer):
    """Serves `files`; breaks the connection after `break_after` bytes, `num_breaks` times."""

    files: dict[str, bytes]
    ranges: list[str | None]
    num_breaks = 0
    break_after = 0
    supports_range = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        content = self.server.files.get(self.path[1:])
        asked = self.headers["Range"]
        self.server.ranges.append(asked)
        if content is None:
            self.send_error(404)
            return
        start = int(asked[6:-1]) if asked and self.server.supports_range else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        rest = content[start:]
        if self.server.num_breaks:
            self.server.num_breaks -= 1
            rest = rest[: self.server.break_after]
        self.wfile.write(rest)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    """A server that serves nothing yet."""
    with Server(("127.0.0.1", 0), Handler) as running:
        running.files, running.ranges = {}, []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def add(server: Server, name: str, members: Mapping[str, str | bytes]) -> str:
    """Serve an archive; its MD5 sum."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    server.files[name] = buffer.getvalue()
    return hashlib.md5(buffer.getvalue()).hexdigest()
