"""What the heads in the box reach on people whom they have never heard; the recordings are not part of XMaker."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import hearing
from bench.measure import Settings

SPEECH = Path(os.environ.get("XMAKER_TEST_MEDIA", "")) / "speech"


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("XMAKER_TEST_MEDIA"), reason="needs recordings: XMAKER_TEST_MEDIA")
def test_real_speakers_are_understood() -> None:
    reached = {row.figure: row.measured for row in hearing.run(Settings(speech=SPEECH))}
    assert reached["digits, FSDD"] > 0.92
    assert reached["lamp-zh, hj_zh"] > 0.7
    assert reached["own voice, 5 takes of each word"] > 0.94
