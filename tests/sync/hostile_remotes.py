"""Folders that are remotes of somebody who wants to run programs, write elsewhere or exhaust the machine.

Each function changes a valid remote; `program` is the path of a program that must not run, `victim` a directory that
must not change.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

NOW = 1_780_000_000
PERSONS = f"author kim <kim@host> {NOW} +0000\ncommitter kim <kim@host> {NOW} +0000"
HOOKS = (
    *(
        "pre-receive",
        "update",
        "post-receive",
        "post-update",
        "reference-transaction",
        "proc-receive",
        "push-to-checkout",
    ),
    *(
        "pre-auto-gc",
        "pre-push",
        "post-checkout",
        "post-merge",
        "fsmonitor-watchman",
        "pre-commit",
        "post-index-change",
    ),
)


class Scene(NamedTuple):
    """A remote, the program that must not run, and the directory that must not change."""

    remote: Path
    program: Path
    victim: Path

    @property
    def tip(self) -> str:
        return self.git("rev-parse", "refs/heads/readlist").strip()

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        variables = {
            **os.environ,
            "GIT_DIR": str(self.remote),
            **{f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in IDENTITY.items()},
        }
        done = subprocess.run(["git", *arguments], env=variables, input=stdin, check=True, capture_output=True)
        return done.stdout.decode(errors="surrogateescape")

    def settings(self, text: str) -> None:
        with (self.remote / "config").open("a") as file:
            file.write(text.replace("PROGRAM", str(self.program)).replace("VICTIM", str(self.victim)))

    def hook(self, directory: Path, name: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.program, directory / name)

    def blob(self, content: bytes = b"{}\n") -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content).strip()

    def tree(self, *entries: tuple[str, str, str]) -> str:
        """Return a tree of (mode, name, ID) as it is, which git itself might refuse to write."""
        content = b"".join(
            f"{mode} {name}".encode(errors="surrogateescape") + b"\0" + bytes.fromhex(id_)
            for mode, name, id_ in entries
        )
        return self.object("tree", content)

    def object(self, kind: str, content: bytes) -> str:
        whole = f"{kind} {len(content)}\0".encode() + content
        id_ = hashlib.sha1(whole).hexdigest()
        path = self.remote / "objects" / id_[:2] / id_[2:]
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(zlib.compress(whole))
        return id_

    def commit(self, tree: str, *, head: str = "", message: str = "sync\n") -> str:
        """Make a commit of the tree the tip of the branch."""
        content = f"tree {tree}\nparent {self.tip}\n{head or PERSONS}\n\n{message}".encode(errors="surrogateescape")
        return self.point_to(self.object("commit", content))

    def point_to(self, id_: str) -> str:
        (self.remote / "refs" / "heads" / "readlist").write_text(f"{id_}\n")
        return id_

    def with_format(self, *entries: tuple[str, str, str]) -> str:
        """Return a tree that is a library but for these entries, in the order of git."""
        all_entries = [("100644", "format", self.blob()), *entries]
        return self.tree(*sorted(all_entries, key=lambda entry: entry[1] + "/" * (entry[0] == "40000")))


IDENTITY: Mapping[str, str] = {"NAME": "kim", "EMAIL": "kim@host", "DATE": f"{NOW} +0000"}
Hostile = Callable[[Scene], None]


def settings(text: str) -> Hostile:
    return lambda scene: scene.settings(text)


def hooks(scene: Scene) -> None:
    for name in HOOKS:
        scene.hook(scene.remote / "hooks", name)


def hooks_elsewhere(scene: Scene) -> None:
    for name in HOOKS:
        scene.hook(scene.victim.parent / "hooks", name)
    scene.settings(f"[core]\n\thooksPath = {scene.victim.parent / 'hooks'}\n")


def hook_instead_of_refs(scene: Scene) -> None:
    hooks(scene)
    scene.settings("[receive]\n\tprocReceiveRefs = refs/heads\n")


def included_settings(scene: Scene) -> None:
    hooks_elsewhere(scene)
    (scene.remote / "config").rename(scene.remote / "more")
    (scene.remote / "config").write_text("[core] [include]\n\tpath = more\n")


def settings_of_a_worktree(scene: Scene) -> None:
    scene.settings("[extensions]\n\tworktreeConfig = true\n")
    (scene.remote / "config.worktree").write_text(f"[core]\n\tfsmonitor = {scene.program}\n")


def alternates_with_a_program(scene: Scene) -> None:
    scene.settings("[core]\n\talternateRefsCommand = PROGRAM\n")
    other = scene.victim.parent / "other.git"
    shutil.copytree(scene.remote, other)
    (scene.remote / "objects" / "info" / "alternates").write_text(f"{other}/objects\n")


def missing_objects_of_a_promisor(url: str) -> Hostile:
    def change(scene: Scene) -> None:
        scene.commit(scene.tree(("100644", "format", "12" * 20)))
        scene.settings(f'[remote "origin"]\n\turl = {url}\n\tpromisor = true\n\tuploadpack = PROGRAM\n')

    return change


def working_tree_elsewhere(scene: Scene) -> None:
    scene.settings("[core]\n\tbare = false\n\tworktree = VICTIM\n[receive]\n\tdenyCurrentBranch = updateInstead\n")
    (scene.remote / "HEAD").write_text("ref: refs/heads/readlist\n")
    scene.hook(scene.remote / "hooks", "push-to-checkout")


def link(name: str) -> Hostile:
    def change(scene: Scene) -> None:
        path, target = scene.remote / name, scene.victim / Path(name).name
        if path.exists():
            path.rename(target)
        else:
            target.write_text("mine\n")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    return change


def directory_elsewhere(scene: Scene) -> None:
    elsewhere = scene.victim.parent / "elsewhere"
    scene.remote.rename(elsewhere)
    scene.remote.mkdir()
    (scene.remote / ".git").write_text(f"gitdir: {elsewhere}\n")


def two_repositories(scene: Scene) -> None:
    shutil.copytree(scene.remote, scene.remote / ".git")
    hooks(scene)


def common_directory_elsewhere(scene: Scene) -> None:
    shutil.copytree(scene.remote, scene.victim / "common")
    Scene(scene.victim / "common", scene.program, scene.victim).settings("[core]\n\tfsmonitor = PROGRAM\n")
    (scene.remote / "commondir").write_text(f"{scene.victim / 'common'}\n")


def pipe(name: str) -> Hostile:
    def change(scene: Scene) -> None:
        (scene.remote / name).unlink(missing_ok=True)
        os.mkfifo(scene.remote / name)

    return change


def huge_settings(scene: Scene) -> None:
    scene.settings("# x\n" * 50_000)


def entries(*wanted: tuple[str, str, str]) -> Hostile:
    """Entries (mode, name, content) of the root; "@" as content is an ID that is no object here."""

    def change(scene: Scene) -> None:
        of_blobs = [
            (mode, name, "12" * 20 if content == "@" else scene.blob(content.encode()))
            for mode, name, content in wanted
        ]
        scene.commit(scene.with_format(*of_blobs))

    return change


def marks(mode: str, name: str, content: str = "{}\n") -> Hostile:
    def change(scene: Scene) -> None:
        scene.commit(scene.with_format(("40000", "marks", scene.tree((mode, name, scene.blob(content.encode()))))))

    return change


def format_is_a_link(scene: Scene) -> None:
    scene.commit(scene.tree(("120000", "format", scene.blob(b"/etc/passwd"))))


def format_is_a_directory(scene: Scene) -> None:
    scene.commit(scene.tree(("40000", "format", scene.tree(("100644", "format", scene.blob())))))


def double_entries(scene: Scene) -> None:
    scene.commit(scene.tree(("100644", "format", scene.blob(b"1")), ("100644", "format", scene.blob(b"2"))))


def too_large_a_file(scene: Scene) -> None:
    scene.commit(scene.with_format(("100644", "queries", scene.blob(b"\0" * 64_000_001))))


def too_many_files(scene: Scene) -> None:
    blob = scene.blob()
    shards = scene.tree(*(("100644", f"{number:04x}", blob) for number in range(20_001)))
    scene.commit(scene.with_format(("40000", "marks", shards)))


def many_copies_of_a_large_file(scene: Scene) -> None:
    blob = scene.blob(b"\0" * 30_000_000)
    shards = scene.tree(*(("100644", f"{number:02x}", blob) for number in range(80)))
    scene.commit(scene.with_format(("40000", "marks", shards)))


def tree_of_billions_of_files(scene: Scene) -> None:
    node = scene.tree(*(("100644", str(number), scene.blob()) for number in range(10)))
    for _ in range(10):
        node = scene.tree(*(("40000", str(number), node) for number in range(10)))
    scene.commit(scene.with_format(("40000", "people", node)))


def deep_tree(scene: Scene) -> None:
    node = scene.tree(("100644", "x", scene.blob()))
    for _ in range(1_500):
        node = scene.tree(("40000", "d", node))
    scene.commit(scene.with_format(("40000", "papers", node)))


def message_with_escapes(scene: Scene) -> None:
    who = f"\x1b]0;owned\x07\x1b[2J\u202e <x> {NOW} +0000"
    scene.commit(scene.with_format(), head=f"author {who}\ncommitter {who}", message="\x1b[2J\x9b\n" * 1_000)


def times(seconds: str) -> Hostile:
    def change(scene: Scene) -> None:
        who = f"kim <kim@host> {seconds} +0000"
        scene.commit(scene.with_format(), head=f"author {who}\ncommitter {who}")

    return change


def header(head: str) -> Hostile:
    def change(scene: Scene) -> None:
        scene.commit(scene.with_format(), head=head)

    return change


def replaced_tip(scene: Scene) -> None:
    good = scene.tip
    bad = scene.commit(scene.tree(("120000", "format", scene.blob(b"/etc/passwd"))))
    scene.point_to(good)
    for name in (good, scene.git("rev-parse", f"{good}^{{tree}}").strip()):
        path = scene.remote / "refs" / "replace" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{bad}\n")


def grafts(scene: Scene) -> None:
    (scene.remote / "info").mkdir(exist_ok=True)
    (scene.remote / "info" / "grafts").write_text(f"{scene.tip} {'12' * 20}\n")


def shallow(scene: Scene) -> None:
    (scene.remote / "shallow").write_text(f"{scene.commit(scene.with_format())}\n")


def wrong_content(scene: Scene) -> None:
    id_ = scene.blob(b"right")
    scene.commit(scene.with_format(("100644", "queries", id_)))
    path = scene.remote / "objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 5\0wrong"))


def truncated_object(scene: Scene) -> None:
    id_ = scene.blob(os.urandom(9_000))
    scene.commit(scene.with_format(("100644", "queries", id_)))
    path = scene.remote / "objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:4_000])


def bomb_in_a_loose_object(scene: Scene) -> None:
    """200 MB of an object that says it has 5 bytes."""
    id_ = scene.blob(b"right")
    scene.commit(scene.with_format(("100644", "queries", id_)))
    path = scene.remote / "objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    path.write_bytes(zlib.compress(b"blob 5\0" + b"\0" * 200_000_000))


def random_pack(scene: Scene) -> None:
    for suffix in ("pack", "idx"):
        (scene.remote / "objects" / "pack" / f"pack-{'12' * 20}.{suffix}").write_bytes(os.urandom(5_000))


def branch_is_a_blob(scene: Scene) -> None:
    scene.point_to(scene.blob())


def branch_is_a_tag(scene: Scene) -> None:
    tag = f"object {scene.tip}\ntype commit\ntag x\ntagger kim <kim@host> {NOW} +0000\n\nx\n"
    scene.point_to(scene.object("tag", tag.encode()))


def branch_is_missing_objects(scene: Scene) -> None:
    scene.point_to("12" * 20)


def branch_is_another(content: str) -> Hostile:
    def change(scene: Scene) -> None:
        (scene.remote / "refs" / "heads" / "readlist").write_text(content)

    return change


def many_branches(scene: Scene) -> None:
    tip = scene.tip
    lines = "".join(f"{tip} refs/heads/x{number:05d}\n" for number in range(20_000))
    (scene.remote / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted\n{lines}")


def foreign_repository(scene: Scene) -> None:
    scene.commit(scene.tree(("100644", "README.md", scene.blob(b"# Thesis\n"))))


def objects_of_256_bits(scene: Scene) -> None:
    shutil.rmtree(scene.remote)
    scene.git("init", "-q", "--bare", "--object-format=sha256", "-b", "readlist", str(scene.remote))
    stream = f"commit refs/heads/readlist\ncommitter k <k> {NOW} +0000\ndata 0\nM 100644 inline format\ndata 1\nx\n"
    scene.git("fast-import", "--quiet", stdin=stream.encode())


SETTINGS: dict[str, Hostile] = {
    "hooks": hooks,
    "hooks elsewhere": hooks_elsewhere,
    "included settings": included_settings,
    "settings of a worktree": settings_of_a_worktree,
    "alternates with a program": alternates_with_a_program,
    "promisor over ext": missing_objects_of_a_promisor("ext::PROGRAM"),
    "promisor with a program": missing_objects_of_a_promisor("/nowhere"),
    "promisor over a helper": settings('[remote "origin"]\n\turl = /x\n\tpromisor = true\n\tvcs = ext\n'),
    "fsmonitor": settings("[core]\n\tfsmonitor = PROGRAM\n"),
    "hook of packs": settings("[uploadpack]\n\tpackObjectsHook = PROGRAM\n"),
    "procReceiveRefs": hook_instead_of_refs,
    "garbage collection": settings("[gc]\n\tauto = 1\n\trecentObjectsHook = PROGRAM\n[receive]\n\tautogc = true\n"),
    "conditional include": settings('[includeIf "gitdir:/"]\n\tpath = /etc/gitconfig\n'),
    "hooks in settings": settings('[hook "x"]\n\tevent = pre-receive\n\tcommand = PROGRAM\n'),
    "section after a section": settings("[core] [filter.x] clean = PROGRAM\n"),
    "filters": settings('[filter "x"]\n\tclean = PROGRAM\n\tsmudge = PROGRAM\n\tprocess = PROGRAM\n'),
    "programs of core": settings(
        "[core]\n\tsshCommand = PROGRAM\n\tgitProxy = PROGRAM\n\taskPass = PROGRAM\n\tpager = PROGRAM\n"
    ),
    "editor": settings("[core]\n\teditor = PROGRAM\n[sequence]\n\teditor = PROGRAM\n"),
    "credential helper": settings("[credential]\n\thelper = PROGRAM\n"),
    "alias": settings('[alias]\n\tupload-pack = "!PROGRAM"\n\treceive-pack = "!PROGRAM"\n'),
    "signatures": settings("[gpg]\n\tprogram = PROGRAM\n[receive]\n\tcertNonceSeed = x\n"),
    "damaged settings": settings("[core\n"),
    "huge settings": huge_settings,
    "working tree elsewhere": working_tree_elsewhere,
    "directory elsewhere": directory_elsewhere,
    "two repositories": two_repositories,
    "common directory elsewhere": common_directory_elsewhere,
    "link for objects": link("objects"),
    "link for packs": link("objects/pack"),
    "link for refs": link("refs"),
    "link for the branch": link("refs/heads/readlist"),
    "link for the log": link("logs/refs/heads/readlist"),
    "link for the settings": link("config"),
    "pipe for the settings": pipe("config"),
    "pipe for the branch": pipe("refs/heads/readlist"),
    "pipe for HEAD": pipe("HEAD"),
}
CONTENTS: dict[str, Hostile] = {
    "a link for a file": marks("120000", "0a", "/etc/passwd"),
    "a link for format": format_is_a_link,
    "a link for a directory": entries(("120000", "marks", "/etc")),
    "a directory for format": format_is_a_directory,
    "a submodule": entries(("160000", "marks", "@")),
    "a submodule with a program": entries(
        ("100644", ".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = -u./x\n\tupdate = !touch x\n'),
        ("160000", "x", "@"),
    ),
    "attributes": entries(("100644", ".gitattributes", "* filter=x diff=x merge=x ident text eol=crlf export-subst\n")),
    "an executable file": marks("100755", "0a"),
    "a directory .git": entries(("100644", ".git", "gitdir: /etc\n")),
    "a directory .GIT": entries(("100644", ".GIT", "x")),
    "a directory git~1": entries(("100644", "git~1", "x")),
    "a parent directory": marks("100644", ".."),
    "an absolute path": marks("100644", "/etc/passwd"),
    "a path with a slash": entries(("100644", "marks/../../x", "x")),
    "an empty name": marks("100644", ""),
    "a name that is not UTF-8": marks("100644", "\udcff\udcfe"),
    "a name with escapes": marks("100644", "\x1b[2J\n0a"),
    "an option as name": entries(("100644", "--output=x", "x")),
    "names in capitals": entries(("100644", "QUERIES", "x"), ("100644", "Format", "x")),
    "an odd mode": marks("100777", "0a"),
    "a padded mode": marks("0100644", "0a"),
    "double entries": double_entries,
    "too large a file": too_large_a_file,
    "many copies of a large file": many_copies_of_a_large_file,
    "too many files": too_many_files,
    "a tree of billions of files": tree_of_billions_of_files,
    "a deep tree": deep_tree,
    "escapes in author and message": message_with_escapes,
    "a time of year 10^11": times("9999999999999999999"),
    "a time before all": times("-5"),
    "a time that is no number": times("now"),
    "no author": header(f"committer kim <kim@host> {NOW} +0000"),
    "an author without end": header(f"author kim <kim@host\ncommitter kim {NOW}"),
    "a signature": header(f"{PERSONS}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"),
    "an encoding of the message": header(f"{PERSONS}\nencoding UTF-7"),
    "replaced objects": replaced_tip,
    "grafts": grafts,
    "a shallow history": shallow,
    "wrong content": wrong_content,
    "a truncated object": truncated_object,
    "a bomb in an object": bomb_in_a_loose_object,
    "a pack of noise": random_pack,
    "a blob for the branch": branch_is_a_blob,
    "a tag for the branch": branch_is_a_tag,
    "a branch without objects": branch_is_missing_objects,
    "a branch that is another": branch_is_another("ref: refs/heads/main\n"),
    "a branch that is itself": branch_is_another("ref: refs/heads/readlist\n"),
    "a branch outside": branch_is_another("ref: ../../victim/mine\n"),
    "a branch of noise": branch_is_another("\x1b[2J" * 100),
    "many branches": many_branches,
    "a repository of something else": foreign_repository,
    "objects of 256 bits": objects_of_256_bits,
}
