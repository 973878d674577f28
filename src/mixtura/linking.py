"""An entry keeps the kernels it was compiled with, so that its bits do not depend on what else a process has loaded.

Numba hands a kernel's code to whoever calls it under one name for all, and a process takes the copy that it loads
first. Copies are optimised together with their callers, so they add up in different orders: a run that compiled and a
run that found its code on disk gave different draws (law 5). Here an entry's copies become private to it.
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import LoweringPass, register_pass
from numba.core.typed_passes import NativeLowering

OWN = ".own"  # in its name: an optimiser may change how a private function is called, and LLVM links by name alone
register: Any = register_pass


@register(mutates_CFG=False, analysis_only=True)
class OwnCopies(LoweringPass):
    """Make what is linked into a library private, just before the library is optimised."""

    _name = "own_copies"

    def __init__(self) -> None:
        """Nothing to keep; numba wants it written out."""

    def run_pass(self, state: Any) -> bool:
        """Prepare the library that `NativeLowering` is about to fill; the code itself is not changed."""
        library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.enable_object_caching()
        optimise = library._optimize_final_module

        def optimise_alone() -> None:
            for function in library._final_module.functions:
                if not function.is_declaration and function.linkage.name == "linkonce_odr":
                    function.linkage, function.name = "internal", f"{function.name}{OWN}"
            optimise()

        library._optimize_final_module = optimise_alone
        state.library = library
        return False


class EntryCompiler(CompilerBase):
    """Numba's own pipeline with `OwnCopies` in it."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline."""
        builder: Any = DefaultPassBuilder
        pipeline = builder.define_nopython_pipeline(self.state)
        pipeline.passes.insert(
            next(i for i, (step, _) in enumerate(pipeline.passes) if step is NativeLowering),
            (OwnCopies, "an entry's kernels become its own"),
        )
        pipeline.finalize()
        return [pipeline]
