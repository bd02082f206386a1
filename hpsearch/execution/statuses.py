"""Exit statuses by which a worker process tells its supervisor why it ended."""

from __future__ import annotations

FAILED_STATUS = 1
"""It could not go on, and its trial is still entered as running."""
STOPPED_STATUS = 3
"""It was told to stop and has given its trial back."""
RECYCLED_STATUS = 75
"""It had grown too large; another one goes on."""
