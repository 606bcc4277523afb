"""The stages of MobileNetV2's blocks, for the same network in every framework."""

#: How much wider a block is within, its channels, how many there are, and the first one's stride.
ROWS = (
    (1, 4, 1, 1),
    (6, 6, 2, 2),
    (6, 8, 3, 2),
    (6, 10, 4, 2),
    (6, 12, 3, 1),
    (6, 14, 3, 2),
    (6, 16, 1, 1),
)
