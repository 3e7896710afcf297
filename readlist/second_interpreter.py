"""Computing with a second interpreter, which computes some batches while this one computes the others.

A batch is the same computed here or there. What the second interpreter does not return, because it could not be
started, was killed or failed, is computed here. It is started anew rather than forked, which is not safe on macOS, and
ignores Ctrl-C: it ends with this process, whose socket it reads. Used by `loaders` and `exporters`.

`concurrent.futures` is not used: its worker process imports the module that was started, prints a traceback for Ctrl-C,
and does not end with this process where that is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache
from itertools import chain, count, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from queue import SimpleQueue

_AHEAD = 3
"""Batches that the second interpreter is given before the first of them is needed."""
_MAX_WAITING = 20
"""Results that wait here for one of the second interpreter, which comes before them."""
_SWITCH_SECONDS = 0.0002
"""How long a thread of the second interpreter waits for the one that computes."""
_COMMAND = """
import sys
_, descriptor, module, name, *sys.path = sys.argv
from readlist.second_interpreter import serve
serve(int(descriptor), module, name)
"""

_Batch = TypeVar("_Batch")
_Result = TypeVar("_Result")


def map_batches(
    function: Callable[[_Batch], _Result], batches: Iterable[_Batch], min_batches: int
) -> Generator[_Result, None, None]:
    """Yield `function(batch)` for each batch in their order; faster than `map` where there is a second processor.

    `function` is one of a module of readlist, found there by its name, and depends on its batch alone. Batches and
    results are pickled: to pickle dataclasses takes half as long again as tuples of their fields. From `min_batches`
    on, which are read at once, a second interpreter is started, which takes 0.2 s; the others are read when they are
    needed, some ahead. An error of the function is raised in its turn, one of reading the batches at once.
    """
    remaining = iter(batches)
    first = list(islice(remaining, min_batches))
    started = _start_interpreter(function) if len(first) >= min_batches else None
    remaining = chain(first, remaining)
    del first  # it may be large
    if started is None:
        yield from map(function, remaining)
        return
    process, connection = started
    with process, connection:
        try:
            yield from _Computation(connection, function, remaining)
        finally:
            process.kill()


def _start_interpreter(function: Callable[..., object]) -> tuple[subprocess.Popen[bytes], Connection] | None:
    """Start the second interpreter; returns it and the connection to it, None where it is of no use or not possible."""
    if sys.platform == "win32" or not sys.executable or _count_processors() == 1:
        return None
    from multiprocessing.connection import Pipe

    # It imports from where this one does; -P: not from the working directory while it starts.
    command = [sys.executable, "-I" if sys.flags.isolated else "-P", "-c", _COMMAND]
    null = subprocess.DEVNULL  # not a pipe for the answers: a module of the user that is imported may print
    with contextlib.suppress(OSError):
        here, there = Pipe()
        with there:
            arguments = [*command, str(there.fileno()), function.__module__, function.__qualname__, *sys.path]
            process = subprocess.Popen(  # noqa: S603 -- ourselves
                arguments, stdin=null, stdout=null, stderr=null, pass_fds=[there.fileno()]
            )
        return process, here
    return None


def _count_processors() -> int:
    """Return how many processors this process may use; on Linux a container may be restricted to some."""
    get_permitted = getattr(os, "sched_getaffinity", None)
    return len(get_permitted(0)) if get_permitted else os.cpu_count() or 1


class _Computation(Generic[_Batch, _Result]):
    """Computes batches here, and others in the second interpreter; iterating over it yields the results."""

    def __init__(
        self, connection: Connection, function: Callable[[_Batch], _Result], batches: Iterable[_Batch]
    ) -> None:
        self._connection: Connection | None = connection
        self._is_ready = False
        self._function = function
        self._batches = enumerate(batches)
        self._sent: deque[tuple[int, _Batch]] = deque()
        self._results: dict[int, _Result] = {}
        self._failed: dict[int, _Batch] = {}
        """Batches that are computed in their turn: the function raised, or the second interpreter has ended."""

    def __iter__(self) -> Iterator[_Result]:
        for number in count():
            while number not in self._results and number not in self._failed:
                if not self._advance():
                    return
            if number in self._failed:
                yield self._function(self._failed.pop(number))
            else:
                yield self._results.pop(number)

    def _advance(self) -> bool:
        """Take a result of the second interpreter, or compute one here where it has none yet; False at the end."""
        may_wait = self._sent or not self._is_ready
        if self._connection and ((may_wait and len(self._results) >= _MAX_WAITING) or self._connection.poll()):
            self._receive(self._connection)
        elif item := next(self._batches, None):
            self._compute(*item)
        elif self._connection and self._sent:
            self._receive(self._connection)
        else:
            return False
        return True

    def _compute(self, number: int, batch: _Batch) -> None:
        try:
            self._results[number] = self._function(batch)
        except Exception:  # noqa: BLE001 -- raised again in its turn
            self._failed[number] = batch

    def _receive(self, connection: Connection) -> None:
        """Wait for an answer, and send more batches; the first answer says that it has started, and reads them."""
        import pickle

        try:
            answer = connection.recv_bytes()
            if self._is_ready:
                number, batch = self._sent.popleft()
                if answer:
                    self._results[number] = pickle.loads(answer)  # noqa: S301 -- of our own process
                else:
                    self._failed[number] = batch
            self._is_ready = True
            while len(self._sent) < _AHEAD and (item := next(self._batches, None)):
                self._sent.append(item)
                connection.send_bytes(_dump(item[1]))
        except (OSError, EOFError):
            self._connection = None
            self._failed |= self._sent
            self._sent.clear()


@cache
def _get_fields(class_: type) -> Callable[[object], tuple[Any, ...]] | None:
    """Return a function for the fields of a dataclass, which has at least two; None for another class."""
    fields = getattr(class_, "__dataclass_fields__", None)
    return attrgetter(*fields) if fields else None


def _dump(value: object) -> bytes:
    """Pickle a value, with dataclasses as their fields: pickle would ask each of them for its state."""
    import io
    import pickle

    class Pickler(pickle.Pickler):
        def reducer_override(self, obj: Any) -> Any:
            class_: Any = type(obj)
            get_fields = _get_fields(class_)
            return NotImplemented if get_fields is None else (class_, get_fields(obj))

    file = io.BytesIO()
    Pickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


def serve(descriptor: int, module: str, name: str) -> None:
    """Compute the batches of each request, and answer on the same socket; called in the second interpreter.

    The first answer is sent at once, that to a batch for which the function fails is empty. Two threads read and write,
    so that neither process waits until the other one has computed a batch, of which the socket takes only a part.
    """
    import pickle
    from importlib import import_module
    from multiprocessing.connection import Connection
    from queue import SimpleQueue
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(_SWITCH_SECONDS)
    function = getattr(import_module(module), name)
    requests, answers = SimpleQueue[bytes](), SimpleQueue[bytes]()
    with Connection(descriptor) as connection:
        Thread(target=_read_requests, args=(connection, requests), daemon=True).start()
        Thread(target=_write_answers, args=(connection, answers), daemon=True).start()
        answers.put(b"")
        while request := requests.get():
            try:
                answer = _dump(function(pickle.loads(request)))  # noqa: S301 -- of our own process
            except Exception:  # noqa: BLE001 -- computed again in the first interpreter, which raises it
                answer = b""
            answers.put(answer)


def _read_requests(connection: Connection, requests: SimpleQueue[bytes]) -> None:
    with contextlib.suppress(OSError, EOFError):
        while True:
            requests.put(connection.recv_bytes())
    requests.put(b"")


def _write_answers(connection: Connection, answers: SimpleQueue[bytes]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection.send_bytes(answers.get())
