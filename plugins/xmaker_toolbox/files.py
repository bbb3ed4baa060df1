"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xmaker import ProjectError


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a path beside `target` to write to; it becomes `target` when all went well, and is removed when not.

    Its name ends as the target's does: libraries look at that. Raises ProjectError when it cannot be written.
    """
    part = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        os.replace(part, target)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise ProjectError.of("XM491" if full else "XM490", file=target, reason=error.strerror or error) from None
    finally:
        with suppress(OSError):
            part.unlink()
