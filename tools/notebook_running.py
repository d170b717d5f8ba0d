"""Run a notebook in a kernel of the running Python, as a learner's Restart & Run All would."""

import os
import re
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
CELL_SECONDS = 600  # the machine may be busy
# the line by which a lesson shows an explorer: its module and its function
EXPLORER_IMPORT = re.compile(r"^from (klteach\.units\.\w+\.explorer) import (\w+)$", re.MULTILINE)
TERMINAL_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class NotebookProblem(Exception):
    """A notebook that cannot be used as it is: the file, the cell and what is wrong with it.

    `position` counts every cell of the notebook, from 1.
    """

    def __init__(self, path, text, position=None, cell=None):
        where = course_path(path)
        if cell is not None:
            where += f", cell {position} ({cell_name(cell)})"
        super().__init__(f"{where}: {text}")


class RunningPython(KernelSpecManager):
    """Offers the Python that runs this, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


@contextmanager
def running_notebook(notebook, path):
    """Run all cells of a copy of `notebook` in the folder of `path`; keep the kernel in the block.

    Yields nbclient's client: `client.nb` is the executed copy, `client.widget_state` the state of
    every widget by its model id, `client.km` the kernel's manager.
    Raises NotebookProblem where a cell raises, takes too long or ends the kernel.
    """
    with TemporaryDirectory(prefix="klteach-") as scratch:
        manager = AsyncKernelManager(kernel_spec_manager=RunningPython(), **sockets(scratch))
        client = NotebookClient(
            deepcopy(notebook),
            km=manager,
            resources={"metadata": {"path": str(Path(path).resolve().parent)}},
            timeout=CELL_SECONDS,
            coalesce_streams=True,  # how often the kernel flushed its prints is chance
            force_raise_errors=True,
        )
        with client.setup_kernel(env=environment(scratch), cleanup_kc=True):
            _execute(client, path)
            yield client


def _execute(client, path):
    client.reset_execution_trackers()
    for index, cell in enumerate(client.nb.cells):
        try:
            client.execute_cell(cell, index)
        except (CellControlSignal, DeadKernelError) as error:
            text = TERMINAL_COLOURS.sub("", str(error)).strip()
            raise NotebookProblem(path, text, index + 1, cell) from error


def sockets(folder):
    """Where a kernel manager's sockets are: files in `folder`, which is the kernel's own.

    Jupyter's TCP ports are looked up while they are free and bound a second later. Two kernels that
    start at once can be given the same port, and then one of them never answers.
    """
    if os.name == "nt":  # there are no socket files there
        return {}
    return {"transport": "ipc", "ip": str(Path(folder) / "kernel")}


def environment(scratch):
    """The kernel's variables: an empty learner's history, and no start-up files of the user."""
    kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    return kept | {
        "KLTEACH_PROGRESS": str(Path(scratch) / "progress.jsonl"),
        "IPYTHONDIR": str(Path(scratch) / "ipython"),
    }


def course_path(path):
    """The path as a reader of the repository would write it."""
    path = Path(path).resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def cell_name(cell):
    """The grade id of a graded cell; else the start of its first line."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    first_line = cell.source.strip().split("\n")[0]
    return grade_id or (first_line if len(first_line) <= 50 else first_line[:47] + "...")
