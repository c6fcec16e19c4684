"""International carriers asked through their own APIs: one file each."""
