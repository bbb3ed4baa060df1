"""A card's details as words that can be typed: `input.width`, `title.zh`, `decode.scores`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec

from xmaker import ModelCard, ModelInput, ProjectError
from xmaker.errors import LANGUAGES, nearest
from xmaker.words import type_words
from xmaker_toolbox.nodes import NODES

TASKS = (*NODES, "keywords")
TEXTS = ("name", "title", "task", "licence", "source", "format", "output", "guessed")
PICTURE = tuple(f"input.{name}" for name in ModelInput.__struct_fields__)
KEYS = (*TEXTS, *(f"title.{language}" for language in LANGUAGES), *PICTURE, "decode.layout", "decode.scores")
"""What can be set; of `decode`, anything."""
LONG = 100
"""Characters of a detail that is shown: weights and anchors are not."""
SEVERAL = ("input.mean", "input.std")


def changed(card: ModelCard, values: Mapping[str, str]) -> ModelCard:
    """Return a card with details changed, as they were typed; one without text is as usual. Raises ProjectError."""
    for key, text in values.items():
        first, _, rest = key.partition(".")
        if key not in KEYS and (first != "decode" or not rest):
            raise ProjectError.of("XM565", key=key, known=", ".join(KEYS), near=_near(key))
        made: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(card, path=None))
        _put(made, key, text.strip())
        try:
            checked = msgspec.convert(made, ModelCard, strict=False)
        except msgspec.ValidationError as error:
            raise ProjectError.of("XM566", key=key, value=text, reason=_wanted(rest or key, str(error))) from None
        checked.path = card.path
        card = checked
    return card


def _put(made: dict[str, Any], key: str, text: str) -> None:
    """Put a typed text where it belongs. Raises ProjectError for what no type would refuse."""
    first, _, rest = key.partition(".")
    if key == "title":
        made["title"] = {language: text for language in LANGUAGES if text}
    elif key == "guessed":
        if text:
            raise ProjectError.of("XM566", key=key, value=text, reason="guessed=")
        made["guessed"] = []
    elif key == "task" and text not in TASKS:
        raise ProjectError.of("XM566", key=key, value=text, reason=", ".join(TASKS))
    elif key in SEVERAL:
        colours = 1 if made["input"]["colour"].startswith("GREY") else 3
        numbers = text.strip("[]()").replace(",", " ").split()
        if len(numbers) not in (0, 1, colours) or not all(
            _is_number(one) and (float(one) > 0 or key == "input.mean") for one in numbers
        ):
            raise ProjectError.of("XM566", key=key, value=text, reason=f"{type_words(float)} (1, {colours})")
        made["input"][rest] = (numbers * colours if len(numbers) == 1 else numbers) or None
    elif not rest:
        made[key] = text or (None if key == "source" else "")
    elif first == "decode" and text:
        made["decode"][rest] = _typed(text)
    elif not text:
        made[first].pop(rest, None)
    else:
        made[first][rest] = f"0{text}" if text.startswith(".") else text


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _typed(text: str) -> Any:
    """Return a number, list … as JSON writes it; any other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _wanted(name: str, error: str) -> str:
    """Return what a detail takes, in the user's words; bounds are what msgspec says of them."""
    kind = get_type_hints(ModelInput, include_extras=True).get(name, str)
    bound = re.search(r"[<>]=? [\d.]+", error)
    return f"{type_words(kind)} {bound[0] if bound else ''}".strip()


def _near(key: str) -> str:
    """Return the key that was probably meant: the one that ends so, or is spelt almost so."""
    ending = [known for known in KEYS if known.endswith(f".{key}")]
    return ending[0] if len(ending) == 1 else "" if ending else nearest(key, KEYS)


def details(card: ModelCard) -> dict[str, str]:
    """Return what a card says, by the words with which it can be changed; labels are counted."""
    shown = {"name": card.name, "file": card.file}
    shown |= {f"title.{language}": title for language, title in card.title.items()}
    shown |= {"task": card.task, "licence": card.licence, "format": card.format, "output": card.output}
    shown |= {"source": _in_short(card.source) if card.source else ""}
    shown |= {f"input.{name}": _in_short(getattr(card.input, name)) for name in ModelInput.__struct_fields__}
    shown |= {f"decode.{name}": _in_short(value) for name, value in card.decode.items()}
    for language, names in card.labels.items():
        shown[f"labels.{language}"] = f"{len(names)}: {_in_short(', '.join(names))}"
    return shown | {"guessed": "; ".join(card.guessed)}


def _in_short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONG else f"{text[:LONG]}…"
