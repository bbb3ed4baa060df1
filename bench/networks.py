"""The networks that are measured: the 8-bit one in the box, and its 32-bit counterpart, which does not ship.

The 32-bit network is made from the 8-bit one, once, into `build/` (this needs the `onnx` package): the same graph with float
activations, and weights that were rounded to 8 bits and back. It takes as long as the true one, which
`python -m xmaker_imagenet.build_model --fp32 FILE` makes and `--fp32 FILE` takes; it says nothing of the true one's accuracy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from bench.measure import ROOT, Settings
from xmaker import ModelCard, Plugins, hookimpl

BUILT = ROOT / "build" / "bench" / "fp32.onnx"
PRECISIONS = ("fp32", "int8")


class Offered:
    """A plugin that offers the catalog's cards once more for each precision: `imagenet-fp32`, `cat-dog-int8`, …"""

    def __init__(self, cards: list[ModelCard]) -> None:
        self.cards = cards

    @hookimpl
    def xmaker_models(self) -> list[ModelCard]:
        return self.cards


def plugins_with_networks(settings: Settings, precisions: tuple[str, ...] = PRECISIONS) -> Plugins:
    """Return all plugins and, beside them, the networks to be measured."""
    plugins, offered = Plugins.load(), list[ModelCard]()
    for name in ("imagenet", "cat-dog"):
        card = plugins.model(name, Path())
        int8 = settings.int8 or card.path
        assert int8 is not None  # a catalog's card has a file
        for precision in precisions:
            path = int8 if precision == "int8" else settings.fp32 or dequantized(int8)
            offered.append(msgspec.structs.replace(card, name=f"{name}-{precision}", path=path))
    plugins.add("bench", Offered(offered))
    return plugins


def network_file(plugins: Plugins, model: str) -> tuple[Path, str]:
    """Return the file of a catalog name and the output that its card names."""
    card = plugins.model(model, Path())
    assert card.path is not None  # as above
    return card.path, card.output


def dequantized(int8: Path) -> Path:
    """Return the file of the network with float weights and activations, made anew when the 8-bit file is younger."""
    if not BUILT.exists() or BUILT.stat().st_mtime < int8.stat().st_mtime:
        BUILT.parent.mkdir(parents=True, exist_ok=True)
        BUILT.write_bytes(_to_float(int8))
    return BUILT


def _to_float(int8: Path) -> bytes:
    """Undo quantisation: constants become float; each Quantize → Dequantize becomes nothing, or the ReLU6 that it stood for."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(int8))
    graph, kept = model.graph, list[Any]()
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    made_by = {output: node for node in graph.node for output in node.output}
    renamed: dict[str, str] = {}
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        before = made_by.get(node.input[0])
        if node.op_type == "DequantizeLinear" and node.input[0] in stored:
            value, scale, zero = (stored[name] for name in node.input)
            axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 1)
            shape = [-1 if scale.ndim and number == axis else 1 for number in range(value.ndim)]
            steps = value.astype(np.float32) - zero.reshape(shape)
            stored[node.output[0]] = steps.astype(np.float32) * scale.reshape(shape)
        elif node.op_type == "DequantizeLinear" and before is not None and before.op_type == "QuantizeLinear":
            scale, zero = (stored[name] for name in before.input[1:])
            if made_by[before.input[0]].op_type == "Conv" and zero == 0:  # it cuts at 0 and at 6: so ReLU6 was stored
                limits = [f"{node.output[0]}_low", f"{node.output[0]}_high"]
                stored |= {limits[0]: np.zeros((), np.float32), limits[1]: np.asarray(scale * 255, np.float32)}
                kept.append(helper.make_node("Clip", [before.input[0], *limits], [node.output[0]]))
            else:
                renamed[node.output[0]] = before.input[0]
        elif node.op_type != "QuantizeLinear":
            kept.append(node)
    used = sorted({name for node in kept for name in node.input if name in stored})
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(np.asarray(stored[name], order="C"), name) for name in used)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
