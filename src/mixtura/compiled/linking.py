"""Only entries become machine code, each from kernels of its own.

Numba optimises every function and makes it machine code, and then optimises what a caller links in once more. Here a
kernel is handed to its callers as it was lowered, and an entry is optimised as a whole: that takes a third less time.

The copies of its kernels are private to an entry. Numba would give them one name for all, and a process takes the copy
that it loads first; but copies are optimised together with their callers, so they add up in different orders: a run
that compiled and a run that found its code on disk gave different draws (law 5).
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import LoweringPass, register_pass
from numba.core.typed_passes import NativeLowering

WIDE = '"prefer-vector-width"="512"'  # what `jit.wide` asks of a function
EXTERNAL, COMMON, SHARED, OWN = llvm.Linkage.external, llvm.Linkage.common, "linkonce_odr", "internal"
OWN_NAME = ".own"  # optimising may change how a private function is called, and LLVM finds shared ones by name alone
register: Any = register_pass


def fresh_library(state: Any) -> Any:
    """The library that `NativeLowering` is about to fill."""
    library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
    library.enable_object_caching()
    return library


def relink(module: Any, linkage: Any, to: str, suffix: str = "") -> None:
    """Give another linkage, and a suffix to the name, to the functions that are defined with this one."""
    for function in module.functions:
        if not function.is_declaration and function.linkage == linkage:
            function.linkage, function.name = to, f"{function.name}{suffix}"


def shell_of(module: Any) -> Any:
    """A module without functions: of a kernel's, numba looks up one variable."""
    layout = f'target triple = "{module.triple}"\ntarget datalayout = "{module.data_layout}"'
    kept = [str(variable) for variable in module.global_variables if variable.linkage == COMMON]
    shell = llvm.parse_assembly("\n".join([layout, *kept]))
    shell.name = module.name
    return shell


@register(mutates_CFG=False, analysis_only=True)
class ForLinking(LoweringPass):
    """Leave a kernel's module to its callers. One that wants wide vectors is optimised first, while they are known."""

    _name = "for_linking"

    def __init__(self) -> None:
        """Nothing to keep; numba wants it written out."""

    def run_pass(self, state: Any) -> bool:
        """Prepare the library; the code itself is not changed."""
        library = fresh_library(state)
        optimise, finish = library._optimize_final_module, library._finalize_final_module

        def optimise_wide() -> None:
            own = [function for function in library._final_module.functions if function.linkage == EXTERNAL]
            if any(WIDE in str(attributes) for function in own for attributes in function.attributes):
                optimise()

        def hand_over() -> None:
            library._shared_module = library._final_module
            relink(library._shared_module, EXTERNAL, SHARED)
            library._final_module = shell_of(library._shared_module)
            finish()

        library._optimize_final_module, library._finalize_final_module = optimise_wide, hand_over
        state.library = library
        return False


@register(mutates_CFG=False, analysis_only=True)
class OwnCopies(LoweringPass):
    """Make what is linked into a library private, just before the library is optimised."""

    _name = "own_copies"

    def __init__(self) -> None:
        """Nothing to keep; numba wants it written out."""

    def run_pass(self, state: Any) -> bool:
        """Prepare the library; the code itself is not changed."""
        library = fresh_library(state)
        optimise = library._optimize_final_module

        def optimise_alone() -> None:
            relink(library._final_module, llvm.Linkage.linkonce_odr, OWN, OWN_NAME)
            optimise()

        library._optimize_final_module = optimise_alone
        state.library = library
        return False


class Compiler(CompilerBase):
    """Numba's own pipeline, with a step before the code is lowered."""

    step: Any

    def define_pipelines(self) -> list[Any]:
        """The one pipeline."""
        builder: Any = DefaultPassBuilder
        pipeline = builder.define_nopython_pipeline(self.state)
        lowering = next(i for i, (step, _) in enumerate(pipeline.passes) if step is NativeLowering)
        pipeline.passes.insert(lowering, (self.step, self.step.__doc__))
        pipeline.finalize()
        return [pipeline]


class KernelCompiler(Compiler):
    """For what is called from compiled code."""

    step = ForLinking


class EntryCompiler(Compiler):
    """For what is called from Python."""

    step = OwnCopies
