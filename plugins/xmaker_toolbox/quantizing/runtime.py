"""ONNX Runtime as the toolbox uses it: imported late, and quiet."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any
from warnings import catch_warnings, simplefilter


def onnxruntime() -> Any:
    """Return the library."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # from 1.29 on it would phone home
    import onnxruntime as library

    if not os.environ.get("XMAKER_VERBOSE"):
        library.set_default_logger_severity(4)
    return library


@contextmanager
def hushed() -> Iterator[None]:
    """Keep what libraries print and log away from the user, unless he asked for it (`--verbose`)."""
    if os.environ.get("XMAKER_VERBOSE"):
        yield
        return
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), catch_warnings():
            simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def in_short(error: BaseException) -> str:
    """Return the line of a library's error that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__).split(" : ")[-1][:200]
