"""Sums over long rows, taken in blocks that fit into the processor's cache.

An expression such as `p * np.log(p / q)` makes one temporary array per operation. On a million
entries each of them travels to main memory and back, which takes longer than the arithmetic. On a
block of a few thousand entries they stay in the cache. So a measure writes its formula plainly,
for one block, and this module, alone, knows about blocks.
"""

import numpy as np

# 8192 float64 numbers are 64 KB: several temporaries fit into a second-level cache, and NumPy's
# cost per operation hardly shows. Not 10,000 or more: from there on np.vecdot wakes the threads of
# the BLAS library, and on a busy machine each call waits for all of them.
BLOCK = 8192


def sums_in_blocks(block_sums, *arrays):
    """Row sums of whole arrays, from the row sums of their blocks.

    `arrays` share one shape (rows, length). `block_sums(*blocks)` returns a tuple of sums along
    the last axis, each of shape (rows of the block,). Returns as many arrays of shape (rows,).
    """
    rows, length = arrays[0].shape
    if rows * length <= BLOCK:
        return block_sums(*arrays)
    height = max(1, BLOCK // length)
    strips = []
    for top in range(0, rows, height):
        strip = [array[top : top + height] for array in arrays]
        pieces = [
            block_sums(*(array[:, left : left + BLOCK] for array in strip))
            for left in range(0, length, BLOCK)
        ]
        # The pieces of a row are put side by side because NumPy adds neighbours pairwise, which
        # keeps rounding errors small; along any other axis it would add them one by one.
        side_by_side = np.ascontiguousarray(np.transpose(pieces))
        strips.append(side_by_side.sum(axis=-1))
    return tuple(np.concatenate(strips).T)
