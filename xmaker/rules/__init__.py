"""The rule language and what runs the rules."""
