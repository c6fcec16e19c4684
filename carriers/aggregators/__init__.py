"""Services that ask many carriers for us: one file each."""
