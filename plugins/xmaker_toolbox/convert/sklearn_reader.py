"""scikit-learn's classifiers of small pictures: .skops files, and pickles (.pkl, .joblib) that are trusted.

A skops file names the classes that it needs, and nothing else is made; a pickle may run anything.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import msgspec

from xmaker import MissingDependency, ModelInput, ProjectError
from xmaker_toolbox.convert import compare
from xmaker_toolbox.convert.finish import OPSET
from xmaker_toolbox.convert.labels import named
from xmaker_toolbox.convert.pickles import called
from xmaker_toolbox.convert.sources import Asked, Source
from xmaker_toolbox.convert.words import reasons
from xmaker_toolbox.quantizing.runtime import in_short

INSTALL = 'pip install "xmaker[sklearn]"'
OWN = ("sklearn.", "numpy.", "scipy.")
"""Whose classes are made without asking: those of the libraries that read the file."""
ML_OPSET = 3
"""Of ONNX's operations for trees and the like: the one of the same year as OPSET."""
SMALLEST = 4
"""Pixels of a side: the four lengths of a flower are no picture of 2 × 2."""
ROW = "features"
SIZES, EACH = (1, 16, 255), 8
"""How large the numbers of a row usually are in training, and with how many rows of each both are tried."""


def read(asked: Asked) -> Source:
    """Read a classifier. Raises ProjectError for what takes no picture, or gives no probabilities; MissingDependency."""
    model = _loaded(asked)
    count = int(getattr(model, "n_features_in_", 0))
    if not hasattr(model, "predict_proba") or not count:
        raise ProjectError.of("XM459", file=asked.path, reason=f"{reasons().silent} ({type(model).__name__})")
    picture = _picture(asked, count)
    classes = [str(one) for one in model.classes_]
    try:
        network = _network(model, count, picture, len(classes))
    except Exception as error:  # noqa: BLE001  # skl2onnx has many of its own
        reason = in_short(error).partition(". You may")[0].rstrip(".")  # raise an issue
        raise ProjectError.of("XM518", file=asked.path, reason=reason) from None
    _require_same(asked.path, network, _answer(model), picture)
    return Source(
        network=network,
        answer=_answer(model),
        picture=picture,
        labels=named(asked.path, asked.labels, classes, len(classes)),
        origin=f"scikit-learn, {type(model).__name__}",
        logits=False,
        told={},
        xeduhub=False,
        guessed_pixels=[f"{picture.colour} {picture.width} × {picture.height}, 0 … 255"],
    )


def _called(path: Path) -> list[str]:
    """Return what a pickle would call: first what is of no library that is needed. Where it is packed, only that it is one."""
    data = path.read_bytes()
    return called(data, (*OWN, "joblib.numpy_pickle.")) or called(data) or ["pickle"]


def _loaded(asked: Asked) -> Any:
    """Return what is in the file. Raises ProjectError, MissingDependency."""
    skops = asked.path.suffix.lower() == ".skops"
    if not skops and not asked.trust:
        raise ProjectError.of("XM498", file=asked.path, code=", ".join(_called(asked.path)))
    try:
        import joblib
        import skl2onnx  # noqa: F401
        import skops.io as safe
    except ModuleNotFoundError as error:
        raise MissingDependency.of("XM601", library=error.name, command=INSTALL) from None
    try:
        with catch_warnings():
            simplefilter("ignore")  # that it was saved by another version
            if not skops:
                return joblib.load(asked.path)  # a plain pickle is read by it, too
            needs = safe.get_untrusted_types(file=asked.path)
            if (strange := [one for one in needs if not one.startswith(OWN)]) and not asked.trust:
                raise ProjectError.of("XM498", file=asked.path, code=", ".join(strange))
            return safe.load(asked.path, trusted=needs)
    except (OSError, ProjectError):
        raise
    except Exception as error:  # noqa: BLE001  # the file decides what is raised
        raise ProjectError.of("XM499", file=asked.path, reason=in_short(error)) from None


def _picture(asked: Asked, count: int) -> ModelInput:
    """Return the picture that has so many numbers: square, grey or in colours. Raises ProjectError when none has."""
    for colours in (1, 3):
        side = asked.size or isqrt(count // colours)
        if side * side * colours == count and (asked.size or side >= SMALLEST):
            colour = "GREY" if colours == 1 else "RGB"
            made = {"width": side, "height": side, "dtype": "float32", "colour": colour, "resize": "stretch"}
            return msgspec.convert(made, ModelInput)
    raise ProjectError.of("XM459", file=asked.path, reason=reasons().table.format(count=count))


def _answer(model: Any) -> Callable[[Any], Any]:
    def answer(tensor: Any) -> Any:
        return model.predict_proba(tensor.reshape(1, -1)).astype("float32")

    return answer


def _require_same(path: Path, network: Any, answer: Callable[[Any], Any], picture: ModelInput) -> None:
    """Raise ProjectError unless both give the same for numbers of several sizes.

    Bytes alone may be far beyond what was trained with 0 to 1: then every probability is 0 or 1, whatever went wrong.
    """
    import numpy as np

    random, colours = np.random.default_rng(0), 1 if picture.colour == "GREY" else 3
    shape = (1, picture.height, picture.width, colours)
    given = [random.random(shape, np.float32) * size for size in SIZES for _ in range(EACH)]
    found = compare.difference(network.SerializeToString(), given, [answer(one) for one in given])
    if not found <= compare.MOST:
        raise ProjectError.of("XM537", file=path, difference=f"{found:.2g}", most=f"{compare.MOST:g}")


def _network(model: Any, count: int, picture: ModelInput, classes: int) -> Any:
    """Return the graph from a picture, (1, height, width, colours), to probabilities (1, classes)."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    kind = [(ROW, FloatTensorType([1, count]))]
    versions = {"": OPSET, "ai.onnx.ml": ML_OPSET}
    with catch_warnings():
        simplefilter("ignore")
        made = to_onnx(model, initial_types=kind, options={"zipmap": False}, target_opset=versions).graph
    last = made.output[1].name
    size = numpy_helper.from_array(np.array([1, count], np.int64), "size")
    nodes = [helper.make_node("Reshape", ["picture", "size"], [ROW], name="flat"), *_needed(made.node, last)]
    colours = 1 if picture.colour == "GREY" else 3
    ends = [
        helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, picture.height, picture.width, colours]),
        helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, classes]),
    ]
    graph = helper.make_graph(nodes, "sklearn", ends[:1], ends[1:], [size, *made.initializer])
    opsets = [helper.make_opsetid(domain, version) for domain, version in versions.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=7)


def _needed(nodes: Any, last: str) -> list[Any]:
    """Return the nodes that the probabilities depend on; the others choose a label."""
    wanted, kept = {last}, []
    for node in reversed(nodes):  # they stand in the order in which they run
        if wanted & set(node.output):
            kept.append(node)
            inside = {name for one in node.attribute for inner in one.g.node for name in inner.input}
            wanted |= {*node.input, *inside}
    return kept[::-1]
