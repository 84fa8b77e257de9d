"""What proves the core: pure values in, pure values out."""
