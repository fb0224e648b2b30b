"""Values made tighter for a while: checked beside the loop, taken and given back at a boundary."""
