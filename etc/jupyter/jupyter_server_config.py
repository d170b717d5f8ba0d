"""The course's settings for the Jupyter server: no request to the network, no delay to the page,
no stale widgets in saved notebooks, no change to those that are only looked at, and the export menu
with the settings of the command line.

An explorer that asks the kernel for every picture exchanges many small messages. The server leaves
Nagle's algorithm on for the kernel's websocket: a small message then waits for the acknowledgement
of the one before, about 40 ms a round trip, and a drag stutters. TCP_NODELAY ends the wait.
"""

import logging
import platform
from pathlib import Path

c = get_config()  # noqa: F821  (the server provides it)

# JupyterLab's own extension manager would ask a package index for its list.
c.LabApp.extension_manager = "readonly"

# What the export menu makes is made by the server, which does not read nbconvert's own settings.
load_subconfig("jupyter_nbconvert_config.py")  # noqa: F821  (the server provides it)

try:
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

    class UndelayedConnection(ZMQChannelsWebsocketConnection):
        """The server's own connection between a browser and a kernel, with TCP_NODELAY set."""

        def connect(self):
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception as error:  # a slow explorer is better than no kernel
                self.log.warning("Explorers may stutter: TCP_NODELAY could not be set: %r", error)
            return super().connect()

    c.ServerApp.kernel_websocket_connection_class = UndelayedConnection
except ImportError as error:
    logging.getLogger("ServerApp").warning(
        "Explorers may stutter: this jupyter_server has no place to set TCP_NODELAY: %s", error
    )


WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
COMMITTED_VERSION = "3.11"  # of Python, in the course's notebooks


def with_version(model, version):
    """Write a version of Python into a notebook's model, where it has one."""
    if model["type"] != "notebook" or not isinstance(model["content"], dict):
        return
    language = model["content"].get("metadata", {}).get("language_info", {})
    if language.get("name") == "python" and "version" in language:
        language["version"] = version


LISTINGS = 3  # how often a folder is listed anew in which a file goes away meanwhile

try:
    from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
    from tornado.web import HTTPError

    class CourseContents(AsyncLargeFileManager):
        """The server's own contents, in which a notebook that is only looked at stays unchanged.

        A kernel writes its version of Python into every notebook that is opened, so a lesson counts
        as changed at once, asks to be saved, and stands in the way of the next `git pull`. And the
        blank originals of the exercises can be read, tried and saved under another name, but not
        changed: one's own work belongs into my-work, where no update comes in its way.
        """

        async def get(self, path, *arguments, **options):
            model = await self._found(path, *arguments, **options)
            with_version(model, platform.python_version())
            if model["type"] == "notebook" and path.strip("/").startswith("exercises/"):
                # another folder may be served with these settings, and have exercises of its own
                model["writable"] &= not Path(self.root_dir, "course.py").is_file()
            return model

        async def _found(self, path, *arguments, **options):
            """The server's own model. A file that is removed while its folder is being listed makes
            the server deny the folder, and JupyterLab shows a dialog: then the list is made anew.
            """
            for _ in range(LISTINGS):
                try:
                    return await super().get(path, *arguments, **options)
                except HTTPError as error:
                    if error.status_code != 404 or not await self.dir_exists(path):
                        raise
            return await super().get(path, *arguments, **options)

    c.ServerApp.contents_manager_class = CourseContents
except ImportError as error:
    logging.getLogger("ServerApp").warning("Lessons will count as changed: %s", error)


def as_committed(model, **_):
    """Save a notebook in the form in which the course keeps it.

    A widget is saved as what it is without a kernel: its picture and its words. A saved view names
    a model that lives in the kernel of today; opened tomorrow, it would show "model not found" in
    the place of the picture.
    """
    with_version(model, COMMITTED_VERSION)
    if model["type"] != "notebook" or not isinstance(model["content"], dict):
        return
    for cell in model["content"].get("cells", []):
        metadata = cell.get("metadata", {})
        if "outputs_hidden" in metadata.get("jupyter", {}):
            metadata.pop("collapsed", None)  # an older word for the same, which JupyterLab adds
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:
                output["data"].pop(WIDGET_VIEW, None)


c.ContentsManager.pre_save_hook = as_committed
