"""What a check says (a finding), and what it may look at (the machine)."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.machinery import PathFinder
from importlib.metadata import distributions
from pathlib import Path
from typing import Literal

import msgspec

from xmaker import Board, Plugins, XMakerError
from xmaker.errors import Problem, message
from xmaker.words import columns

State = Literal["fine", "notice", "broken"]
THINGS = (
    *("board", "python", "venv", "memory", "disk", "clock", "plugins", "engine", "pins", "i2c", "camera", "microphone"),
    *("speaker", "screen", "speech", "serial"),
)
"""What is looked at, in the order of the words in the catalog."""


class Finding(msgspec.Struct):
    """One line of the doctor: a thing, whether it is well, what was found, and the fix. A notice is no fault."""

    thing: str
    state: State
    what: str
    fix: str = ""
    code: str = ""


def name_of(thing: str) -> str:
    """Return the user's word for a thing."""
    return columns("XM860")[THINGS.index(thing)]


def fine(thing: str, what: str) -> Finding:
    return Finding(thing, "fine", what)


def notice(thing: str, code: str, /, **details: object) -> Finding:
    """Return something to know, with the catalog's words and fix."""
    return Finding(thing, "notice", message(code, "what", **details), message(code, "mend", **details), code)


def broken(thing: str, code: str, /, **details: object) -> Finding:
    """Return a fault, with the catalog's words and fix."""
    return Finding(thing, "broken", message(code, "what", **details), message(code, "mend", **details), code)


def of_error(thing: str, error: XMakerError) -> Finding:
    """Return an error that XMaker itself would show as a fault."""
    return Finding(thing, "broken", str(error), error.hint, error.code)


def phrase(code: str, number: int, /, **details: object) -> str:
    """Return one of the phrases that stand together in the catalog. Cut first: a detail may have a | in it."""
    return columns(code)[number].format_map(details)


HINTS = {
    "XM801": 0,
    "XM802": 0,
    "XM807": 1,
    "XM804": 2,
    "XM617": 3,
    "XM830": 4,
    "XM831": 5,
    "XM832": 4,
    "XM833": 4,
    "XM809": 6,
    "XM849": 6,
}
"""Code → which phrase of XM808 mends it here: the doctor has no project whose options one could set, and tries once."""


class Hinted(Problem):
    """A problem that is mended in another way than in a project."""

    def mend(self, lang: str | None = None) -> str:
        return message("XM808", "what", lang).split("|")[HINTS[self.code]]


def rehint(error: XMakerError) -> None:
    """Give an error the hints that are true in the doctor."""
    error.problems = tuple(Hinted(one.code, one.details, one.mark) if one.code in HINTS else one for one in error.problems)
    error.hint = error.problems[0].mend() if error.problems else error.hint


@dataclass
class Machine:
    """The computer as the checks see it. A test may give it another root, with a /proc, /dev and /sys of its own."""

    board: Board
    plugins: Plugins
    root: Path = Path("/")
    site: list[str] = field(default_factory=lambda: list(sys.path))
    """Where libraries are looked for."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    linux: bool = sys.platform == "linux"
    python: tuple[int, int] = sys.version_info[:2]
    arch: str = platform.machine()
    prefix: str = sys.prefix
    base_prefix: str = sys.base_prefix
    now: float = field(default_factory=time.time)

    @property
    def is_m10(self) -> bool:
        return (self.root / "opt/unihiker/Version").exists()

    def devices(self, *patterns: str) -> list[Path]:
        """Return the device files of these names in the order of their numbers."""
        found = [path for pattern in patterns for path in (self.root / "dev").glob(pattern)]
        return sorted(found, key=lambda path: (len(path.name), path.name))

    def shown(self, path: Path) -> str:
        """Return a path as users know it."""
        return "/" + path.relative_to(self.root).as_posix()

    def text(self, path: str) -> str:
        """Return what a small file of the system says, or ""."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip("\0\n ")
        except OSError:
            return ""

    def texts(self, pattern: str) -> list[str]:
        """Return what several small files of the system say."""
        return [self.text(str(path)) for path in self.root.glob(pattern)]

    def has(self, module: str) -> bool:
        """Return whether a library is installed, without importing it: some end the program when imported."""
        return PathFinder.find_spec(module, self.site) is not None

    def version(self, library: str) -> str:
        """Return the version of an installed library, or ""."""
        return next((one.version for one in distributions(name=library, path=self.site)), "")


def forbidden(machine: Machine, thing: str, path: Path, group: str, subsystem: str) -> Finding | None:
    """Return why this user may not use a device, or None. Access lists count too, so the system itself is asked."""
    wanted, effective = os.R_OK | os.W_OK, os.access in os.supports_effective_ids
    if os.access(path, wanted, effective_ids=effective):
        return None
    owner, groups = path.stat().st_gid, _groups(machine)
    name, members = groups.get(owner, (group, []))
    if owner == 0 or owner in os.getgroups():
        return broken(thing, "XM874", device=machine.shown(path), group=group, subsystem=subsystem)
    code = "XM873" if _user(machine) in members else "XM872"
    return broken(thing, code, device=machine.shown(path), group=name)


def _groups(machine: Machine) -> dict[int, tuple[str, list[str]]]:
    rows = [line.split(":") for line in machine.text("etc/group").splitlines()]
    return {int(row[2]): (row[0], row[3].split(",")) for row in rows if len(row) == 4 and row[2].isdigit()}


def _user(machine: Machine) -> str:
    rows = [line.split(":") for line in machine.text("etc/passwd").splitlines()]
    return next((row[0] for row in rows if len(row) > 2 and row[2] == str(os.geteuid())), "")


def holder(machine: Machine, path: Path) -> tuple[str, int] | None:
    """Return the program (name, process) that has a device open. Those of other users only root may see."""
    wanted = machine.shown(path)
    for process in _processes(machine):
        try:
            links = [os.readlink(link) for link in (process / "fd").iterdir()]
        except OSError:
            continue  # it has ended meanwhile, or is another user's
        if wanted in links and int(process.name) != os.getpid():
            return machine.text(f"proc/{process.name}/comm") or "?", int(process.name)
    return None


def runs(machine: Machine, program: str) -> bool:
    """Return whether a program runs."""
    return any(machine.text(f"proc/{process.name}/comm") == program for process in _processes(machine))


def _processes(machine: Machine) -> Iterable[Path]:
    return (machine.root / "proc").glob("[0-9]*")
