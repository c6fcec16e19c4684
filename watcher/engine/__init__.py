"""Who runs the jobs: `local` in one process. A job is only a wake-up; the truth is in the tables."""
