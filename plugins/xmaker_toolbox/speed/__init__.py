"""How fast networks run on this board: measured, shown in the tutorial's table, compared with other boards."""
