"""Templates whose constant calls are made when they are compiled, not at every request.

An environment belongs to one language, so ``_("Save")`` in it is always the same text; so are ``icon("x")``, the
address of a static file and that of an endpoint without arguments. Most of a page's shell is made of these, and as
constants they melt into the text around them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from jinja2 import Environment, nodes


class FoldingEnvironment(Environment):
    """An environment that calls some of its globals while it compiles.

    ``folded`` names globals that give the same answer to the same arguments for as long as the environment lives.
    A call that fails is left for the request: it may stand in a branch that is never taken.
    """

    folded: Collection[str] = ()

    def compile(self, source: str | nodes.Template, *where: Any, **how: Any) -> Any:
        """A template as code, the constant calls made."""
        template = self.parse(source, *where[:2]) if isinstance(source, str) else source
        names = set(self.folded) - _own_names(template)
        if names:
            _Folding(self, names).visit(template)
        return super().compile(template, *where, **how)


def _own_names(template: nodes.Template) -> set[str]:
    """The names a template gives a meaning of its own: variables, parameters, macros and imports."""
    found = {each.name for each in template.find_all(nodes.Name) if each.ctx != "load"}
    found |= {each.name for each in template.find_all(nodes.Macro)}
    found |= {each.target for each in template.find_all(nodes.Import)}
    for each in template.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in each.names}
    return found


class _Folding:
    """Replaces calls by what they answer, the innermost first."""

    def __init__(self, environment: Environment, names: set[str]) -> None:
        self._globals: Mapping[str, Any] = environment.globals
        self._names = names

    def visit(self, node: nodes.Node) -> None:
        """Go through everything below a node."""
        for field, value in node.iter_fields():
            if isinstance(value, nodes.Node):
                setattr(node, field, self._folded(value))
            elif isinstance(value, list):
                value[:] = [self._folded(each) if isinstance(each, nodes.Node) else each for each in value]

    def _folded(self, node: nodes.Node) -> nodes.Node:
        self.visit(node)
        if not isinstance(node, nodes.Call) or node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        called, arguments = node.node, node.args
        if not isinstance(called, nodes.Name) or called.name not in self._names:
            return node
        if not arguments or not all(isinstance(each, nodes.Const) for each in arguments):
            return node
        try:
            answer: Any = self._globals[called.name](
                *(each.value for each in arguments if isinstance(each, nodes.Const))
            )
        except Exception:
            return node
        return nodes.Const(answer, lineno=node.lineno, environment=node.environment)
