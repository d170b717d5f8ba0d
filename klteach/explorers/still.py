"""A figure as a still picture: the PNG that a notebook keeps, with its text alternative."""

import base64
import io

DPI = 144
CSS_PIXELS_PER_INCH = 96


def png(figure):
    """The figure on white, without anything that depends on the machine or the day."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def mime_bundle(figure, picture, line, alt):
    """(data, metadata) for Jupyter: the PNG at its natural size, and one line of text."""
    width, height = (round(inches * CSS_PIXELS_PER_INCH) for inches in figure.get_size_inches())
    data = {"text/plain": line, "image/png": base64.b64encode(picture).decode("ascii")}
    return data, {"image/png": {"alt": alt, "width": width, "height": height}}
