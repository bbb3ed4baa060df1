"""Says values, labels and option types in the user's words, for the live view, plain lines and lists alike."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import types
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from unicodedata import east_asian_width

from xmaker.detections import Detections
from xmaker.drivers import I2CAddress, Pin
from xmaker.errors import language, message
from xmaker.nodes import EVERY_NODE, ActionSpec, Quantity
from xmaker.options import Unit, option_fields, option_types
from xmaker.rules.functions import text_of
from xmaker.values import Action, Label, Reading

_TYPES: dict[Any, str] = {int: "XM220", float: "XM221", str: "XM222", bool: "XM223", list: "XM224", dict: "XM225"}
_TYPES |= {tuple: "XM224", Pin: "XM228", I2CAddress: "XM709"}


def columns(code: str) -> list[str]:
    """Return words that stand together in the catalog, separated by |."""
    return message(code, "what").split("|")


def card_word(word: str) -> str:
    """Return what a word of a model's card is called in the user's language; one that is not listed stays as it is."""
    return dict(zip(message("XM900", "what", "en").split("|"), columns("XM900"), strict=True)).get(word, word)


def width(text: str) -> int:
    """Return how many columns a text takes in a terminal: Chinese takes two each."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def value_words(value: Any, gives: Any = None) -> str:
    """Return a value on one line; `gives` is what its node declares (the units of a reading)."""
    if isinstance(value, Label):
        return f"{text_of(value.label)} {value.score:.0%}"
    if isinstance(value, Reading):
        if len(value.values) > 1 and all(isinstance(field, bool) for field in value.values.values()):
            return ", ".join(name for name, field in value.values.items() if field) or "-"
        units = {name: f" {field.unit}".rstrip() for name, field in gives.items()} if isinstance(gives, Mapping) else {}
        fields = {name: text_of(field) + units.get(name, "") for name, field in value.values.items()}
        return ", ".join(words if name == "value" else f"{name} {words}" for name, words in fields.items())
    if isinstance(value, Action):
        return " ".join([value.action, *map(text_of, value.args)])
    if isinstance(value, Detections):
        counts = Counter(text_of(item.label) for item in value.items)
        return ", ".join(f"{count} {label}" for label, count in counts.items()) or "-"
    return " ".join(text_of(field) for field in value.to_json().values() if field is not True)


def range_words(quantity: Quantity) -> str:
    """Return what a field usually holds: `0…100 %`, `true/false`."""
    if quantity.kind == "number":
        return f"{quantity.low:g}…{quantity.high:g} {quantity.unit}".rstrip()
    return "true/false" if quantity.kind == "flag" else quantity.example


def spoken(doc: str) -> str:
    """Return a docstring in the user's language: below its first sentence, lines may say the same in Chinese."""
    first, blank, rest = doc.partition("\n\n")
    english, chinese = list[str](), list[str]()
    for line in first.split("\n"):
        is_chinese = bool(english) and re.search("[\u4e00-\u9fff]", re.sub("`[^`]*`", "", line))
        (chinese if is_chinese else english).append(line)
    return "\n".join(chinese if chinese and language() == "zh" else english) + blank + rest


def node_doc(node_type: type) -> str:
    """Return what a node type is, in the user's language."""
    return spoken(inspect.getdoc(node_type) or "").strip()


def action_doc(action: ActionSpec) -> str:
    """Return what an action does, in one line and in the user's language."""
    if action.name in EVERY_NODE:
        return columns("XM994")[EVERY_NODE.index(action.name)]
    return " ".join(spoken(action.doc).partition("\n\n")[0].split())


def default_words(field: dataclasses.Field[Any]) -> object:
    """Return what an option is when a project does not give it."""
    default = getattr(field.default, "names", field.default)  # a pin is its names
    default = f"0x{default:02X}" if isinstance(default, I2CAddress) else default
    required = message("XM726", "what") if default is dataclasses.MISSING else default
    return required if field.default_factory is dataclasses.MISSING else field.default_factory()


def option_rows(node_type: type) -> list[tuple[str, str, object, str]]:
    """Return (name, what it takes, what it is without being given, what it is for) of each option."""
    types_, docs = option_types(node_type), option_docs(node_type)
    fields = option_fields(node_type).items()
    return [(name, type_words(types_[name]), default_words(field), docs.get(name, "")) for name, field in fields]


def option_docs(node_type: type) -> dict[str, str]:
    """Return what is written under each option in its class, in one line and in the user's language."""
    lines = ast.parse(inspect.cleandoc("\n" + inspect.getsource(node_type))).body[0]
    body = lines.body if isinstance(lines, ast.ClassDef) else []
    docs = {}
    for option, doc in pairwise(body):
        written = isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
        if written and isinstance(option, ast.AnnAssign) and isinstance(option.target, ast.Name):
            text = inspect.cleandoc(str(doc.value.value))  # type: ignore[attr-defined]  # see `written`
            docs[option.target.id] = " ".join(spoken(text).split())
    return docs


def type_words(annotation: Any) -> str:
    """Return in plain words what an option takes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        unit = next((mark for mark in arguments if isinstance(mark, Unit)), None)
        return message("XM226", "what", example=unit.example) if unit else type_words(arguments[0])
    if origin in (Union, types.UnionType):
        return " / ".join(type_words(member) for member in arguments if member is not types.NoneType)
    if origin is Literal:
        return message("XM227", "what", choices=", ".join(str(choice) or '""' for choice in arguments))
    code = _TYPES.get(origin or annotation)
    return message(code, "what", _="") if code else str(getattr(annotation, "__name__", annotation))
