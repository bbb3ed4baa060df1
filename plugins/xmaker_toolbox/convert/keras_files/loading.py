"""Opens a Keras file: its plan is looked at, put into the words of Keras 3, and built with the file's weights."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from xmaker import ProjectError
from xmaker_toolbox.convert.keras_files import plan as plans
from xmaker_toolbox.convert.keras_files.library import keras
from xmaker_toolbox.quantizing.runtime import hushed

CONFIG, ATTRIBUTE = "config.json", "model_config"
HDF5 = b"\x89HDF\r\n\x1a\n"


class Loaded(msgspec.Struct, frozen=True):
    """A network of Keras."""

    model: Any
    """keras.Model"""
    plan: dict[str, Any]
    version: str
    """Of the Keras that wrote it: `2.15.0`."""


def load(path: Path, trust: bool) -> Loaded:
    """Build a file's network. Raises ProjectError for one that is none or carries code, MissingDependency."""
    with path.open("rb") as file:
        old = file.read(len(HDF5)) == HDF5
    library = keras()
    plan, version = (_of_h5 if old else _of_zip)(path)
    if not trust and (found := plans.code(plan)):
        raise ProjectError.of("XM912", file=path, code=", ".join(found[:5]))
    if found := plans.strange(plan, library):
        raise ProjectError.of("XM913", file=path, layers=", ".join(found[:5]))
    try:
        with TemporaryDirectory(prefix="xmaker-") as folder, hushed(), library.device("cpu"):
            copy = Path(folder) / ("copy.h5" if old else "copy.keras")
            (_write_h5 if old else _write_zip)(path, copy, plans.mended(plan, old and version.startswith("2.")))
            model = library.saving.load_model(str(copy), compile=False, safe_mode=not trust)
    except OSError as error:
        if error.errno is not None:  # no room, say; a damaged file has no number
            raise
        raise ProjectError.of("XM911", file=path, reason=shortly(error)) from None
    except Exception as error:  # noqa: BLE001  # Keras has many of its own
        raise ProjectError.of("XM914", file=path, version=version, reason=shortly(error)) from None
    return Loaded(model, plan, version)


def shortly(error: BaseException) -> str:
    """Return the sentence of an error of Keras that says what is wrong: it may quote the whole network, and other errors."""
    text = str(error).replace("\x1b[1m", "").replace("\x1b[0m", "").split("Exception encountered: ")[-1]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = next((line for line in lines if not line.startswith("Exception encountered when calling")), type(error).__name__)
    return told.split(" using config=")[0].split(" Full object")[0][:200].rstrip(".")


def _of_zip(path: Path) -> tuple[dict[str, Any], str]:
    """Return the plan of a .keras file, and the version of the Keras that wrote it."""
    try:
        with zipfile.ZipFile(path) as archive:
            told = json.loads(archive.read("metadata.json"))
            return dict(json.loads(archive.read(CONFIG))), str(told.get("keras_version", "?"))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, NotImplementedError) as error:
        raise ProjectError.of("XM911", file=path, reason=shortly(error)) from None


def _of_h5(path: Path) -> tuple[dict[str, Any], str]:
    """Return the plan of an .h5 file, and the version of the Keras that wrote it."""
    import h5py  # comes with Keras

    try:
        with h5py.File(path, "r") as file:
            found, version = file.attrs.get(ATTRIBUTE), file.attrs.get("keras_version", "?")
        if found is None:
            raise ProjectError.of("XM916", file=path)
        return dict(json.loads(found)), version.decode() if isinstance(version, bytes) else str(version)
    except ProjectError:
        raise
    except (OSError, ValueError, TypeError, RuntimeError, KeyError) as error:
        raise ProjectError.of("XM911", file=path, reason=shortly(error)) from None


def _write_zip(path: Path, copy: Path, plan: dict[str, Any]) -> None:
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        for one in source.infolist():
            if one.filename == CONFIG:
                target.writestr(CONFIG, json.dumps(plan))
            elif not one.is_dir():
                with source.open(one) as file, target.open(one.filename, "w", force_zip64=True) as part:
                    shutil.copyfileobj(file, part)


def _write_h5(path: Path, copy: Path, plan: dict[str, Any]) -> None:
    import h5py

    shutil.copyfile(path, copy)
    os.chmod(copy, 0o600)  # the source may be read-only
    with h5py.File(copy, "r+") as file:
        file.attrs[ATTRIBUTE] = json.dumps(plan)
