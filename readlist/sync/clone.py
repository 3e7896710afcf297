"""The clone: a bare repository in the state directory, private to its user, and the exchange with its remote.

Nothing is ever checked out or merged by git: commits are read with cat-file and written with fast-import. The clone can
be deleted at any time; the next sync fetches everything again. One process uses it at a time, the one with the lock of
`sync`.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from readlist.errors import ReadlistError, StoreError, SyncRefused
from readlist.private_files import ensure_directory
from readlist.sync import failures, git, remote_directories
from readlist.sync.layout import is_own_path
from readlist.sync.remotes import Remote
from readlist.text import clean

BRANCH = "refs/heads/readlist"
MAX_FILE, MAX_TOTAL, MAX_FILES = 64_000_000, 2_000_000_000, 20_000
"""Bytes of a file of the branch and of all, and number of files; beyond these it is not a library."""
_REFS = "refs/readlist/"
_REF_NAME = r"[a-z][a-z-]{0,39}"
_OBJECT_ID = r"[0-9a-f]{40}"
_MAX_LISTING = 16_000_000
_MAX_COMMITS = 10_000
_MAX_AUTHOR = 80
_NETWORK = ("fetch", "push")
_FILE_MODES = ("100644", "100755")


class Clone:
    """The clone in `directory`, of one remote; `timeout` is in seconds, for each call of git."""

    def __init__(self, directory: Path, remote: Remote, *, timeout: float = 120.0) -> None:
        self.directory, self.remote, self.timeout = directory, remote, timeout
        self._trees: dict[str, dict[str, str]] = {}
        self._known: set[str] = set()
        self._pushed = ""

    def open(self) -> None:
        """Create the clone where there is none, as a whole or not at all, and remove what a killed process left.

        Raises ReadlistError where git is missing or too old, or the disk is full.
        """
        if self._is_complete():
            self._remove_leftovers()
            return
        git.ensure_version()
        new = self.directory.with_name(f".{self.directory.name}.new")
        for remains in (new, self.directory):
            shutil.rmtree(remains, ignore_errors=True)
        try:
            ensure_directory(self.directory.parent)
            git.run(git.Call(remote_directories.INIT, new, self.timeout))
            new.chmod(0o700)
            new.rename(self.directory)
        except git.GitFailed as error:
            failures.raise_local_error(self.remote, "init", error.result.messages)
        except OSError as error:  # TimeoutError too
            raise ReadlistError(f"cannot create {self.directory}: {error.strerror or 'git took too long'}") from error

    def is_new_remote(self) -> bool:
        """Return whether the remote is a directory that `create_remote` would create.

        Raises ReadlistError where it cannot be created.
        """
        if self.remote.path is None or not remote_directories.is_free(self.remote.path):
            return False
        remote_directories.require_parent(self.remote.path)
        return True

    def create_remote(self) -> bool:
        """Create the remote where it is a directory that is empty or does not exist; return whether it did."""
        return self.remote.path is not None and remote_directories.create(self.remote.path, self.timeout)

    def fetch(self) -> str:
        """Return the commit of the remote's branch, with all of its objects here; "" where there is no such branch.

        Raises ReadlistError with git's reason, SyncRefused for a directory whose settings may run programs.
        """
        options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance")
        source = f"+{BRANCH}:{_REFS}remote"
        server = self._server("upload-pack")
        try:
            result = self._run("fetch", *options, "--force", *server, "--end-of-options", self.remote.location, source)
        except git.GitFailed as error:
            if "couldn't find remote ref" not in error.result.messages:
                failures.raise_fetch_error(self.remote, error.result.messages)
            self.set_ref("remote", "")
            return ""
        if "shallow roots are not allowed" in result.messages:  # the exit code is 0
            raise SyncRefused(f"the remote has no complete history: {self.remote}; run there: git fetch --unshallow")
        tip = self.ref("remote")
        self._known.add(tip)
        return tip

    def push(self, commit: str) -> None:
        """Make `commit` the branch of the remote, never by force.

        Raises LostRace where another machine was faster, SyncRefused where the remote declines, ReadlistError where it
        cannot be reached.
        """
        options = ("--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no")
        target = f"{commit}:{BRANCH}"
        server = self._server("receive-pack")
        try:
            self._run("push", *options, *server, "--end-of-options", self.remote.location, target, umask=-1)
        except git.GitFailed as error:
            failures.raise_push_error(self.remote, BRANCH, error.result)
        if self.remote.path is not None and (repository := remote_directories.find_repository(self.remote.path)):
            remote_directories.fsync_names(repository)
        self._pushed = commit

    def ref(self, name: str) -> str:
        """Return the commit of a ref: of `set_ref`, "remote" of `fetch` or "new" of `commit`; "" for none."""
        path = self.directory / self._ref_path(name)
        with contextlib.suppress(OSError):
            return path.read_text(encoding="ascii", errors="replace").strip()
        return ""

    def set_ref(self, name: str, commit: str) -> None:
        """Keep a commit under refs/readlist/; "" removes the ref, so that git may forget what only it keeps."""
        path = self._ref_path(name)
        if self.ref(name) != commit:
            self._run("update-ref", *([path, commit] if commit else ["-d", path]))

    def set_refs(self, commits: Mapping[str, str]) -> None:
        """Do the same for several refs at once."""
        changed = {self._ref_path(name): commit for name, commit in commits.items() if self.ref(name) != commit}
        if changed:
            lines = (f"update {path} {commit}\n" if commit else f"delete {path}\n" for path, commit in changed.items())
            self._run("update-ref", "--stdin", stdin="".join(lines).encode())

    def is_intact(self) -> bool:
        """Return whether git finds no damage in the clone: a ref without its objects, or a corrupt object."""
        return self._run("fsck", "--no-dangling", "--no-progress", accept=range(256)).code == 0

    def contains(self, commit: str) -> bool:
        """Return whether the clone has a commit with its tree."""
        if not re.fullmatch(_OBJECT_ID, commit):
            return False
        if commit not in self._known:
            if self._run("cat-file", "-e", f"{commit}^{{tree}}", accept=(0, 1, 128)).code != 0:
                return False
            self._known.add(commit)
        return True

    def tree(self, commit: str) -> dict[str, str]:
        """Return the files of a commit that are readlist's, path -> blob ID; "" has none.

        Links, submodules and files with other names are left out and never opened. Raises StoreError where there are
        more or larger files than a library has.
        """
        if not commit:
            return {}
        if commit not in self._trees:
            arguments = ("ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit)
            try:
                listing = self._run(*arguments, max_output=_MAX_LISTING)
            except git.TooMuchOutput:
                raise self._too_much("its list of files") from None
            self._trees[commit] = self._parse_listing(listing.output)
        return self._trees[commit]

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of blobs that `tree` has returned, in one call of git.

        Raises StoreError if one is missing.
        """
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        output = self._run("cat-file", "--batch", stdin="".join(f"{id_}\n" for id_ in wanted).encode()).output
        blobs, position = {}, 0
        for id_ in wanted:
            end = output.find(b"\n", position)
            header = output[position:end].split()
            if end < 0 or header[:2] != [id_.encode(), b"blob"]:
                raise StoreError(f"an object is missing from the clone: {self.directory}; delete it, and sync again")
            size = int(header[2])
            blobs[id_] = output[end + 1 : end + 1 + size]
            position = end + 2 + size
        return blobs

    def commit(self, files: Mapping[str, bytes | None], parent: str, author: str, message: str, at: int) -> str:
        """Write a commit, parent's files with these contents instead (None: without the file), and return its ID.

        `at` is in seconds. It is on the disk, and kept by the ref "new", when this returns; parent "" is none.
        """
        name = re.sub("[<>]", "", clean(author))[:_MAX_AUTHOR].strip() or "readlist"
        text = message.encode()
        head = f"commit {_REFS}new\nmark :1\ncommitter {name} <readlist@localhost> {at} +0000\ndata {len(text)}\n"
        parts = [b"feature done\n", head.encode(), text, b"\n", f"from {parent}\n".encode() * bool(parent)]
        for path, content in sorted(files.items()):
            if not is_own_path(path):
                raise ValueError(path)
            if content is None:
                parts.append(f"D {path}\n".encode())
            else:
                parts += [f"M 100644 inline {path}\ndata {len(content)}\n".encode(), content, b"\n"]
        parts.append(b"\nget-mark :1\ndone\n")
        # without deltas: fast-import makes them to the file it wrote before, and `push` and `repack` would keep those
        arguments = ("fast-import", "--quiet", "--force", "--done", "--depth=0", "--date-format=raw")
        commit = self._run(*arguments, stdin=b"".join(parts)).output.decode().strip()
        remote_directories.fsync_names(self.directory)
        self._known.add(commit)
        return commit

    def commits_between(self, base: str, tip: str) -> list[tuple[str, int]]:
        """Return author and committer time, in seconds UTC, of the commits after `base` up to `tip`, newest first."""
        arguments = [
            "rev-list",
            f"--max-count={_MAX_COMMITS}",
            "--encoding=UTF-8",
            "--format=%an%x00%ct",
            "--end-of-options",
        ]
        excluded = [f"^{base}"] if base else []
        output = self._run(*arguments, tip, *excluded, max_output=_MAX_LISTING).output
        lines = [line for line in output.decode(errors="replace").splitlines() if "\0" in line]
        return [_parse_commit(line) for line in lines]

    def repack_if_needed(self) -> None:
        """Repack the clone, and a directory that is the remote, where there are many objects or packs.

        What no ref has kept for two weeks is removed from the clone. A failure is not one of the sync: the next tries
        again.
        """
        with contextlib.suppress(ReadlistError, TimeoutError, OSError):
            if remote_directories.needs_repack(self.directory / "objects"):
                self._run("repack", "-A", "-d", "-l", "-q", "--unpack-unreachable=2.weeks.ago")
                self._run("prune", "--expire=2.weeks.ago")
            if self.remote.path is not None and (tip := self._pushed or self.ref("remote")):
                remote_directories.repack(self.remote.path, tip, self.timeout)

    def _run(self, *arguments: str, **options: Any) -> git.Result:
        try:
            variables = self.remote.variables if arguments[0] in _NETWORK else {}
            return git.run(git.Call(arguments, self.directory, self.timeout, variables=variables, **options))
        except TimeoutError:
            limit = f"{self.timeout:g} s"
            if arguments[0] in _NETWORK:
                message = f"the remote did not answer within {limit}: {self.remote}; try again with a larger --timeout"
            else:
                message = f"git {arguments[0]} took longer than {limit}: {self.directory}; try again"
            raise ReadlistError(message) from None
        except git.GitFailed as error:
            if arguments[0] in _NETWORK:
                raise
            failures.raise_local_error(self.remote, arguments[0], error.result.messages)

    def _server(self, service: str) -> list[str]:
        """Return the option that has git serve a directory without its hooks, after a look at its settings."""
        if self.remote.path is None:
            return []
        remote_directories.check(self.remote.path, BRANCH)
        return [f"--{service}={git.server_command(service)}"]

    def _too_much(self, what: str) -> StoreError:
        return StoreError(f"the remote contains more than a library can: {self.remote}: {what}; nothing was changed")

    def _parse_listing(self, listing: bytes) -> dict[str, str]:
        files: dict[str, str] = {}
        total = 0
        for entry in listing.split(b"\0"):
            attributes, _, name = entry.partition(b"\t")
            mode, kind, id_, size = (attributes.decode().split() + [""] * 4)[:4]
            path = name.decode(errors="replace")
            if kind != "blob" or mode not in _FILE_MODES or not is_own_path(path):
                continue
            total += int(size)
            if int(size) > MAX_FILE or total > MAX_TOTAL or len(files) >= MAX_FILES:
                raise self._too_much(clean(path))
            files[path] = id_
        return files

    def _ref_path(self, name: str) -> str:
        if not re.fullmatch(_REF_NAME, name):
            raise ValueError(name)
        return f"{_REFS}{name}"

    def _is_complete(self) -> bool:
        """Return whether the files are there without which git finds no repository; a power cut may empty them."""
        try:
            head, settings = ((self.directory / name).read_text(errors="replace") for name in ("HEAD", "config"))
        except OSError:
            return False
        return head.startswith("ref: refs/") and "[core]" in settings

    def _remove_leftovers(self) -> None:
        """Remove locks and unfinished packs of processes that were killed: nobody else uses the clone now."""
        patterns = ("*.lock", "refs/**/*.lock", "fast_import_crash_*", "objects/pack/tmp_*", "objects/pack/*.keep")
        for pattern in patterns:
            for path in self.directory.glob(pattern):
                with contextlib.suppress(OSError):
                    path.unlink()


def _parse_commit(line: str) -> tuple[str, int]:
    """Return author and time; a time that is no number of this era is 0."""
    author, _, seconds = line.rpartition("\0")
    return clean(author)[:_MAX_AUTHOR], int(seconds) if re.fullmatch(r"\d{1,11}", seconds) else 0
