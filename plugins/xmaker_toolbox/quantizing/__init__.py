"""Makes a network smaller and faster: numbers of 8 or 16 bits instead of 32, as many of them as its answers can bear.

`run` holds the road: `source` opens the network, `calibrate` sees which numbers occur, `integers` and `floats` write them
shorter, `exam` compares the answers, `choose` takes the best, `saved` writes it with its card.
"""
