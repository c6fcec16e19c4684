"""Chinese express companies asked through their own APIs: one file each."""
