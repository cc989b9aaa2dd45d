"""Lets `python -m app.cli` do what `authpage` does."""

import sys

from app.cli import main

sys.exit(main())
