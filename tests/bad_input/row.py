"""One row of the table of bad input, and the good project that it is a change of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from xmaker.project import Project

BASE = """\
inputs:
  camera: {}
  knob: {use: analog}
models:
  pet: {use: classifier, model: cat-dog, from: camera}
outputs:
  light: {use: led}
  lamp: {use: rgb_led}
  horn: {use: buzzer}
  screen: {}
vars: {count: 0}
rules:
"""


def rules(text: str) -> str:
    """A good project with these rules."""
    return BASE + text


def when(condition: str) -> str:
    return rules(f"  - when: {condition}\n    then: [light.on]\n")


def then(steps: str) -> str:
    return rules(f'  - when: pet == "cat"\n    then: {steps}\n')


def also(key: str) -> str:
    """A good project whose rule has another key."""
    return rules(f'  - when: pet == "cat"\n    then: [light.on]\n    {key}\n')


def line(name: str, text: str) -> str:
    """A good project with another line for this name."""
    return "".join(text + "\n" if row.strip().startswith(name + ":") else row for row in BASE.splitlines(keepends=True))


def change(old: str, new: str) -> str:
    return BASE.replace(old, new)


@dataclass(frozen=True)
class Bad:
    """One bad project: its text, the codes of what must be said, and the corrected line of each (" | " between them)."""

    name: str
    text: str | bytes
    codes: str
    corrected: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    """What else lies in the folder."""

    def places(self) -> list[tuple[int, int]]:
        """Line and column of every mark."""
        if isinstance(self.text, bytes):
            return []
        found = []
        for number, row in enumerate(self.text.split("\n"), 1):
            parts = row.split("‸")
            found += [(number, len("".join(parts[: index + 1])) + 1) for index in range(len(parts) - 1)]
        return found

    def load(self, folder: Path) -> Project:
        """Write the project into a folder and read it. Raises ProjectError."""
        data = self.text if isinstance(self.text, bytes) else self.text.replace("‸", "").encode()
        for name, content in {"project.yaml": data, **self.files}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        return Project.load(folder)
