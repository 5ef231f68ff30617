"""The errors of requests."""

from __future__ import annotations

from typing import Any, Mapping


class BatchNormError(Exception):
    """A request that the service has rejected: RFC 9457 problem details.

    `slug` is the stable name of the error, `field` the field or element that it is about, such as `input[1][1]`.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = dict(problem)
        self.slug = str(problem.get("type", "")).rsplit("/", 1)[-1]
        self.detail = str(problem.get("detail", problem.get("title", "")))
        self.field: str | None = problem.get("field")
        self.offset: int | None = problem.get("offset")
        super().__init__(f"{status} {self.slug}: {self.detail}")

    @property
    def index(self) -> tuple[int, ...]:
        """The index in `field`: (1, 1) of `input[1][1]`; empty without one."""
        parts = (self.field or "").split("[")[1:]
        return tuple(int(part[:-1]) for part in parts if part[:-1].isdigit())


class ServiceUnreachable(ConnectionError):
    """The service did not respond, in any attempt. A change without an idempotency key may have happened."""
