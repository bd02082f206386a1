"""Features on disk: made once, mapped into memory by every worker, bounded in size."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hpsearch.counting import amount_of_bytes, bytes_in
from hpsearch.data.cache import Entry, EntryWriter, cache_dir, kept_in

DISK_SHARE = 0.5
"""Of the free space, for features where ``$HPSEARCH_FEATURES`` does not say how much."""
IN_USE_SECONDS = 3600
"""An entry used so recently is left alone: a study may be training on it."""
FACTS = "facts.json"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FeatureStore:
    """Entries of features in a folder, the least recently used giving way to new ones.

    Args:
        folder: Where.
        limit: Bytes of all entries together; None for half of the free space.
    """

    folder: Path
    limit: int | None = None

    def entry(
        self, key: str, size: int, make: Callable[[EntryWriter], None], *, tells: bool = True
    ) -> Entry | None:
        """The features of this key, made first if there are none.

        Args:
            key: Hex digest of everything that decides the features.
            size: Bytes they take.
            make: Fills the entry.
            tells: Whether to warn where they are not kept.

        Returns:
            None where they do not fit or the disk is full.
        """
        place, level = self.folder / key / FACTS, logging.WARNING if tells else logging.DEBUG
        if not place.exists() and not self._make_room(size, level):
            return None
        try:
            found = kept_in(self.folder, key, make)
            place.touch()
        except OSError as error:
            message = "features cannot be kept in %s (%s): doing without"
            logger.log(level, message, self.folder, error)
            return None
        return found

    def touch(self, key: str) -> None:
        """Note that an entry, if it is still there, is in use."""
        with suppress(OSError):
            os.utime(self.folder / key / FACTS)

    def _make_room(self, size: int, level: int) -> bool:
        """Delete old entries until the new one fits; whether it does."""
        used = sorted(self._entries())
        total = sum(own for _, own, _ in used)
        limit = self._limit(total)
        for last_use, own, folder in used:
            if total + size <= limit:
                break
            if time.time() - last_use < IN_USE_SECONDS:
                continue
            shutil.rmtree(folder, ignore_errors=True)
            total -= own
        if total + size > limit:
            logger.log(
                level,
                "features of %s do not fit into the %s that %s may take: doing without; give more "
                "by $HPSEARCH_FEATURES or another disk by $HPSEARCH_CACHE",
                amount_of_bytes(size),
                amount_of_bytes(limit),
                self.folder,
            )
        return total + size <= limit

    def _limit(self, total: int) -> int:
        if self.limit is not None:
            return self.limit
        folder = next(own for own in (self.folder, *self.folder.parents) if own.exists())
        return int(DISK_SHARE * (shutil.disk_usage(folder).free + total))

    def _entries(self) -> list[tuple[float, int, Path]]:
        """Last use, bytes and folder of each entry."""
        found = []
        for facts in self.folder.glob(f"*/{FACTS}"):
            try:
                size = sum(file.stat().st_size for file in facts.parent.iterdir())
                found.append((facts.stat().st_mtime, size, facts.parent))
            except OSError:
                continue  # deleted by another process meanwhile
        return found


def default_store() -> FeatureStore:
    """The store of this machine, in the cache; ``$HPSEARCH_FEATURES`` bounds it, as 500M or 20G.

    Raises:
        InputError: The variable is no amount of memory.
    """
    text = os.environ.get("HPSEARCH_FEATURES", "")
    limit = bytes_in(text, "$HPSEARCH_FEATURES") if text else None
    return FeatureStore(cache_dir() / "features", limit)
