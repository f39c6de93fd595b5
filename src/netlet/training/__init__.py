"""The native loop and what drives it: arrays checked at the border, the team of threads, the trainer."""
