"""The command line. Old syntax here: a Python that is too old must be able to read this file and say so."""

import os
import sys

from xmaker.old_python import refusal


def main() -> None:
    """Run the command that was typed."""
    if refusal():
        sys.exit(refusal())
    try:
        from xmaker.cli.app import run

        run()
    except KeyboardInterrupt:  # pressed while it was still starting
        os._exit(130)
