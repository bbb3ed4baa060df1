"""A checkpoint's weights and what is said of them, wherever a program put them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ProjectError

PLACES = ("state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights")
"""Keys under which weights are kept; averaged ones first, which timm evaluates, too."""
PREFIXES = ("module.", "_orig_mod.", "model.")
"""What wrappers put before each name: several graphics cards, torch.compile, Lightning."""


HEADS = ("fc", "_fc", "head", "heads", "classifier")
"""What the last layers are called; some files keep their weights in the order of the alphabet."""


class State(msgspec.Struct):
    """Weights by their names, and what the checkpoint says beside them."""

    weights: dict[str, Any]
    meta: Mapping[str, Any] = {}
    arch: str = ""
    """What timm's training program says that it is."""

    @property
    def classes(self) -> int:
        """How many classes the last layer has: the one with the highest number of those that are called a head."""
        tables = {name.removeprefix("backbone."): one for name, one in self.weights.items() if one.dim() > 1}
        heads = [name for name in tables if name.partition(".")[0] in HEADS]
        last = max(heads, key=_by_number) if heads else next(reversed(tables), "")
        return int(tables[last].shape[0]) if last else 0

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return shapes(self.weights)


def shapes(weights: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the shape of each weight; the counters of batch normalisation, which old files lack, left out."""
    return {name: tuple(one.shape) for name, one in weights.items() if not name.endswith("num_batches_tracked")}


def state_of(found: Any, path: Path) -> State:
    """Return the weights in what was loaded. Raises ProjectError when there are none."""
    meta = meta_of(found)
    arch = str(found.get("arch") or "") if isinstance(found, Mapping) else ""
    for _ in range(3):
        if not isinstance(found, Mapping):
            break
        if weights := _weights(found):
            return State(_without_prefixes(weights), meta, arch)
        found = next((found[place] for place in PLACES if isinstance(found.get(place), Mapping)), None)
    raise ProjectError.of("XM531", file=path, reason="no weights")


def _by_number(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in name.split(".")]


def meta_of(found: Any) -> dict[str, Any]:
    """Return what MMEdu, MMPretrain and BaseNN say beside the weights."""
    meta = found.get("meta") if isinstance(found, Mapping) else None
    return dict(meta) if isinstance(meta, Mapping) else {}


def _weights(found: Mapping[Any, Any]) -> dict[str, Any]:
    weights = {str(name): one for name, one in found.items() if hasattr(one, "dim") and hasattr(one, "detach")}
    return {name: _floats(one) for name, one in weights.items()} if len(weights) > len(found) / 2 else {}


def _floats(tensor: Any) -> Any:
    tensor = tensor.detach().cpu()
    return tensor.float() if tensor.is_floating_point() else tensor


def _without_prefixes(weights: dict[str, Any]) -> dict[str, Any]:
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in weights):
            weights = {name.removeprefix(prefix): one for name, one in weights.items()}
    return weights
