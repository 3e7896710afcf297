"""Hypothesis strategies that several packages use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

_T = TypeVar("_T")


def build_model(model: Callable[..., _T], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[_T]:
    """Return a strategy for values of a model; other fields have their defaults.

    `st.builds` would draw values for all fields of a named tuple.
    """
    return st.fixed_dictionaries(fields).map(lambda values: model(**values))
