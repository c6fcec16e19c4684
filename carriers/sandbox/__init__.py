"""The carriers from the other side of the wire: an HTTP server that plays every vendor of `players.PLAYERS`.

It verifies signatures and phone tails, keeps the vendors' limits and locks and answers in their shapes from a scripted
life of each parcel. Signatures and code tables are written here anew and shared with no adapter, so that a mistake
cannot hide on both sides of the wire.
"""
