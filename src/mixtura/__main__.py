"""`python -m mixtura` and the command `mixtura`: a process of its own."""

import atexit
import gc

from mixtura.commands import interrupt

SELDOM = 100_000  # objects between two looks for garbage


def main() -> None:
    """Run the command.

    What it makes is mostly kept to the end, so garbage is looked for seldom, and not at all on leaving: that takes a
    quarter of a short run.
    """
    gc.set_threshold(SELDOM)
    atexit.register(gc.freeze)
    interrupt.listen()
    from mixtura.cli import app

    app()


if __name__ == "__main__":
    main()
