"""What the project costs, measured against something bare in the same run: `python -m bench`, or `make bench`."""
