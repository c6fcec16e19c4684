"""What people say about texts that no phrase explains: labels, and what becomes of stored scans because of them."""
