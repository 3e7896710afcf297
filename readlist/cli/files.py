"""Files that readlist writes for other programs: written whole or not at all, with the mode of the umask.

The store has its own writer; these files are not the library's.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from readlist.errors import ReadlistError
from readlist.opening import NotRegularFile, require_regular
from readlist.temporary_files import unique_number


def write_file(path: Path, pieces: Iterable[str], *, force: bool) -> None:
    """Write a new file, or with `force` replace an existing one once the new content is complete.

    Raises ReadlistError with path and reason.
    """
    try:
        path = path.resolve()
        require_regular(path)
        if path.exists() and not force:
            raise FileExistsError  # noqa: TRY301 -- reported below, like a file that appears in the meantime
        with atomic_write(path, force=force) as temporary:
            temporary.writelines(pieces)
    except NotRegularFile as error:
        raise ReadlistError(
            f"not a regular file: {path} ({error.kind}); without -o the export goes to stdout"
        ) from error
    except FileExistsError:
        raise ReadlistError(f"file exists: {path}; --force overwrites it") from None
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error
    except RuntimeError as error:  # a symbolic link to itself
        raise ReadlistError(str(error)) from error


@contextlib.contextmanager
def atomic_write(path: Path, *, force: bool = True) -> Iterator[TextIO]:
    """Yield a temporary file that is renamed to `path` at the end of the block.

    Without `force` an existing file is not replaced: raises FileExistsError. Bytes that were no UTF-8 are written as
    they were read (`surrogateescape`).
    """
    temporary = path.with_name(f".{unique_number()}.half")
    with temporary.open("x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            yield file
            file.close()
            _rename(temporary, path, force=force)
        finally:
            temporary.unlink(missing_ok=True)


def _rename(temporary: Path, path: Path, *, force: bool) -> None:
    if not force:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            temporary.replace(path)
    else:
        temporary.replace(path)


def rewrite(path: Path, text: str) -> None:
    """Replace the content of a file and keep its mode."""
    with atomic_write(path) as temporary:
        temporary.write(text)
        with contextlib.suppress(OSError):  # a disk that refuses modes
            shutil.copymode(path, temporary.name)
