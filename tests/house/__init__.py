"""House rules as tests: each failure names the better way."""
