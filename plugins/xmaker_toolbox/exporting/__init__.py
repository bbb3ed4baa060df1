"""Writes a network in the files of other engines, with its card beside them, and sees that they answer the same."""
