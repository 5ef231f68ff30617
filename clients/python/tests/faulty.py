"""A server in this process that fails as its script says, to test what the client does then."""

import contextlib
import http.server
import json
import threading
import time

from batchnorm_client import Client


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen, script = self.server.seen, self.server.script
        seen.append((self.path, dict(self.headers)))
        step = script[min(len(seen), len(script)) - 1]
        if step == "drop":
            self.close_connection = True
            return
        if step == "hang":
            time.sleep(2)
            self.close_connection = True
            return
        status, headers, body = step
        content = json.dumps(body).encode()
        self.send_response(status)
        for header, value in {**headers, "Content-Length": len(content)}.items():
            self.send_header(header, str(value))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = "X-Closed-Behind" in headers

    do_GET = do_PATCH = do_DELETE = do_POST

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def server(*script, **options):
    """Yields a client and the requests that the server has seen. Each step of the script is one response, the last one for ever."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as listening:
        listening.daemon_threads = True
        listening.seen, listening.script = [], script
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        with Client(f"http://127.0.0.1:{listening.server_port}", **options) as client:
            yield client, listening.seen
        listening.shutdown()


def problem(slug, status, **headers):
    return status, headers, {"type": f"/problems/{slug}", "title": slug, "status": status, "detail": "a reason", "field": "input[2][0]"}
