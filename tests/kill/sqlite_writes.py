"""What SQLite does to its files, seen one layer below: each write, truncation and sync of this process, in order.

The default VFS is asked to open files as ever; three of an opened file's methods are then ours (sqlite.org/vfs.html,
sqlite3_io_methods): they tell, and call the true one. A sync is told and not done: it would make no difference to a
process that is killed, and what a power cut would have left is made from what was told.
"""

import ctypes
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tell = Callable[[str, Path, int, bytes], None]  # "write" at, data; "truncate" to; "sync"

_LIBRARY = ctypes.CDLL("libsqlite3.so.0")
_OK = 0


class _File(ctypes.Structure):
    pass


class _Methods(ctypes.Structure):
    pass


_P = ctypes.POINTER(_File)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _P, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _P, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _P, ctypes.c_int)
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, _P, ctypes.c_int, ctypes.POINTER(ctypes.c_int))
_File._fields_ = [("methods", ctypes.POINTER(_Methods))]
_Methods._fields_ = [
    ("version", ctypes.c_int),
    ("close", ctypes.c_void_p),
    ("read", ctypes.c_void_p),
    ("write", _WRITE),
    ("truncate", _TRUNCATE),
    ("sync", _SYNC),
    ("others", ctypes.c_void_p * 13),  # as they are
]


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int),
        ("size", ctypes.c_int),
        ("longest", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", _OPEN),
    )


_kept: list[Any] = []  # what C points to must not be collected


def watch(tell: Tell) -> None:
    """Tell of every database file that this process opens from now on."""
    _LIBRARY.sqlite3_libversion.restype = ctypes.c_char_p
    found = _LIBRARY.sqlite3_libversion().decode()
    assert sqlite3.sqlite_version == found, "Python has a SQLite of its own: its files cannot be watched"
    _LIBRARY.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = _LIBRARY.sqlite3_vfs_find(None).contents
    address = ctypes.cast(vfs.open, ctypes.c_void_p).value
    assert address
    true_open = _OPEN(address)
    paths: dict[int, Path] = {}

    def opened(vfs_: Any, name: int | None, file: Any, flags: int, out: Any) -> int:
        status: int = true_open(vfs_, name, file, flags, out)
        if status == _OK and name:
            # The name is handed on as the address that it came by: SQLite keeps that until the file is closed.
            paths[ctypes.addressof(file.contents)] = Path(ctypes.string_at(name).decode())
            file.contents.methods = ctypes.pointer(_watched(file.contents.methods.contents, paths, tell))
        return status

    callback = _OPEN(opened)
    vfs.open = callback
    _kept.extend((true_open, callback))


def _watched(true: _Methods, paths: dict[int, Path], tell: Tell) -> _Methods:
    """The same methods, three of which tell."""
    write = _WRITE(ctypes.cast(true.write, ctypes.c_void_p).value or 0)
    truncate = _TRUNCATE(ctypes.cast(true.truncate, ctypes.c_void_p).value or 0)

    def written(file: Any, data: int, length: int, at: int) -> int:
        tell("write", paths[ctypes.addressof(file.contents)], at, ctypes.string_at(data, length))
        return int(write(file, data, length, at))

    def truncated(file: Any, size: int) -> int:
        tell("truncate", paths[ctypes.addressof(file.contents)], size, b"")
        return int(truncate(file, size))

    def synced(file: Any, flags: int) -> int:
        tell("sync", paths[ctypes.addressof(file.contents)], 0, b"")
        return _OK

    made = _Methods.from_buffer_copy(true)
    made.write, made.truncate, made.sync = callbacks = _WRITE(written), _TRUNCATE(truncated), _SYNC(synced)
    _kept.extend((write, truncate, callbacks, made, true))
    return made
