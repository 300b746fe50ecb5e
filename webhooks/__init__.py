"""The front door: bytes in, 200 out."""
