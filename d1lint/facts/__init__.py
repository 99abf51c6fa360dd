"""What one file says, as plain data: no trees, no paths of this machine, nothing evaluated."""
