"""The words of converting: each name has its own, in both languages."""

from __future__ import annotations

import pytest
from xmaker_toolbox.convert import words

from xmaker.errors import LANGUAGES, speaking


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_name_has_words_of_its_own(language: str) -> None:
    with speaking(language):
        for found in (words.guesses(), words.reasons()):  # a word too many or too few is a TypeError
            assert all(found) and len(set(found)) == len(found)


def test_words_are_what_their_names_say() -> None:
    with speaking("en"):
        assert "mean and deviation" in words.guesses().colours and "middle" in words.guesses().picture
        assert "timm prepares" in words.guesses().timm and "tf_" in words.guesses().twin
        assert "cut off" in words.reasons().cut and "torch.save" in words.reasons().foreign
        assert "changed" in words.reasons().changed
