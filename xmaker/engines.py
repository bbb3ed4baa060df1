"""What runs a network: the interface of an engine (ONNX Runtime, ncnn, …) and of a model that it has loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from xmaker.cards import ModelCard
from xmaker.values import Array

PRECISIONS = ("", "_int8", "_fp16")
"""How the names of a model's files may end: cats.onnx, cats_int8.onnx."""
MOST = 0.7
"""The part of the free memory that a model's file may have: an engine wants room beside it."""


class Session(Protocol):
    """A loaded model."""

    outputs: Sequence[str]
    """The names of what `run` returns."""

    def run(self, array: Array) -> Sequence[Array]:
        """Run the network on one input tensor; return the card's output, or every output where it names none.

        The tensor is as the card's `input` says, and mostly the same buffer again. The next call may overwrite the results.
        """

    def close(self) -> None:
        """Give the model's memory back."""


class Engine:
    """Base of what runs networks (ONNX Runtime, ncnn, …)."""

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    """The endings of the files that it can run."""
    threads: ClassVar[int] = 1
    """How many threads it may use where nobody says."""
    others: Sequence[type[Engine]] = ()
    """Every engine there is, for one that chooses among them."""
    paced: bool = True
    """Whether tensors come at a pace of their own, as a camera's: between them, threads should sleep."""

    def __init__(self, tell: Callable[..., None] | None = None) -> None:
        """`tell` is how to say something to the user: a code of the catalog, and its details."""
        self.tell = tell or (lambda code, **details: None)

    def there(self) -> bool:
        """Whether what it needs is installed. Asked only by an engine that chooses."""
        return True

    def files(self, path: Path) -> list[Path]:
        """Return what this engine can run in place of a model's file: that itself, and those like it that lie beside it."""
        own = [path] if path.name.endswith(self.suffixes) else []
        stem = path.name.partition(".")[0] if path.suffix in (".param", ".bin") else path.stem
        names = [f"{stem.removesuffix('_fp32')}{precision}{suffix}" for precision in PRECISIONS for suffix in self.suffixes]
        beside = (path.with_name(name) for name in names)
        return [*own, *(file for file in beside if file != path and file.is_file())]

    def prepare(self) -> None:
        """Import the library; that it is missing is for `load` to say."""

    def load(self, card: ModelCard, threads: int) -> Session:
        """Load a model. Raises XMakerError when the file cannot be used, MissingDependency when the engine is not there."""
        raise NotImplementedError


def too_large(path: Path) -> tuple[int, int] | None:
    """Return the size of a model and the free memory, in megabytes, when the one is too much for the other."""
    free = _free_memory()
    if free is None or all(file.stat().st_size < free * MOST for file in path.parent.glob("*") if file.is_file()):
        return None
    from xmaker.onnx_file import read_onnx

    size = read_onnx(path).size if path.suffix == ".onnx" else path.stat().st_size
    return (size // 1_000_000, free // 1_000_000) if size > free * MOST else None


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
