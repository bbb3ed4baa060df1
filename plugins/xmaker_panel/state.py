"""What browsers are shown, as keys with values; it knows what has changed since any moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(enc_hook=str).encode


class State:
    """Keys such as `node.camera`, each with its JSON and the version in which that was new."""

    def __init__(self) -> None:
        self.version = 0
        self._known: dict[str, tuple[int, msgspec.Raw]] = {}
        """`null` stands for what is gone."""

    def update(self, group: str, values: Mapping[str, Any]) -> None:
        """Take what all keys of a group are now. A key that is missing is gone."""
        version = self.version + 1
        gone = [key for key in self._known if key.startswith(f"{group}.") and key[len(group) + 1 :] not in values]
        for key, value in [*((f"{group}.{name}", value) for name, value in values.items()), *((key, None) for key in gone)]:
            data = msgspec.Raw(_encode(value))
            if key not in self._known or self._known[key][1] != data:
                self._known[key] = version, data
                self.version = version

    def since(self, version: int) -> dict[str, msgspec.Raw]:
        """Return what is new since that version."""
        return {key: data for key, (changed, data) in self._known.items() if changed > version}
