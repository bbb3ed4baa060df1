"""Constants after a convolution become part of it, and the answers stay the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from xmaker_toolbox.convert.compare import runner
from xmaker_toolbox.convert.merging import merge

RANDOM = np.random.default_rng(0)
EACH = (1, 4, 1, 1)


def graph(*steps: tuple[str, Any], bias: bool = False, more: tuple[str, ...] = ()) -> Any:
    """Return a model: a convolution of 3 to 4 channels, and steps with a constant each; `more` are further outputs."""
    numbers = {"w": RANDOM.normal(size=(4, 3, 3, 3))} | ({"b": RANDOM.normal(size=4)} if bias else {})
    nodes, last = [helper.make_node("Conv", ["x", *numbers], ["t"])], "t"
    for count, (operation, constant) in enumerate(steps):
        numbers[f"c{count}"] = constant
        nodes.append(helper.make_node(operation, [last, f"c{count}"], [f"s{count}"]))
        last = f"s{count}"
    stored = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in numbers.items()]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4, 6, 6]) for name in (last, *more)]
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    made = helper.make_graph(nodes, "net", [picture], ends, stored)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)


def both(model: Any) -> tuple[Any, Any, list[str]]:
    given = RANDOM.normal(size=(1, 3, 8, 8)).astype(np.float32)
    before = runner(model.SerializeToString())(given)
    merge(model.graph)
    return before, runner(model.SerializeToString())(given), [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("bias", [True, False])
def test_a_normalisation_is_merged(bias: bool) -> None:
    steps = [("Sub", RANDOM.normal(size=EACH)), ("Mul", RANDOM.normal(size=EACH)), ("Add", 0.5)]
    before, after, left = both(graph(*steps, bias=bias))
    assert left == ["Conv"] and after == pytest.approx(before, abs=1e-5)


def test_what_differs_from_place_to_place_stays() -> None:
    before, after, left = both(graph(("Mul", RANDOM.normal(size=EACH)), ("Add", RANDOM.normal(size=(1, 4, 6, 6)))))
    assert left == ["Conv", "Add"] and after == pytest.approx(before, abs=1e-5)


def test_what_somebody_else_needs_stays() -> None:
    before, after, left = both(graph(("Mul", RANDOM.normal(size=EACH)), more=("t",)))
    assert left == ["Conv", "Mul"] and after == pytest.approx(before, abs=1e-5)
