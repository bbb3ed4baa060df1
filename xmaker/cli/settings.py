"""Settings that are typed: `camera.source=pictures` after `--set`, `room.value=3` while the project runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from xmaker import ProjectError, Runtime
from xmaker.yaml_reader import scalar


def read_settings(settings: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Read settings into node → key → value. Raises ProjectError."""
    options: dict[str, dict[str, Any]] = {}
    for text in settings:
        if not (found := re.fullmatch(r"\s*([^.=\s]+)\.([^.=\s]+)\s*=(.*)", text, re.DOTALL)):
            raise ProjectError.of("XM703", text=text)
        node, key, value = found.groups()
        options.setdefault(unicodedata.normalize("NFKC", node), {})[key] = scalar(value.strip())
    return options


def set_now(runtime: Runtime, text: str) -> None:
    """Set what a simulated sensor of a running project shows. Raises ProjectError."""
    for node, values in read_settings([text]).items():
        for field, value in values.items():
            runtime.set(f"{node}.{field}", value)
