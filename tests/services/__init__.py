"""The real servers and the browser that tests run against, started and stopped by pytest."""
