"""The course's settings for the Jupyter server: no request to the network, no delay to the page,
no stale widgets in saved notebooks.

An explorer that asks the kernel for every picture exchanges many small messages. The server leaves
Nagle's algorithm on for the kernel's websocket: a small message then waits for the acknowledgement
of the one before, about 40 ms a round trip, and a drag stutters. TCP_NODELAY ends the wait.
"""

import logging

c = get_config()  # noqa: F821  (the server provides it)

# JupyterLab's own extension manager would ask a package index for its list.
c.LabApp.extension_manager = "readonly"

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


def without_stale_widgets(model, **_):
    """Save a widget as what it is without a kernel: its picture and its words.

    A saved view names a model that lives in the kernel of today; opened tomorrow, it would show
    "model not found" in the place of the picture.
    """
    if model["type"] != "notebook" or not isinstance(model["content"], dict):
        return
    for cell in model["content"].get("cells", []):
        for output in cell.get("outputs", []):
            if len(output.get("data", {})) > 1:
                output["data"].pop(WIDGET_VIEW, None)


c.ContentsManager.pre_save_hook = without_stale_widgets
