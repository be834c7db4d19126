"""What a file is, by its first bytes. A name never decides."""

from __future__ import annotations

import struct

from aelib.datasets.bounds import Unusable

_STARTS = {
    b"PK\3\4": "zip",
    b"PK\5\6": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x93NUMPY": "npy",
    b"PAR1": "parquet",
}
_IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_NOT_READ = {
    b"\x89HDF\r\n": "HDF5",
    b"CDF": "NetCDF",
    b"%PDF": "PDF",
    b"8BPS": "Photoshop’s PSD",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"SIMPLE  =": "FITS",
    b"\0\0\1\0": "ICO",
    b"ARROW1": "Arrow’s Feather",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"gimp xcf": "GIMP’s XCF",
}
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_IDX_TYPES = {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}


def kind_of(data: bytes) -> str:
    """`zip`, `gzip`, `bzip2`, `xz`, `tar`, `npy`, `idx`, `matlab`, `parquet`, `text`, or else `image`.

    Raises `Unusable`, naming the format, for one that is known and not read.
    """
    if not data:
        raise Unusable("is empty")
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if is_idx(data):
        return "idx"
    if data.startswith(b"MATLAB 5.0"):
        return "matlab"
    if data.startswith(b"MATLAB 7.3"):
        raise Unusable("is a MATLAB 7.3 file, which is not read; save it with “-v7”")
    if data[257:262] == b"ustar":
        return "tar"
    if data.startswith(_IMAGE_STARTS):
        return "image"
    _refuse_known(data)
    return "text" if _is_text(data) else "image"


def is_idx(data: bytes) -> bool:
    """Are these the files of MNIST's site: two zeros, type, number of dimensions, and as long as they say? Longer
    ones, too: there are copies with a rest."""
    if len(data) < 8 or data[:2] != b"\0\0" or data[2] not in _IDX_TYPES or not 1 <= data[3] <= 4:
        return False
    return len(data) >= 4 + 4 * data[3] and any(struct.unpack_from(f">{data[3]}I", data, 4))


def _refuse_known(data: bytes) -> None:
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS and b"avif" not in data[8:64]:
        raise Unusable("is a HEIC image: HEIC is not read; export it as JPEG or PNG")
    if data[128:132] == b"DICM":
        raise Unusable("is a DICOM file: DICOM is not read")
    if data[0] == 0x80 and len(data) > 1 and 2 <= data[1] <= 5:
        raise Unusable("is a Python pickle, which is not read, since opening one can run any code")
    for start, name in _NOT_READ.items():
        if data.startswith(start):
            raise Unusable(f"is a {name} file: {name} is not read")
    head = data[:1000].lstrip().lower()
    if head.startswith((b"<svg", b"<?xml")) and b"<svg" in head:
        raise Unusable("is an SVG drawing: SVG is not read; export it as PNG")


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    head = data[:4000]
    # Portable bitmaps start like text.
    portable = len(head) > 2 and head[:1] == b"P" and head[1:2].isdigit() and head[2:3].isspace()
    return not portable and all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)
