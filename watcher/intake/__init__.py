"""Intake: files of orders come in, shipments with their watch rows go out; what cannot be read is said, row by row."""
