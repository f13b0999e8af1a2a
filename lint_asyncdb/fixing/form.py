"""What the visitors of form rules have in common."""
from __future__ import annotations

import libcst as cst


class FormVisitor(cst.CSTVisitor):
    """Judges the concrete form of one nominated node of a module; later it holds the edit as well.

    ``nodes`` are the kinds of node that the rule nominates.
    """

    nodes: tuple[type[cst.CSTNode], ...] = ()

    def __init__(self, module: cst.Module) -> None:
        super().__init__()
        self.module = module

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether the form of the node is the mistake."""
        raise NotImplementedError
