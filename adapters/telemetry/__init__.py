"""What the outside learns of this process: log lines and metrics."""
