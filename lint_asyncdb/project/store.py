"""Values kept in a folder between processes: one small file each, written at once, checked when read, thrown away when old.

Nothing here ever raises because of the disk: what cannot be written is not kept, what cannot be read was not kept. Several
processes may work in the same folder. Values are what `marshal` writes; no code is loaded from a file.
"""
from __future__ import annotations

import marshal
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any

try:  # hashlib loads OpenSSL, which costs as much as all the rest of an answer from here
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_CHECK = 8
"""Bytes of the checksum before each value: a write that was cut short is noticed."""
_DAY = 86_400
_KEPT_FOR = 30 * _DAY
_MOST_FILES = 40_000  # about 200 MB
_VERSION = re.compile("[0-9a-f]{32}")
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Cache of lint-asyncdb, https://bford.info/cachedir/\n"


def digest(value: Any) -> bytes:
    """A short name for a value made of tuples, texts, bytes and numbers; equal values have the same."""
    return blake2b(marshal.dumps(value, 2), digest_size=16).digest()  # later formats depend on which texts are interned


class Store:
    """The values in a folder, which is made with the first. What another linter or Python has put there is not seen."""

    def __init__(self, folder: str) -> None:
        self._root = folder
        self._folder = os.path.join(folder, _version().hex())
        self._is_ready = False
        self._works = True

    def get(self, kind: str, key: bytes) -> Any:
        """The value that was put here, or None."""
        try:
            with open(self._path(kind, key), "rb", buffering=0) as stream:
                data = stream.read()
                if time.time() - os.fstat(stream.fileno()).st_mtime > _DAY:
                    os.utime(stream.name)  # it is still of use
            if data[:_CHECK] == _checksum(data[_CHECK:]):
                return marshal.loads(data[_CHECK:])
        except (OSError, ValueError, EOFError, TypeError):
            pass
        return None

    def put(self, kind: str, key: bytes, value: Any) -> None:
        """Keep a value; the one that was here before is gone."""
        if not self._works:
            return
        data = marshal.dumps(value)
        path = self._path(kind, key)
        partial = f"{path}.{os.getpid()}"
        try:
            if not self._is_ready:
                self._prepare()
            try:
                descriptor = os.open(partial, _NEW, 0o666)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                descriptor = os.open(partial, _NEW, 0o666)
            try:
                os.write(descriptor, _checksum(data) + data)
            finally:
                os.close(descriptor)
            os.replace(partial, path)
        except OSError:  # a full disk, or one that is only to be read: not tried again
            self._works = False

    def _path(self, kind: str, key: bytes) -> str:
        name = key.hex()
        return f"{self._folder}{os.sep}{name[:2]}{os.sep}{kind}{name[2:]}"

    def _prepare(self) -> None:
        self._is_ready = True
        if not os.path.isdir(self._root):  # a folder that the user had before is left as it is
            os.makedirs(self._root, exist_ok=True)
            for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
                with open(os.path.join(self._root, name), "w", encoding="ascii") as stream:
                    stream.write(text)
        swept = os.path.join(self._folder, "swept")
        if not os.path.exists(swept) or time.time() - os.stat(swept).st_mtime > _DAY:
            os.makedirs(self._folder, exist_ok=True)
            with open(swept, "wb"):
                pass
            sweep(self._root)


_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=_CHECK).digest()


def sweep(root: str) -> None:
    """Remove what nobody has asked for in a month, and the oldest of what is more than ``_MOST_FILES`` files."""
    folders = [entry.path for entry in os.scandir(root) if _VERSION.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)]
    inner = [entry.path for folder in folders for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    found = sorted((entry.stat().st_mtime, entry.path) for folder in inner for entry in os.scandir(folder))
    oldest = time.time() - _KEPT_FOR
    for index, (used, path) in enumerate(found):
        if used < oldest or index < len(found) - _MOST_FILES:
            _try(os.remove, path)
    for folder in inner:
        _try(os.rmdir, folder)
    for folder in folders:
        if not any(name != "swept" for name in os.listdir(folder)):
            _try(os.remove, os.path.join(folder, "swept"))
            _try(os.rmdir, folder)


def _try(change: Callable[[str], object], path: str) -> None:
    try:
        change(path)
    except OSError:
        pass


def _version() -> bytes:
    """What a kept value depends on beside its key: this linter, by the time and size of its own files, and this Python."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = []
    pending = [package]
    while pending:
        for entry in os.scandir(pending.pop()):
            if entry.name == "__pycache__":
                continue
            if entry.is_dir():
                pending.append(entry.path)
            else:
                status = entry.stat()
                found.append((entry.path, status.st_mtime_ns, status.st_size))
    return digest((sys.version, sys.platform, tuple(sorted(found))))
