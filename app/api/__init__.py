"""Machine doors of the directory."""
