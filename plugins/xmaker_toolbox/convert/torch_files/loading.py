"""Opens a PyTorch file without running any code that it carries, unless it is trusted.

A pickle may name any function of Python and have it called. `weights_only` allows what tensors need and nothing else. What
MMEngine notes about its training is allowed here too, but as empty stand-ins: its own code is not needed, and is not run.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from xmaker import MissingDependency, ProjectError
from xmaker_toolbox.convert.pickles import called
from xmaker_toolbox.convert.torch_files.libraries import torch, torchvision_models
from xmaker_toolbox.convert.torch_files.modules import FLAT, layers
from xmaker_toolbox.convert.words import reasons
from xmaker_toolbox.quantizing.runtime import in_short

NOTES = (
    "mmengine.logging.history_buffer.HistoryBuffer",
    "builtins.getattr",  # with which that class looks up its own methods
    "torchvision.transforms.transforms.Compose",
    "torchvision.transforms.transforms.Resize",
    "torchvision.transforms.functional.InterpolationMode",
)
"""What only keeps a record of the training, or of how pictures were resized for it."""
HARMLESS = ("torch.", "collections.", "numpy.", "_codecs.encode")
"""What names of a pickle that torch.save did not write begin with, when it holds weights all the same."""
PICKLE, MAGIC, HEAD = b"\x80", b"l\xfc\x9cF\xf9 j\xa8P\x19", 40
"""How a pickle begins; what torch.save before PyTorch 1.6 wrote into its first bytes (torch.serialization.MAGIC_NUMBER)."""
MISSING = re.compile(r"attribute '([\w.]+)' on <module '([\w.]+)'")
"""How pickle says that a module has no such class."""
UNSAFE = re.compile(r"(?:GLOBAL|allowed global:?|find) ([\w.]+\.[\w.]+)")


class Note:
    """What stands for each of these: it takes anything, and does nothing with it."""

    def __init__(self, *_: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


def load(path: Path, trust: bool) -> Any:
    """Return what is in the file: a dict, or with `trust` a module. Raises ProjectError."""
    if path.suffix.lower() == ".safetensors":
        return _safetensors(path)
    _refuse_plain_pickle(path)
    script = _is_torchscript(path)
    _require_unchanged(path)
    if script and not trust:
        raise ProjectError.of("XM532", file=path, code="TorchScript")
    library = torch()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's words for programmers
            if trust:
                with suppress(MissingDependency):
                    torchvision_models()  # most modules are of one of its classes
                return library.jit.load(str(path), "cpu") if script else library.load(path, "cpu", weights_only=False)
            with library.serialization.safe_globals(_allowed()):
                return library.load(path, "cpu", weights_only=True)
    except OSError as error:
        raise ProjectError.of("XM531", file=path, reason=error.strerror or error) from None
    except (AttributeError, ModuleNotFoundError) as error:  # a class of somebody's own program
        found = MISSING.search(str(error))
        name = f"{found[2]}.{found[1]}" if found else getattr(error, "name", None) or in_short(error)
        raise ProjectError.of("XM482", file=path, name=name.removeprefix("__main__.")) from None
    except Exception as error:  # noqa: BLE001  # the file decides what is raised: a cut archive, a pickle of anything
        if not trust and (code := _would_run(path, str(error))):
            raise ProjectError.of("XM532", file=path, code=", ".join(code)) from None
        raise ProjectError.of("XM531", file=path, reason=in_short(error) if trust else _damage(path)) from None


def _refuse_plain_pickle(path: Path) -> None:
    """Raise ProjectError for what pickle.dump wrote: PyTorch reads no such file, but would run its code where it is trusted."""
    try:
        with path.open("rb") as file:
            data = file.read(HEAD)
            if not data.startswith(PICKLE) or MAGIC in data:
                return
            data += file.read()
    except OSError:  # told of by who reads it
        return
    if code := called(data, HARMLESS):
        raise ProjectError.of("XM529", file=path, code=", ".join(sorted(code)))


def _require_unchanged(path: Path) -> None:
    """Raise ProjectError for an archive whose bytes are not those that were written: PyTorch does not look at its checksums."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError):  # cut off, or no archive: so does PyTorch find it
        return
    with archive:
        try:
            for entry in archive.infolist():
                if entry.CRC:  # 0 is written where torch.serialization.set_crc32_options says so
                    with archive.open(entry) as content:
                        while content.read(1 << 20):
                            pass
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
            raise ProjectError.of("XM531", file=path, reason=reasons().changed) from None


def _damage(path: Path) -> str:
    """Return what is wrong with a file that names no code: PyTorch's own words are for programmers."""
    with path.open("rb") as file:
        begins = file.read(2)
    return reasons().cut if begins == b"PK" else reasons().foreign


def _allowed() -> list[Any]:
    """Return what may be made beside tensors: numbers and arrays of numpy, and the stand-ins."""
    import numpy as np

    made: list[Any] = [np.ndarray, np.dtype, *{type(np.dtype(kind)) for kind in "?bBhHiIlLqQefd"}]
    multiarray: list[Any] = [np.zeros(1).__reduce__()[0], np.float64(0).__reduce__()[0]]
    for function in multiarray:
        made += [(function, f"numpy.{core}.multiarray.{function.__name__}") for core in ("core", "_core")]
    return [*made, *((Note, name) for name in NOTES), *layers()]


def _would_run(path: Path, error: str) -> list[str]:
    """Return the names of what the file would have called or made; [] when that is not what is wrong with it."""
    try:
        names = torch().serialization.get_unsafe_globals_in_checkpoint(path)
        known = (*NOTES, FLAT, "torch.device")
        names = [name for name in names if name not in known and not name.startswith(("numpy.", "torch.nn.modules."))]
    except Exception:  # noqa: BLE001  # no zip archive, as before PyTorch 1.6: the error names the first one
        names = UNSAFE.findall(error)[:1] or called(path.read_bytes(), HARMLESS)
    return sorted(names)


def _is_torchscript(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _safetensors(path: Path) -> Any:
    from safetensors.torch import load_file  # comes with timm

    try:
        return load_file(path)
    except Exception as error:  # noqa: BLE001  # its own
        raise ProjectError.of("XM531", file=path, reason=in_short(error)) from None
