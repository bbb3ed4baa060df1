"""Turns what training programs write into one file that XMaker, and XEduHub, run at once.

A source is read by one module (`sources.py` lists them by the ending of the file), written by one module of `targets.py`;
between the two, all is the same for all: the graph is finished, and its answers are compared with the source's own.
"""
