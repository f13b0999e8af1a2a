"""Mistakes planted in the reference application, a list for each hundred of codes.

Each is a change of ``fixtures/blog``. The tests show that the linter finds it where it is, and nothing else; and that the
application with the change in it, asked by a request that reaches the place, misbehaves as the rule's page says.
"""
from __future__ import annotations

from planted import awaiting, blocking, loading, sessions
from planted.mutation import Mutation

MUTATIONS: tuple[Mutation, ...] = (*blocking.MUTATIONS, *awaiting.MUTATIONS, *loading.MUTATIONS, *sessions.MUTATIONS)
MISSES: tuple[Mutation, ...] = loading.MISSES
"""What fails and is not found so far; the tests see to it that one which is found moves to the others."""
