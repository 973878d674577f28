"""`python -m mixtura` is the command `mixtura`."""

from mixtura.cli import app

if __name__ == "__main__":
    app()
