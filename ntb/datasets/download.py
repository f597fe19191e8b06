"""Downloads: the files of a public set, from the net into a folder, each compared with its checksum.

Nothing is fetched unless `download` of a set is called. pooch (Uieda et al., "Pooch: a friend to fetch your data
files", 2020) does the work, where it is installed: pip install "ntb[data]".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

from ..errors import InputError


def fetched(
    name: str, url: str, files: Mapping[str, str], folder: str | PathLike[str] | None, unpack: Sequence[str] = ()
) -> Path:
    """Fetch the files that are not in the folder yet, or are there with another content.

    Args:
        name: of the set: of its folder in the cache.
        url: of the folder of the files, with a slash at its end.
        files: by name their MD5.
        folder: where they are put; None for pooch's cache.
        unpack: what is to be unpacked of files that are archives (.tar.gz).

    Returns:
        The folder.

    Raises:
        InputError: pooch is not installed; what came is another file than the one that is known.
        OSError: a file cannot be had, or the folder cannot be written.
    """
    try:
        import pooch
    except ImportError:
        raise InputError(
            f'to fetch {name} needs pooch, pip install "ntb[data]"; without it fetch {", ".join(files)} from {url} '
            "by hand, and give load the folder"
        ) from None
    path = Path(pooch.os_cache("ntb")) / name if folder is None else Path(folder)
    processor = pooch.Untar(members=[*unpack], extract_dir=".") if unpack else None
    bar = find_spec("tqdm") is not None  # which draws it
    for file, md5 in files.items():
        try:
            pooch.retrieve(f"{url}{file}", f"md5:{md5}", fname=file, path=path, processor=processor, progressbar=bar)
        except ValueError as error:
            raise InputError(
                f"what came from {url}{file} is not the file that is known by the MD5 {md5}; try again later, or put "
                f"the right file into {path}"
            ) from error
        except OSError as error:
            raise OSError(
                f"{file} could not be fetched from {url} into {path} ({type(error).__name__}); without a network put "
                "the file there by hand, where it is found, or use a set that comes with ntb, mnist.load()"
            ) from error
    return path
