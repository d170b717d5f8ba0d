"""A figure as a still picture: the PNG that a notebook keeps, with its text alternative."""

import base64
import io
import struct

from matplotlib.transforms import Bbox

from .look import MUTED

DPI = 144
CSS_PIXELS_PER_INCH = 96
ROOM = 0.28  # inches for a note below the figure


def png(figure, note=""):
    """The figure on white, a note below it, and nothing that depends on the machine or the day."""
    width, height = figure.get_size_inches()
    below = figure.text(0.1 / width, -0.7 * ROOM / height, note, color=MUTED, fontsize=9)
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=DPI,
        facecolor="white",
        metadata={"Software": None},
        bbox_inches=Bbox([[0, -ROOM if note else 0], [width, height]]),
    )
    below.remove()
    return buffer.getvalue()


def mime_bundle(picture, line, alt):
    """(data, metadata) for Jupyter: the PNG at its natural size, and one line of text."""
    pixels = struct.unpack(">2I", picture[16:24])  # its head says so
    width, height = (round(pixel * CSS_PIXELS_PER_INCH / DPI) for pixel in pixels)
    data = {"text/plain": line, "image/png": base64.b64encode(picture).decode("ascii")}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}
