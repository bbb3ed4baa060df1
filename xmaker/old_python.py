"""Refuses a Python that is too old, or of 32 bits. Old syntax here and on the way here: it must be able to read that."""

import os
import sys


def refusal() -> str:
    """Return one line that says why XMaker cannot run on this Python, and what to do, or "". The set-up asks, too."""
    bits = 64 if sys.maxsize > 2**32 else 32
    if sys.version_info >= (3, 11) and bits == 64:
        return ""
    import json

    with open(os.path.join(os.path.dirname(__file__), "messages.json"), encoding="utf-8") as file:
        catalog = json.load(file)
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG") if os.environ.get(name)), "")
    language = "zh" if locale.startswith("zh") else "en"
    newer = _newer() if bits == 64 else ""
    mend = catalog["XM723"]["what"] if newer else catalog["XM706"]["mend"]
    words = [catalog["XM001"]["what"][language].split("|")[0], catalog["XM706"]["what"][language], mend[language]]
    found = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}", "bits": bits, "newer": newer}
    return "{} XM706: {} {}".format(*words).format(**found)


def _newer() -> str:
    """Return a Python on this computer that is new enough, or "": a UNIHIKER has one in pyenv's folder."""
    from glob import glob

    folders = [os.environ.get("PYENV_ROOT", ""), os.path.expanduser("~/.pyenv")]
    places = [f"{folder}/versions/3.1[1-9].*/bin/python3" for folder in folders if folder]
    places += ["/usr/local/bin/python3.1[1-9]", "/usr/bin/python3.1[1-9]"]
    return next((python for place in places for python in sorted(glob(place))), "")
