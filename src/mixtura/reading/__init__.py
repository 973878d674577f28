"""The boundary: containers, tables, files and streams become checked arrays."""
