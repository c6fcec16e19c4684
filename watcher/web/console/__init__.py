"""The pages for staff: they work without JavaScript, and better with a small module."""
