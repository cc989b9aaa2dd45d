"""What is logged while a test runs."""

import io
import logging

from app import log


class Lines(io.StringIO):
    """The log, as it is written."""

    def written(self) -> str:
        """All of it; nothing comes after."""
        for handler in logging.getLogger().handlers:
            if isinstance(handler, log.Sink):
                handler.close()
        return self.getvalue()
