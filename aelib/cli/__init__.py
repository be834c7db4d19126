"""The command line: `python -m aelib`."""
