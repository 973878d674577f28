"""What the command does beyond fitting, a verb a file; `mixtura.cli` holds them together and catches their errors."""
