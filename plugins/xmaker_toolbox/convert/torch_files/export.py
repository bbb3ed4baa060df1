"""A module of PyTorch as an ONNX graph, and its own answers."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xmaker import ModelInput, ProjectError
from xmaker_toolbox.convert.finish import OPSET, onnx
from xmaker_toolbox.convert.torch_files.libraries import torch
from xmaker_toolbox.quantizing.runtime import hushed, in_short


def export(module: Any, picture: ModelInput, path: Path, outputs: Sequence[str] = ("y",), opset: int = OPSET) -> Any:
    """Return the onnx.ModelProto of a module for one picture of a fixed size. Raises ProjectError when it cannot be traced.

    It is recorded while it runs once: the other way, `torch.export`, writes no opset below 18, and knows no TorchScript.
    """
    library, reader, file = torch(), onnx(), io.BytesIO()
    colours = 1 if picture.colour.startswith("GREY") else 3
    library.backends.mha.set_fastpath_enabled(False)  # attention in one operation, for which ONNX has no word
    example = library.zeros(1, colours, picture.height, picture.width)
    try:
        with warnings.catch_warnings(), hushed(), _without_stdout(), library.no_grad():
            warnings.simplefilter("ignore")  # its words for programmers
            library.onnx.export(
                module.eval(), (example,), file, input_names=["x"], output_names=[*outputs], opset_version=opset, dynamo=False
            )
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever the module does with a picture that it does not like
        raise ProjectError.of("XM545", file=path, reason=in_short(error)) from None
    return reader.load_model_from_string(file.getvalue())


@contextmanager
def _without_stdout() -> Iterator[None]:
    """Keep away what is written to stdout below Python: when the export fails, the whole graph, in thousands of lines."""
    try:
        kept = os.dup(1)
    except OSError:  # closed
        yield
        return
    sys.stdout.flush()
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def answers(module: Any) -> Callable[[Any], Any]:
    """Return what runs the module: its input as an array → its output as an array; a list of them where it has several."""
    library = torch()

    def run(tensor: Any) -> Any:
        with library.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = module(library.from_numpy(tensor))
            return [one.numpy() for one in found] if isinstance(found, tuple) else found.numpy()

    return run
