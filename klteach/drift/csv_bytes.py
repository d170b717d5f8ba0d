"""The bytes of a CSV file as text in UTF-8, however it is compressed and encoded."""

import codecs
import gzip
import io
import zlib
from importlib import import_module
from pathlib import Path

from klteach.drift.csv_dialect import CsvDialect
from klteach.drift.errors import DriftError

GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class CsvBytes:
    """A file that is open, read from its beginning.

    share    how much of the file has been read, from 0 to 1
    """

    def __init__(self, path: Path, dialect: CsvDialect, name: str):
        self._name = name
        self._encoding = dialect.encoding
        self._size = max(1, path.stat().st_size)
        self._raw = open(path, "rb")  # noqa: SIM115 - closed by __exit__
        start = self._raw.peek(4)[:4]
        self._unpacked: io.BufferedIOBase = self._raw
        if start.startswith(GZIP):
            self._unpacked = gzip.GzipFile(fileobj=self._raw)
        elif start == ZSTANDARD:
            self._unpacked = _zstandard(self._raw, name)
        decoder = None if dialect.is_utf8 else codecs.getincrementaldecoder(dialect.encoding)()
        self._decoder = decoder

    @property
    def share(self) -> float:
        return self._raw.tell() / self._size

    @property
    def plain(self) -> bool:
        """Whether the bytes of the file are the text itself."""
        return self._unpacked is self._raw and self._decoder is None

    def read(self, size: int) -> bytes:
        """The next bytes, about so many; none at the end."""
        while True:
            data = self._read(size)
            if self._decoder is None:
                return data
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeError as error:
                reason = getattr(error, "reason", error)
                raise DriftError(
                    f"{self._name} is no text in {self._encoding} ({reason})."
                ) from None
            if text or not data:
                return text.encode("utf-8", "surrogatepass")

    def _read(self, size):
        try:
            return self._unpacked.read(size)
        except (EOFError, OSError, zlib.error) as error:
            reason = str(error).rstrip(".") or type(error).__name__
            raise DriftError(
                f"{self._name} is damaged or was cut off, and cannot be unpacked ({reason})."
            ) from None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._raw.close()


def _zstandard(raw, name):
    """A reader of Zstandard, from whichever package is there."""
    try:
        unpacker = import_module("zstandard").ZstdDecompressor()
        return io.BufferedReader(unpacker.stream_reader(raw, read_across_frames=True))
    except ImportError:
        pass
    try:
        return import_module("pyarrow").CompressedInputStream(raw, "zstd")
    except ImportError:
        raise DriftError(
            f"{name} is compressed with Zstandard: pip install zstandard, or unpack it."
        ) from None
