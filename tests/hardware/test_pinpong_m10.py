"""The driver pinpong on a UNIHIKER M10: the real library, and the board's files in a mount namespace."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_every_part_of_an_m10_is_moved_through_its_files(on_m10: Callable[..., str]) -> None:
    shown = on_m10(sys.executable, Path(__file__).parent / "m10_check.py")
    assert "project ['done', 'done', 'done']" in shown, shown
    assert "parts 0" in shown
