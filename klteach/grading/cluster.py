"""Grades a class on the workers of a Dask cluster: one warm process on each, batches of 25."""

from collections.abc import Iterator
from itertools import islice

from klteach.grading.errors import GradingError
from klteach.grading.run import Done, Map, grade_batch

BATCH = 25  # of one task, since sending a task costs as much as grading a notebook


def on_cluster(address: str, trust: bool = False, seconds: float = 10) -> Map:
    """Batches on the cluster whose scheduler listens at `address` and answers in time.

    The walls are those of the workers' machines, and each of them is asked.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise GradingError('a cluster needs Dask: pip install "klteach[cluster]".') from None

    def each(waiting, limits, seed) -> Iterator[Done]:
        batches = _batches(waiting)
        first = next(batches, None)
        if first is None:
            return  # nothing to grade, and nobody to ask
        try:
            client = Client(address, timeout=seconds)
        except (OSError, ValueError) as error:
            raise GradingError(f"no scheduler answers at {address} ({error}).") from None
        with client:
            # a task that was lost with its worker is run again on another
            futures = [
                client.submit(grade_batch, batch, limits, seed, trust, pure=False)
                for batch in (first, *batches)
            ]
            for future in as_completed(futures):
                yield from future.result()
                future.release()

    return each


def _batches(waiting):
    waiting = iter(waiting)
    while batch := list(islice(waiting, BATCH)):
        yield batch
