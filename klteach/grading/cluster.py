"""Grades a class on the workers of a Dask cluster: one warm process on each, batches of 25."""

from collections.abc import Iterator
from itertools import chain

from klteach.grading.errors import GradingError
from klteach.grading.run import Done, Map, grade_batch

BATCHES = 5  # put together to one task, since sending a task costs as much as grading a notebook


def on_cluster(address: str, seconds: float = 10) -> Map:
    """Batches on the cluster whose scheduler listens at `address` and answers in time."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise GradingError('a cluster needs Dask: pip install "klteach[cluster]".') from None

    def each(batches, limits, seed) -> Iterator[list[Done]]:
        try:
            client = Client(address, timeout=seconds)
        except (OSError, ValueError) as error:
            raise GradingError(f"no scheduler answers at {address} ({error}).") from None
        with client:
            # a task that was lost with its worker is run again on another
            futures = [
                client.submit(grade_batch, batch, limits, seed, pure=False)
                for batch in _larger(batches)
            ]
            for future in as_completed(futures):
                yield future.result()
                future.release()

    return each


def _larger(batches):
    gathered = []
    for batch in batches:
        gathered.append(batch)
        if len(gathered) == BATCHES:
            yield list(chain(*gathered))
            gathered = []
    if gathered:
        yield list(chain(*gathered))
