"""The figures that Prometheus collects from this process."""

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
MAILS = Counter("authpage_mails", "Mails by how an attempt ended.", ["outcome"])
PURGED_ROWS = Counter("authpage_purged_rows", "Expired rows that were deleted.", ["table"])
CLOCK_OFFSET = Gauge(
    "authpage_clock_offset_seconds", "How far the database's clock runs ahead of this machine's."
)
