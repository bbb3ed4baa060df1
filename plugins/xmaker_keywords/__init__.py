"""Words: the node `keywords`, the heads in the box, and how to teach others.

Two plugins in one package: `catalog` is loaded at every start, so that its models have names; `node` only where it is used.
"""
