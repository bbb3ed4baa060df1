"""Changes to a model's file that leave what it has learnt: what it weighs, what it takes, and what it says of itself."""
