"""What an owner knows of itself: how busy it is, since when it is idle, whether it is well."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from lessonbase.records import Briefing, Readiness

# Upper bounds of the classes that durations are counted in, in seconds.
_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Watch:
    """Counts requests, for Prometheus and for whoever waits until there are none."""

    def __init__(self, version: str) -> None:
        """Begin to count, as release *version*."""
        self.version = version
        self.readiness = Readiness(ready=True)
        self.in_flight = 0
        self._active = self._started = time.monotonic()
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lessonbase_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lessonbase_request_seconds",
            "Time to the first byte of an answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._recalls = Counter(
            "lessonbase_recalls", "Recalls.", ("verdict",), registry=self._registry
        )
        gauges = {
            "lessonbase_requests_in_flight": (
                "Requests under way.",
                lambda: float(self.in_flight),
            ),
            "lessonbase_ready": ("The ledger answers.", lambda: float(self.readiness.ready)),
            "lessonbase_degraded": (
                "An index is being refilled.",
                lambda: float(self.readiness.degraded),
            ),
            "lessonbase_refill_done": (
                "Windows that a refill has put in.",
                lambda: float(self.readiness.refill_done),
            ),
            "lessonbase_refill_total": (
                "Windows that it will have put in.",
                lambda: float(self.readiness.refill_total),
            ),
        }
        for name, (meaning, value) in gauges.items():
            Gauge(name, meaning, registry=self._registry).set_function(value)

    def began(self) -> None:
        """Somebody asks for something."""
        self.in_flight += 1

    def ended(self) -> None:
        """They have it."""
        self.in_flight -= 1
        self._active = time.monotonic()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answer has begun."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def recalled(self, briefing: Briefing) -> None:
        """A recall was answered."""
        self._recalls.labels(briefing.verdict.value).inc()

    @property
    def idle_s(self) -> float:
        """Seconds since the last request ended; 0 while there is one."""
        return 0.0 if self.in_flight else time.monotonic() - self._active

    @property
    def up_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def exposition(self) -> bytes:
        """All counts, in Prometheus' text format."""
        return generate_latest(self._registry)
