"""The setup portal as JSON, for applications that show it in their own pages."""
