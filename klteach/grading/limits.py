"""What one submission may use."""

from dataclasses import dataclass

MEGABYTE = 2**20


@dataclass(frozen=True)
class Limits:
    """The limits of a submission, in seconds and bytes.

    cell_seconds         of one cell
    call_seconds         of all calls of one answer
    submission_seconds   of the whole notebook, cells and calls
    memory_bytes         of address space, in the learner's process
    files_bytes          of files that it writes
    processes            threads, and processes where the system lets it start any
    notebook_bytes       of a file that is read at all
    archive_bytes        of all that an archive unpacks to
    archive_members      files in an archive
    """

    cell_seconds: float = 10.0
    call_seconds: float = 5.0
    submission_seconds: float = 60.0
    memory_bytes: int = 2048 * MEGABYTE
    files_bytes: int = 64 * MEGABYTE
    processes: int = 64
    notebook_bytes: int = 10 * MEGABYTE
    archive_bytes: int = 2048 * MEGABYTE
    archive_members: int = 20_000
