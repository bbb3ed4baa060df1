"""What people type wrongly, and what XMaker must say to it. `python -m tests.bad_input zh` prints the table.

‸ marks the place that the message must point at. A row with several codes has several problems, in the order of the codes.
"""

from . import actions, conditions, files, layout, nodes, rules
from .row import Bad, line, then, when

__all__ = ["BAD", "Bad", "line", "then", "when"]

BAD = (*layout.BAD, *nodes.BAD, *conditions.BAD, *actions.BAD, *rules.BAD, *files.BAD)
