"""A model is put into a project's file, and nothing else in it changes."""

from __future__ import annotations

import pytest
from xmaker_panel.using import with_model


@pytest.mark.parametrize(
    ("written", "then"),
    [
        ("{use: classifier, from: camera}", "{use: classifier, from: camera, model: m.json}"),
        ("{use: classifier, model: cat-dog, from: camera}", "{use: classifier, model: m.json, from: camera}"),
        ("{use: classifier, model: 'a b.onnx' , from: camera } # x", "{use: classifier, model: m.json , from: camera } # x"),
        ("\n    use: classifier\n    from: camera\n", "\n    model: m.json\n    use: classifier\n    from: camera\n"),
        (
            "\n    # why\n    model: cat-dog # x\n    use: classifier\n",
            "\n    # why\n    model: m.json # x\n    use: classifier\n",
        ),
        ("classifier", "{use: classifier, model: m.json}"),
        ("{use: classifier,\n    from: camera,\n  }", "{use: classifier,\n    from: camera, model: m.json,\n  }"),
    ],
)
def test_only_the_model_changes_in_a_project_file(written: str, then: str) -> None:
    text = "models:\n  other: {use: classifier, model: x}\n  pet: %s\nrules: []  # ende\n"
    assert with_model(text % written, "pet", "m.json") == text % then
