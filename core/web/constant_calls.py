"""Templates whose constant calls are made when they are compiled, not at every request.

An environment belongs to one language, so ``_("Save")`` in it is always the same text; so are ``icon("x")``, the
address of a static file and that of an endpoint without arguments. Most of a page's shell is made of these, and as
constants they melt into the text around them. So does what a macro of another file draws of constants alone, like
``ui.button(_("Save"), "primary")``: imported without the context, it knows nothing of the request.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, ClassVar

from jinja2 import Environment, nodes
from jinja2.environment import TemplateModule

from core.web.template_code import DirectCalls, OwnContext, is_marked, with_own_runtime


@dataclass(frozen=True, slots=True)
class Folded:
    """A call that was made while a template was compiled, and what it answered; ``module`` is the template of a macro."""

    module: str
    name: str
    given: Sequence[Any]
    named: Mapping[str, Any]
    answer: Any

    def holds(self, environment: FoldingEnvironment) -> bool:
        """Whether the same call answers the same in this environment."""
        try:
            return bool(environment.constant(self.module, self.name)(*self.given, **self.named) == self.answer)
        except Exception:
            return False


class FoldingEnvironment(Environment):
    """An environment that calls some of its globals while it compiles.

    ``folded`` names globals that give the same answer to the same arguments for as long as the environment lives.
    A call that fails is left for the request: it may stand in a branch that is never taken.

    ``kept`` is for a process that makes many environments out of the same templates, as tests do: what was compiled in one
    is used in another of the same ``variant`` (the language, and all else that its filters know) where every call that was
    made for it still answers the same.
    """

    folded: Collection[str] = ()
    variant: Hashable = None
    kept: ClassVar[MutableMapping[Hashable, tuple[CodeType, Sequence[Folded]]] | None] = None
    code_generator_class = DirectCalls
    context_class = OwnContext

    def __init__(self, *how: Any, **options: Any) -> None:
        super().__init__(*how, **options)
        self._modules: dict[str, TemplateModule] = {}

    def compile(self, source: str | nodes.Template, *where: Any, **how: Any) -> Any:
        """A template as code, the constant calls made."""
        key = (self.variant, *self.folded, source, where, *how.items())
        if self.kept is not None and isinstance(source, str) and key in self.kept:
            code, calls = self.kept[key]
            if all(call.holds(self) for call in calls):
                return code
        template = self.parse(source, *where[:2]) if isinstance(source, str) else source
        folding = _Folding(self, template)
        if self.folded:
            folding.visit(template)
        code = super().compile(template, *where, **how)
        if self.kept is not None and isinstance(source, str):
            self.kept[key] = code, folding.calls
        return code

    def constant(self, module: str, name: str) -> Any:
        """What a call of a template is made to: a global, or a macro of a template that is imported."""
        return getattr(self.module(module), name) if module else self.globals[name]

    def module(self, name: str) -> TemplateModule:
        """The macros of a template that is imported; made when it is first used."""
        if name not in self._modules:
            self._modules[name] = self.get_template(name).module
        return self._modules[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals themselves: no template here has any of its own, and a chain of one is slow to copy."""
        return super().make_globals(d) if d else self.globals

    def _generate(self, *what: Any, **how: Any) -> str:
        return with_own_runtime(super()._generate(*what, **how))


def _own_names(template: nodes.Template) -> set[str]:
    """The names a template gives a meaning of its own: variables, parameters, macros and what is imported one by one."""
    found = {each.name for each in template.find_all(nodes.Name) if each.ctx != "load"}
    found |= {each.name for each in template.find_all(nodes.Macro)}
    for each in template.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in each.names}
    return found


def _imports(template: nodes.Template) -> dict[str, str | None]:
    """Which template stands behind which name of what is imported; ``None`` where that is not always the same."""
    found: dict[str, str | None] = {}
    for each in template.find_all(nodes.Import):
        said = each.template
        name = said.value if isinstance(said, nodes.Const) and not each.with_context else None
        found[each.target] = name if found.get(each.target, name) == name else None
    return found


class _Folding:
    """Replaces calls by what they answer, the innermost first, and imports by the module that is there already."""

    def __init__(self, environment: FoldingEnvironment, template: nodes.Template) -> None:
        own, imports = _own_names(template), _imports(template)
        self.calls: list[Folded] = []
        self._environment = environment
        known = set(environment.folded) - own - imports.keys()
        self._names = {name for name in known if not is_marked(environment.globals[name])}
        self._imports = {target: name for target, name in imports.items() if name is not None and target not in own}

    def visit(self, node: nodes.Node) -> None:
        """Go through everything below a node; the call of ``{% call … %}`` stays one, for it has a body of its own."""
        if isinstance(node, nodes.CallBlock):
            self.visit(node.call)
        for field, value in node.iter_fields():
            if isinstance(value, nodes.Node) and not (isinstance(node, nodes.CallBlock) and field == "call"):
                setattr(node, field, self._folded(value))
            elif isinstance(value, list):
                value[:] = [self._folded(each) if isinstance(each, nodes.Node) else each for each in value]

    def _folded(self, node: nodes.Node) -> nodes.Node:
        self.visit(node)
        if isinstance(node, nodes.Import) and node.target in self._imports:
            return self._known_module(node)
        return self._answer(node) if isinstance(node, nodes.Call) else node

    def _known_module(self, node: nodes.Import) -> nodes.Node:
        """``{% import … %}`` as the answer of :meth:`FoldingEnvironment.module`."""
        name = nodes.Const(self._imports[node.target])
        known = nodes.Call(nodes.EnvironmentAttribute("module"), [name], [], None, None)
        replaced = nodes.Assign(nodes.Name(node.target, "store"), known)
        return replaced.set_lineno(node.lineno).set_environment(self._environment)

    def _answer(self, node: nodes.Call) -> nodes.Node:
        """What a call answers, if that is known and its arguments are constants."""
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        try:
            given = [each.as_const() for each in node.args]
            named = dict(each.as_const() for each in node.kwargs)
            module, name = self._called(node)
            answer = self._environment.constant(module, name)(*given, **named)
        except Exception:
            return node
        self.calls.append(Folded(module, name, given, named, answer))
        return nodes.Const(answer, lineno=node.lineno, environment=node.environment)

    def _called(self, node: nodes.Call) -> tuple[str, str]:
        """The macro that is called, after its template, or the global; one without arguments may answer differently each time.

        :raises nodes.Impossible: it is something else, which only the request knows.
        """
        called = node.node
        if isinstance(called, nodes.Name) and called.name in self._names and (node.args or node.kwargs):
            return "", called.name
        if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
            module = self._imports.get(called.node.name)
            if module is not None:
                return module, called.attr
        raise nodes.Impossible
