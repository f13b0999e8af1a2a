"""Python files as text and back again, byte for byte where nothing was changed."""
from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import tempfile
import tokenize
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, line ends as they are, without a byte order mark, and the encoding that gives it back."""

    text: str
    encoding: str

    def encoded(self, text: str) -> bytes:
        """Another text in the same encoding, with the mark if there was one. Raises UnicodeEncodeError."""
        return text.encode(self.encoding)


def decoded(data: bytes) -> Decoded:
    """The text of a file's bytes. Raises SyntaxError for an unknown encoding, UnicodeDecodeError for wrong bytes."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return Decoded(data.decode(encoding), encoding)


def replace(path: Path, before: bytes, after: bytes) -> bool:
    """Put new content in the place of a file at once, keeping its mode and, where that is allowed, its owner; a link stays one.

    False, and nothing is done, when the file is not what it was. Raises OSError, also for a file that must not be written.
    """
    path = Path(os.path.realpath(path))
    if path.read_bytes() != before:
        return False
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
        _keep_owner(path, name)
        shutil.copymode(path, name)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    return True


def _keep_owner(path: Path, name: str) -> None:
    """Give a new file the owner and the group of another, as far as the system lets us."""
    if hasattr(os, "chown"):
        known = path.stat()
        with contextlib.suppress(OSError):
            os.chown(name, known.st_uid, known.st_gid)
