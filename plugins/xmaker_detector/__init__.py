"""Things in pictures: the node `detector`, and the layouts of networks' outputs.

Two plugins in one package: `reading` is loaded at every start, so that networks are known; `node` only where it is used.
"""
