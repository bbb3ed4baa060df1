"""`xmaker.toolbox.edit_card(…)`: what a model's file says of itself, read and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from xmaker_vision.guess import labelled_card, picture_input, scores_of

from xmaker import ModelCard, Plugins, ProjectError, XMakerError, card_beside, read_onnx
from xmaker_toolbox.convert.labels import read_labels
from xmaker_toolbox.editing.fields import changed
from xmaker_toolbox.editing.network import new_file
from xmaker_toolbox.files import whole
from xmaker_toolbox.quantizing.saved import card_of, said

LARGEST = 5_000_000
"""Bytes of a card: a larger file in JSON is something else, and is not read."""


class Edited(msgspec.Struct, frozen=True):
    """What came of changing a card."""

    path: Path
    before: ModelCard
    after: ModelCard


def read_card(model: str) -> ModelCard:
    """Return the card of a name of the catalog, or of a file; of a file without one, what its shapes tell.

    A card in JSON that lies beside a file of another kind than ONNX is that file's. Raises ProjectError.
    """
    path = Path(model).expanduser()
    beside = _beside(path)
    if beside != path and path.is_file() and _names(beside, path):
        return card_beside(beside)
    try:
        return Plugins.load().model(model, Path.cwd())
    except ProjectError as error:
        if error.code != "XM606" or path.suffix.lower() != ".onnx":
            raise
    return _guessed(path)


def _guessed(path: Path) -> ModelCard:
    """Return the card that an .onnx file would have with labels beside it, without them. Raises ProjectError."""
    from xmaker_detector.reading import guessed_card

    file = read_onnx(path)
    labels = {"zh": ["?"] * max(1, scores_of(file))}
    card = labelled_card(file, labels) or guessed_card(file, labels=labels)
    if card is None or (card.task == "detect" and not card.decode):
        guessed = list[str]()
        wanted = picture_input(file, guessed)
        task = "classify" if scores_of(file) else "detect"
        guessed += [f"task: {task}", f"pictures: {wanted.colour} from 0 to 255"]
        card = ModelCard(name=path.stem, task=task, input=wanted, guessed=guessed)
    return msgspec.structs.replace(card, file=path.name, labels={}, format="", path=path)


def edit_card(
    model: str | Path,
    out: str | Path | None = None,
    *,
    values: Mapping[str, str] | None = None,
    labels: str | Path | Sequence[str] | None = None,
    labels_zh: str | Path | Sequence[str] | None = None,
) -> Edited:
    """Change what a model's file says of itself, in the file, or in a new one: `out`.

    `values` are written as one would type them: {"title.zh": "猫狗", "input.mean": "127.5, 127.5, 127.5"}. `labels` and the
    Chinese `labels_zh` are text files with a name a line (UTF-8, UTF-16 or GBK), or the names. In an .onnx file the card is
    inside, for any other it is a .json file beside it. The network itself stays as it is, byte for byte.
    Raises ProjectError, and leaves the file as it was, for what no card can say.
    """
    before = read_card(str(model))
    original = before.path
    if original is None or not original.is_file():
        raise ProjectError.of("XM604", file=original or model)
    target = _target(Path(model).expanduser(), original, Path(out).expanduser() if out is not None else None)
    after = changed(before, values or {})
    if names := _labels(before, read_labels(labels), read_labels(labels_zh)):
        after = msgspec.structs.replace(after, labels=names)
    _require_fitting(after, original)
    if out is not None:
        after = card_of(after, target if target.suffix == ".onnx" else original, after.calibration, after.accuracy)
    _write(after, original, target)
    return Edited(target, before, after)


def _beside(path: Path) -> Path:
    """Return the card's own file, of a model that cannot have it inside: cats.json for cats.tflite, or one that names it."""
    if path.suffix.lower() in (".onnx", ".json"):
        return path
    stem = path.name.partition(".")[0]
    cards = sorted(path.parent.glob("*.json"), key=lambda card: (not card.name.startswith(stem), card.name))
    return next((card for card in cards if _names(card, path)), path.with_name(f"{stem}.json"))


def _names(card: Path, file: Path) -> bool:
    try:
        return card.stat().st_size < LARGEST and card_beside(card).file == file.name
    except (XMakerError, OSError):
        return False


def _target(given: Path, original: Path, out: Path | None) -> Path:
    """Return the file to write. Raises ProjectError for a model of XMaker's own, or where parts of it would be lost."""
    inside = original.suffix.lower() == ".onnx" and given.suffix.lower() != ".json"
    if out is None:
        if not given.is_file():
            raise ProjectError.of("XM567", model=given)
        return given if inside else _beside(given)
    if inside:
        target = new_file(out, original, "card") if not (out.exists() and out.samefile(original)) else out
        elsewhere = read_onnx(original).elsewhere
    else:
        target, elsewhere = out, [original.name]
        if target.suffix.lower() != ".json":
            raise ProjectError.of("XM552", file=target, command="card", name=original.stem)
    if elsewhere and target.resolve().parent != original.resolve().parent:
        raise ProjectError.of("XM568", file=target, others=", ".join(elsewhere), folder=original.parent)
    return target


def _labels(card: ModelCard, names: Sequence[str], chinese: Sequence[str]) -> dict[str, list[str]]:
    """Return the labels as a card has them; {} when none were given. Chinese ones alone are put beside those there are.

    Raises ProjectError when there are more in one language than in the other.
    """
    if not names and not chinese:
        return {}
    english = list(names) or card.labels.get("en") or list(chinese)
    if chinese and len(chinese) != len(english):
        raise ProjectError.of("XM650", file=card.path, scores=len(english), labels=len(chinese))
    return {"en": english, "zh": list(chinese or english)}


def _require_fitting(card: ModelCard, file: Path) -> None:
    """Raise ProjectError when a classifier has more or fewer labels than scores."""
    labels = len(card.label_names())
    scores = scores_of(read_onnx(file), card.output) if file.suffix.lower() == ".onnx" and card.task == "classify" else 0
    if labels and scores and scores != labels:
        raise ProjectError.of("XM650", file=file, scores=scores, labels=labels)


def _write(card: ModelCard, original: Path, target: Path) -> None:
    text = msgspec.json.encode(said(msgspec.structs.replace(card, path=None)))
    with whole(target) as part:
        if target.suffix.lower() == ".onnx":
            part.write_bytes(_with_entry(original.read_bytes(), "xmaker", text.decode()))
        else:
            part.write_bytes(msgspec.json.format(text, indent=1) + b"\n")


def _with_entry(model: bytes, key: str, value: str) -> bytes:
    """Return an ONNX file with an entry in its metadata; all else is what it was, byte for byte."""
    from xmaker.protobuf import fields
    from xmaker_toolbox.teach.protobuf import field, metadata

    parts: list[bytes] = []
    for number, where in fields(model, slice(0, len(model))):
        content: Any = where if isinstance(where, int) else model[where]
        own = {part: content[text] for part, text in fields(content, slice(0, len(content)))} if number == 14 else {}
        if own.get(1) != key.encode():
            parts.append(field(number, content))
    return b"".join([*parts, metadata({key: value})])
