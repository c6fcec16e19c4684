"""The commands: one file each, words in and words out. What they do stands in the stages, imported only then."""
