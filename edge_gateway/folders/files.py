"""How the files of a folder are opened."""

from __future__ import annotations

import sys
from io import FileIO

if sys.platform == "win32":
    import ctypes
    import msvcrt
    import os
    from ctypes import wintypes

    _GENERIC_READ = 0x8000_0000
    _SHARE_READ_WRITE_DELETE = 0x1 | 0x2 | 0x4
    _OPEN_EXISTING = 3
    _NORMAL = 0x80
    _INVALID_HANDLE = ctypes.c_void_p(-1).value

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.CreateFileW.restype = wintypes.HANDLE
    _kernel.CreateFileW.argtypes = [
        *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID),
        *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
    ]
    _kernel.CloseHandle.argtypes = [wintypes.HANDLE]

    def open_to_read(path: str) -> FileIO:
        """Open a file that another program writes, renames and deletes; unbuffered. Raises OSError.

        `open` leaves out FILE_SHARE_DELETE: while such a handle is open, the logger's own rename fails with a sharing
        violation. The handle is not inherited by child processes.
        """
        handle = _kernel.CreateFileW(path, _GENERIC_READ, _SHARE_READ_WRITE_DELETE, None, _OPEN_EXISTING, _NORMAL, None)
        if handle == _INVALID_HANDLE:
            code = ctypes.get_last_error()
            # With the Windows code as fourth argument Python picks the subclass: FileNotFoundError, PermissionError.
            raise OSError(0, ctypes.FormatError(code).strip(), path, code)
        try:
            descriptor = msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_NOINHERIT)
        except OSError:
            _kernel.CloseHandle(handle)
            raise
        return FileIO(descriptor, "rb")

else:

    def open_to_read(path: str) -> FileIO:
        """Open a file that another program writes, renames and deletes; unbuffered. Raises OSError."""
        return FileIO(path, "rb")
