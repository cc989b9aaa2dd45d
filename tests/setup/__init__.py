"""The setup portal, as pages and as JSON."""
