"""Builds the package: hatchling does, once it is clear that XMaker could run here; pip alone would say that in a hundred lines.

Old syntax here, because a Python that is too old must be able to read this, and under this name, because its pip looks for it.
"""

import sys

from xmaker.old_python import refusal

if refusal():
    sys.exit(refusal())

from hatchling.build import *  # noqa: F403
