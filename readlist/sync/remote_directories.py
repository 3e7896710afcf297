"""Remotes that are directories, such as one on a USB disk: their creation, their settings, and their repacking.

Git serves such a directory in a process of this user, with the directory's own settings: whoever can write there could
name programs in them. `git.server_command` overrides those that are known; a directory with others than a plain bare
repository has is refused before git sees it.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from readlist.errors import ReadlistError, SyncRefused
from readlist.private_files import fsync_directory
from readlist.sync import git
from readlist.text import clean

INIT = ("init", "--quiet", "--bare", "--template=", "--initial-branch=readlist", "--object-format=sha1")
_PLAIN_SECTIONS = frozenset(
    {"core", "receive", "transfer", "fetch", "remote", "branch", "user", "gc", "pack", "repack"}
)
_PROGRAMS = r"(?i)\b(?:promisor|partialclone\w*|vcs|uploadpack|receivepack|recentobjectshook)\s*="
_WRITTEN = ("HEAD", "config", "packed-refs", "{branch}", "logs/{branch}", "objects/pack", "objects/info")
"""What git reads or writes in a directory that it serves; a link there leads it elsewhere."""
_CREATED_FIRST = frozenset({"HEAD", "HEAD.lock", "config", "config.lock", "refs", "branches", "info", "hooks"})
"""What `git init` creates before the objects, by which a repository is known."""
_MAX_SETTINGS = 100_000
_SHARED = r"(?im)^\s*sharedrepository\s*=\s*(group|all|world|everybody|true|1|2|0[0-7]{3})\s*$"
_STALE_LOCK = 3_600
"""Seconds after which a lock on the branch, which git keeps for milliseconds, is one of a push that was interrupted."""
REPLACE_REMOTE = "create another one: readlist sync OTHER"
"""The remedy for a remote that is lost or damaged: every machine has everything."""
_SHARD_NAME = re.compile("[0-9a-f]{2}")
_MAX_LOOSE, _MAX_LOOSE_BYTES, _MAX_PACKS = 500, 20_000_000, 20


def is_free(path: Path) -> bool:
    """Return whether a directory is empty or does not exist, and git finds no repository for it.

    One in which `git init` was killed counts as empty.
    """
    return not find_repository(path) and not (path.exists() and not _is_unfinished(path))


def require_parent(path: Path) -> None:
    """Raise ReadlistError where a directory cannot be created: a disk that is not mounted is not to become one here."""
    if not path.parent.is_dir():
        parent = clean(str(path.parent))
        raise ReadlistError(f"the directory of the remote does not exist: {parent}; mount the disk or create it")


def create(path: Path, timeout: float) -> bool:
    """Create a bare repository in a directory that is empty or does not exist; return whether it did.

    A directory that contains something is left alone. Raises ReadlistError where its parent does not exist.
    """
    try:
        if not is_free(path):
            return False
        require_parent(path)
        path.mkdir(exist_ok=True)
        _check_settings(path)  # of a repository that is not finished
        for lock in path.glob("*.lock"):
            lock.unlink()
    except OSError as error:
        raise ReadlistError(f"the remote cannot be created: {clean(str(path))}; {error.strerror}") from None
    git.run(git.Call(INIT, path, timeout, umask=-1))
    return True


def _is_unfinished(path: Path) -> bool:
    """Return whether a directory has at most what `git init` creates before the objects."""
    is_known = {entry.name for entry in path.iterdir()} <= _CREATED_FIRST
    return is_known and not any(entry.is_file() for entry in (path / "refs").rglob("*"))


def check(path: Path, branch: str) -> None:
    """Raise SyncRefused for a directory whose settings may run a program, or in which links lead elsewhere.

    Raises ReadlistError for a directory that is no repository.
    """
    repository = find_repository(path)
    if repository is None:
        raise _not_a_repository(path)
    if (path / ".git").exists() and (path / "HEAD").exists():
        raise SyncRefused(f"the remote contains two repositories: {clean(str(path))}; pass another directory")
    files = [repository / name.format(branch=branch) for name in _WRITTEN]
    parents = [parent for file in files for parent in file.parents if repository in parent.parents]
    for file in {*files, *parents}:
        if file.is_symlink() or (file.exists() and not file.is_file() and not file.is_dir()):
            raise SyncRefused(f"the remote contains a link or a device: {clean(str(file))}; pass another directory")
    if (repository / "commondir").exists():
        raise SyncRefused(f"the remote is a linked working tree: {clean(str(path))}; pass the main repository")
    _check_settings(repository)


def _not_a_repository(path: Path) -> ReadlistError:
    """Return the error of a directory without a repository: a disk may not be mounted, or its files may be damaged."""
    if (path / "objects").is_dir() or (path / "refs").is_dir():
        return ReadlistError(f"the remote is damaged: {clean(str(path))}; {REPLACE_REMOTE}")
    if not path.exists() or not any(path.iterdir()):
        problem = "is empty" if path.exists() else "does not exist"
        return ReadlistError(f"the remote {problem}: {clean(str(path))}; connect its disk, or pass another remote")
    return ReadlistError(
        f"the remote is not a git repository: {clean(str(path))}; pass an empty directory, or one that does not exist"
    )


def _check_settings(repository: Path) -> None:
    for name in ("config", "config.worktree"):
        settings = _read(repository / name)
        sections = {section.lower().partition(".")[0] for section in re.findall(r"\[\s*([A-Za-z0-9.-]+)", settings)}
        unknown = sorted(sections - _PLAIN_SECTIONS)
        program = re.search(_PROGRAMS, settings)
        if unknown or program:
            problem = unknown[0] if unknown else str(program and program[0]).strip(" =")
            raise SyncRefused(
                f"settings of the remote may run programs: {problem} in {clean(str(repository / name))}; remove it"
            )


def check_stale_lock(path: Path, branch: str) -> None:
    """Raise ReadlistError where an interrupted push has left a lock, which git waits for and never removes."""
    repository = find_repository(path)
    lock = (repository or path) / f"{branch}.lock"
    with contextlib.suppress(OSError):
        if time.time() - lock.stat().st_mtime > _STALE_LOCK:
            raise ReadlistError(f"an interrupted push has left a lock: {clean(str(lock))}; delete this file")


def find_repository(path: Path) -> Path | None:
    """Return the directory of the repository that git finds for a directory: itself, or its `.git`; None for none.

    A file `.git`, which names a directory elsewhere, is none.
    """
    for directory in (path / ".git", path, Path(f"{path}.git", ".git"), Path(f"{path}.git")):
        if directory.is_file():
            return None
        if all((directory / name).exists() for name in ("HEAD", "objects", "refs")):
            return directory
    return None


def fsync_names(repository: Path) -> None:
    """Bring the names of new packs and refs to the disk: git brings only their contents there."""
    names = ("objects/pack", "objects", "refs/heads", "refs/readlist", "refs", ".", "..")
    for directory in (repository / name for name in names):
        with contextlib.suppress(OSError):  # one that does not exist, or may not be read
            fsync_directory(directory)


def needs_repack(objects: Path) -> bool:
    """Return whether a directory of objects has too many loose ones or packs; git itself waits for 6,700 loose ones."""
    loose = list(_loose_objects(objects))
    packs = [entry.name for entry in _entries(objects / "pack") if entry.name.endswith(".pack")]
    return len(loose) > _MAX_LOOSE or sum(loose) > _MAX_LOOSE_BYTES or len(packs) > _MAX_PACKS


def repack(path: Path, commit: str, timeout: float) -> None:
    """Repack a directory after `commit` was pushed there, with settings of our own instead of its settings.

    The objects are those of the directory, the repository is a temporary one with one branch: all objects are kept,
    also those that only other branches or running pushes refer to. Nothing is done where the files of another user, or
    a link to elsewhere, would be replaced.
    """
    repository = find_repository(path)
    if repository is None or not _is_own_directory(repository / "objects") or not needs_repack(repository / "objects"):
        return
    shared = re.search(_SHARED, _read(repository / "config"))
    with tempfile.TemporaryDirectory(prefix="readlist-sync-") as name:
        scratch = Path(name)
        (scratch / "refs" / "heads").mkdir(parents=True)
        (scratch / "objects").mkdir()
        (scratch / "HEAD").write_text("ref: refs/heads/readlist\n")
        (scratch / "refs" / "heads" / "readlist").write_text(f"{commit}\n")
        sharing = f"core.sharedRepository={shared[1] if shared else 'umask'}"
        arguments = ("-c", sharing, "repack", "-a", "-d", "-k", "-l", "-q")
        variables = {"GIT_OBJECT_DIRECTORY": str(repository / "objects")}
        git.run(git.Call(arguments, scratch, timeout, umask=-1, variables=variables))


def _is_own_directory(path: Path) -> bool:
    with contextlib.suppress(OSError):
        status = path.lstat()
        return stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
    return False


def _read(path: Path) -> str:
    """Return a file of settings as text, "" for none; never more than a plain one has."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            content = file.read(_MAX_SETTINGS + 1)
    except OSError as error:
        raise ReadlistError(f"the remote cannot be read: {clean(str(path))}; {error.strerror}") from None
    if len(content) > _MAX_SETTINGS:
        raise SyncRefused(f"the settings of the remote are too large: {clean(str(path))}; create another remote")
    return content.decode(errors="replace")


def _loose_objects(objects: Path) -> Iterator[int]:
    """Yield the sizes of the loose objects, in bytes."""
    for directory in _entries(objects):
        if _SHARD_NAME.fullmatch(directory.name) and directory.is_dir(follow_symlinks=False):
            for entry in _entries(Path(directory.path)):
                with contextlib.suppress(OSError):
                    yield entry.stat(follow_symlinks=False).st_size


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        return list(entries)
    return []
