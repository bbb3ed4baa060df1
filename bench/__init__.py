"""What the framework costs, as ratios against the bare loop. `python -m bench` lists the figures that it can measure."""
