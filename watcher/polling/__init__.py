"""Asking the sources: what is due (`schedule`), how much may be asked (`budget`), the asking (`poller`), being told
(`pushes`), and merging what was said (`history`)."""
