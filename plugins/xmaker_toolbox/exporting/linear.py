"""Layers of a matrix as pnnx knows them: it reads others, too, but writes them down so that ncnn computes something else."""

from __future__ import annotations

from typing import Any


def as_linear(model: Any) -> None:
    """Turn each product with a constant matrix into a Gemm with a transposed matrix and a bias, in place."""
    from onnx import helper, numpy_helper, shape_inference

    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    known = shape_inference.infer_shapes(model).graph
    flat = {one.name for one in (*known.value_info, *known.input) if len(one.type.tensor_type.shape.dim) == 2}
    for node in graph.node:
        if not _is_product(node, weights, flat):
            continue
        said = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        matrix = numpy_helper.to_array(weights[node.input[1]])
        matrix = (matrix if said.get("transB") else matrix.T) * said.get("alpha", 1.0)
        bias = numpy_helper.to_array(weights[node.input[2]]) * said.get("beta", 1.0) if len(node.input) > 2 else 0
        name = node.name or node.output[0]
        made = [_constant(f"{name}.matrix", matrix), _constant(f"{name}.bias", matrix[:, 0] * 0 + bias)]
        graph.initializer.extend(made)
        node.op_type = "Gemm"
        node.input[:] = [node.input[0], *(one.name for one in made)]
        del node.attribute[:]
        node.attribute.append(helper.make_attribute("transB", 1))


def _is_product(node: Any, weights: dict[str, Any], flat: set[str]) -> bool:
    """Whether a node multiplies rows with a constant matrix, and adds at most a constant row."""
    if node.op_type not in ("MatMul", "Gemm") or node.input[0] not in flat:
        return False
    constants = all(name in weights for name in node.input[1:])
    turned = any(one.name == "transA" and one.i for one in node.attribute)
    row = len(node.input) < 3 or len(weights[node.input[2]].dims) == 1 if constants else False
    return constants and row and not turned and len(weights[node.input[1]].dims) == 2


def _constant(name: str, values: Any) -> Any:
    import numpy as np
    from onnx import numpy_helper

    return numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
