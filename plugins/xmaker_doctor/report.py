"""Says what was found: a sign, the thing, the words, and the fix on the next line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from xmaker.words import columns, width
from xmaker_doctor.findings import THINGS, Finding, name_of, phrase

SIGNS = {"fine": ("✓", "+", "green"), "notice": ("!", "!", "yellow"), "broken": ("✗", "x", "red")}
"""State → its sign, the sign where a terminal cannot show that, and its colour."""


def tell(finding: Finding) -> None:
    """Print one finding."""
    sign, plain, colour = SIGNS[finding.state]
    room = max(map(width, columns("XM860")[: len(THINGS)]))
    name = name_of(finding.thing)
    words = f"{name}{' ' * (room - width(name))}  {_printable(finding.what)}"
    click.echo(f"{click.style(sign if _can_show(sign) else plain, colour)} {words}")
    if finding.fix:
        click.echo(f"  → {_printable(finding.fix)}")


def conclude(found: Sequence[Finding]) -> int:
    """Print what it comes to; return the exit code: 1 when something is broken."""
    faults = [finding for finding in found if finding.state == "broken"]
    if faults:
        code = next((fault.code for fault in faults if fault.code), "XM601")
        click.echo("\n" + phrase("XM861", 2, broken=len(faults), code=code))
        return 1
    click.echo("\n" + phrase("XM861", int(any(finding.state == "notice" for finding in found))))
    return 0


def _printable(text: str) -> str:
    """Names of devices come from the devices; none may steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _can_show(sign: str) -> bool:
    try:
        sign.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
