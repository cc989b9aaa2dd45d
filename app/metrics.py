"""The figures that Prometheus collects from this process."""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "authpage_requests", "Requests answered, by route and status.", ["method", "route", "status"]
)
REQUEST_SECONDS = Histogram(
    "authpage_request_seconds",
    "Time to answer a request, by route.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_answered = lru_cache(maxsize=4_096)(REQUESTS.labels)
_took = lru_cache(maxsize=1_024)(REQUEST_SECONDS.labels)
MAILS = Counter("authpage_mails", "Mails by how an attempt ended.", ["outcome"])
SMS = Counter("authpage_sms", "Text messages by how an attempt ended.", ["outcome"])
SMS_REFUSED = Counter(
    "authpage_sms_refused", "Text messages that were not sent to protect a tenant.", ["reason"]
)
SMS_PREFIXES_BLOCKED = Counter(
    "authpage_sms_prefixes_blocked", "Prefixes that were blocked as their codes did not come back."
)
PURGED_ROWS = Counter("authpage_purged_rows", "Expired rows that were deleted.", ["table"])
CLOCK_OFFSET = Gauge(
    "authpage_clock_offset_seconds", "How far the database's clock runs ahead of this machine's."
)


def count_request(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count one answered request under its route; `route` is None where nothing matched."""
    _answered(method, route, status).inc()
    _took(route).observe(seconds)
