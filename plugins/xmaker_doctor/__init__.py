"""The command `xmaker doctor`: looks at everything that a project may need, says what is wrong, and how to mend it."""

from __future__ import annotations

from typing import Any

from xmaker import hookimpl


@hookimpl
def xmaker_commands(cli: Any) -> None:
    from xmaker_doctor.commands import doctor

    cli.add_command(doctor)
