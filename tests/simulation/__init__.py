"""A centre under faults drawn by seed, and the laws that hold whatever is drawn."""
