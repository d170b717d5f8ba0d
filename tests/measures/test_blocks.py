"""The blocked kernel gives what one sum over everything gives."""

import math

import numpy as np
import pytest

from klteach.measures.blocks import BLOCK, sums_in_blocks


def row_sums(x, y):
    return x.sum(axis=-1), (x * y).sum(axis=-1)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, BLOCK), (1, BLOCK + 1), (3, BLOCK // 2), (BLOCK + 1, 2), (2, 5 * BLOCK)]
)
def test_blocks_cover_everything_once(shape):
    # Whole numbers, so that the sums are exact in whatever order they are taken.
    generator = np.random.default_rng(1)
    x, y = generator.integers(0, 1000, (2, *shape)).astype(float)
    for found, expected in zip(sums_in_blocks(row_sums, x, y), row_sums(x, y), strict=True):
        assert found.tolist() == expected.tolist()


def test_no_block_is_larger_than_promised():
    sizes = []

    def size(block):
        sizes.append(block.size)
        return (block.sum(axis=-1),)

    sums_in_blocks(size, np.ones((3, 2 * BLOCK + 1)))
    sums_in_blocks(size, np.ones((BLOCK, 5)))
    assert max(sizes) <= BLOCK


def test_many_blocks_do_not_pile_up_rounding_errors():
    x, y = np.full((2, 1, 400 * BLOCK), 0.1)
    exact = math.fsum(x[0])
    # Two sums at once, as the measures take them: their pieces lie interleaved in memory.
    found = sums_in_blocks(lambda x, y: (x.sum(axis=-1), y.sum(axis=-1)), x, y)
    assert np.abs(np.array(found) / exact - 1).max() <= 4e-16


def test_a_block_wakes_no_threads_of_the_blas_library():
    assert BLOCK < 10_000  # from here on OpenBLAS shares the work of a dot product
