"""What people do with their own account, the same behind every door: pages and API."""
