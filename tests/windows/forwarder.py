"""A DLL for 64-bit Windows that has no code: its one function is another DLL's.

Debian's wine 8 has no ``bcryptprimitives.dll``, which every Windows since 8 has and which programs in Rust, as
pydantic's core, load for random numbers. The forward is resolved by the loader, so there is nothing to compile.
Layout: Microsoft's PE Format, "The .edata Section" (export directory, forwarder RVA).
"""

from __future__ import annotations

import struct

_FILE_ALIGNMENT = 0x200
_SECTION_ALIGNMENT = 0x1000
_BASE = 0x180000000
_DIRECTORIES = 16
_OPTIONAL_BYTES = 112 + 8 * _DIRECTORIES


def forwarding_dll(dll: str, function: str, target: str) -> bytes:
    """The bytes of a DLL called `dll` whose `function` is `target` (``DLL.Function``)."""
    section, size = _exports(dll, function, target)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, len(section), 0, 0, _SECTION_ALIGNMENT)
    optional += struct.pack(
        "<QII6HIIIIHH",
        _BASE,
        _SECTION_ALIGNMENT,
        _FILE_ALIGNMENT,
        6,
        0,
        0,
        0,
        6,
        0,
        0,
        2 * _SECTION_ALIGNMENT,
        _FILE_ALIGNMENT,
        0,
        3,
        0x100,
    )
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, _DIRECTORIES)
    optional += struct.pack("<II", _SECTION_ALIGNMENT, size).ljust(8 * _DIRECTORIES, b"\0")
    assert len(optional) == _OPTIONAL_BYTES
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, _OPTIONAL_BYTES, 0x2022)
    header = struct.pack(
        "<8sIIIIIIHHI",
        b".edata",
        len(section),
        _SECTION_ALIGNMENT,
        len(section),
        _FILE_ALIGNMENT,
        0,
        0,
        0,
        0,
        0x40000040,
    )
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    return (dos + b"PE\0\0" + coff + optional + header).ljust(_FILE_ALIGNMENT, b"\0") + section


def _exports(dll: str, function: str, target: str) -> tuple[bytes, int]:
    """The section with one export, padded to the file's alignment, and how much of it is used."""
    directory, at = 40, _SECTION_ALIGNMENT
    addresses, names, ordinals, texts = directory, directory + 4, directory + 8, directory + 10
    encoded = [text.encode() + b"\0" for text in (dll, function, target)]
    own, called, forward = (at + texts + sum(map(len, encoded[:n])) for n in range(3))
    section = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, own, 1, 1, 1, at + addresses, at + names, at + ordinals)
    section += struct.pack("<IIH", forward, called, 0) + b"".join(encoded)
    return section.ljust(-len(section) % _FILE_ALIGNMENT + len(section), b"\0"), len(section)
