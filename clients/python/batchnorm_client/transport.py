"""HTTP with kept connections, time limits and bounded retries."""

from __future__ import annotations

import http.client
import json
import os
import random
import select
import threading
import time
from dataclasses import dataclass
from typing import Any, Mapping
from urllib.parse import urlencode, urlsplit

import numpy as np

from .errors import BatchNormError, ServiceUnreachable

_LONGEST_WAIT = 30.0
_FIRST_WAIT = 0.1
_NOTHING_CHANGED = {"overloaded", "store-unavailable", "issuer-unavailable", "idempotency-key-in-progress"}
_WORTH_REPEATING = {"commit-outcome-unknown", "request-timeout", "sync-timeout", "context-budget"}


@dataclass(frozen=True)
class Response:
    headers: Mapping[str, str]
    body: np.ndarray

    def json(self) -> Any:
        return json.loads(self.body.tobytes()) if self.body.size else None


class Transport:
    """Sends requests on one connection per thread. Threads may share it; a forked process opens connections of its own.

    `timeout` bounds each wait for the network, in seconds. `retries` bounds the repetitions of one request.
    """

    def __init__(self, url: str, api_key: str | None, timeout: float, retries: int) -> None:
        parts = urlsplit(url if "//" in url else "http://" + url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the URL of a service, such as http://127.0.0.1:8080")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/") + "/api/v1"
        self._key, self._timeout, self._retries = api_key, timeout, retries
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[http.client.HTTPConnection] = set()

    def request(self, method: str, path: str, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None,
                body: Any = None, repeatable: bool = False) -> Response:
        """Sends a request until it succeeds, is rejected for good, or the attempts are used up.

        `repeatable` says that a repetition changes nothing more: of a reading, or of a change with an idempotency key.
        A request that has not reached the service, or that the service reports to have changed nothing, is always repeated.
        """
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        target = self._base + path + ("?" + urlencode(given) if given else "")
        sent = {"Authorization": "Bearer " + self._key} if self._key else {}
        sent.update(headers or {})
        for attempt in range(self._retries + 1):
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt) * random.uniform(0.5, 1)
            last = attempt == self._retries
            try:
                return self._once(method, target, sent, body)
            except BatchNormError as error:
                if last or not (error.slug in _NOTHING_CHANGED or repeatable and error.slug in _WORTH_REPEATING):
                    raise
                wait = max(wait, min(_LONGEST_WAIT, float(error.problem.get("retry_after", 0))))
            except (OSError, http.client.HTTPException) as error:
                if last or not (repeatable or isinstance(error, _NotSent)):
                    raise ServiceUnreachable(f"{method} {self._host}:{self._port}{target}: {error}") from error
            time.sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> Response:
        connection = self._connection()
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            length = answer.length
            if length is None:
                content = np.frombuffer(bytearray(answer.read()), np.uint8)
            else:
                content = np.empty(length, np.uint8)  # not filled with zeros, as a bytearray is
                if length and answer.readinto(content.data) != length:
                    raise http.client.IncompleteRead(content.tobytes())
            if not answer.isclosed():
                answer.read()
        except BaseException:
            self._drop(connection)
            raise
        if answer.will_close:
            self._drop(connection)
        if answer.status >= 400:
            raise _error(answer, content)
        return Response(answer.headers, content)

    def _connection(self) -> http.client.HTTPConnection:
        pid, connection = getattr(self._local, "kept", (None, None))
        if connection is not None and pid == os.getpid() and connection.sock is not None:
            if not select.select([connection.sock], [], [], 0)[0]:
                return connection
            self._drop(connection)  # the service has closed it
        make = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = make(self._host, self._port, timeout=self._timeout)
        try:
            connection.connect()
        except OSError as error:
            raise _NotSent(str(error)) from error
        self._local.kept = (os.getpid(), connection)
        with self._lock:
            self._open.add(connection)
        return connection

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        with self._lock:
            self._open.discard(connection)

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            connections, self._open = self._open, set()
        for connection in connections:
            connection.close()


class _NotSent(OSError):
    """A failure before the request was sent."""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _error(answer: http.client.HTTPResponse, content: np.ndarray) -> BatchNormError:
    text = content.tobytes()
    try:
        problem = json.loads(text)
    except ValueError:  # of a proxy
        problem = {"title": answer.reason, "detail": text[:200].decode(errors="replace")}
    if answer.headers.get("Retry-After", "").isdigit():
        problem["retry_after"] = int(answer.headers["Retry-After"])
    if answer.status in (502, 504) or "type" not in problem and answer.status == 503:
        problem.setdefault("type", "/problems/request-timeout")
    return BatchNormError(answer.status, problem)
