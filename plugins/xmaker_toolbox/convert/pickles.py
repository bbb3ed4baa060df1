"""What a pickle would call or make, read off its bytes without opening it."""

from __future__ import annotations

import pickletools
from collections.abc import Sequence

MOST = 5
"""So many names are told."""


def called(data: bytes, known: Sequence[str] = ()) -> list[str]:
    """Return the functions and classes that a pickle names, `os.system`, but not those whose names begin as `known` says.

    At most MOST; [] when it names no others, or is no pickle.
    """
    found, words, kept = dict[str, None](), list[str](), list[str]()
    try:
        for step, value, _ in pickletools.genops(data):
            if step.name == "GLOBAL":
                found[str(value).replace(" ", ".")] = None
            elif step.name == "STACK_GLOBAL":
                found[".".join(words[-2:])] = None
            elif step.name == "MEMOIZE":
                kept.append(words[-1] if words else "")  # of what is no word, nobody asks for
            elif step.name in ("BINGET", "LONG_BINGET") and value is not None and int(value) < len(kept):
                words.append(kept[int(value)])
            elif isinstance(value, str):
                words.append(value)
    except Exception:  # noqa: BLE001  # what it holds decides what is raised; what was read until then counts
        pass
    return [name for name in found if not name.startswith(tuple(known))][:MOST]
