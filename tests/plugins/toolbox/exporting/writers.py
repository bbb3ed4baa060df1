"""What the tests of exporting share: whether a converter is here, and what is said where it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from xmaker_toolbox.exporting.litert import INSTALL, require
from xmaker_toolbox.exporting.run import export

from xmaker import MissingDependency, ProjectError


def _there() -> bool:
    try:
        require()
    except MissingDependency:
        return False
    return True


ONNX2TF = pytest.mark.skipif(not _there(), reason=f"needs, with Python 3.12 or newer: {INSTALL}")


def refusal(model: Path | str, out: Path) -> str:
    """Return the code of the message; nothing may be written."""
    before = sorted(out.parent.rglob("*"))
    with pytest.raises(ProjectError) as caught:
        export(model, out)
    assert sorted(out.parent.rglob("*")) == before
    return caught.value.code
