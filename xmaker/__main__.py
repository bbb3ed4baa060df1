"""`python -m xmaker` is the command `xmaker`."""

from xmaker.cli import main

main()
