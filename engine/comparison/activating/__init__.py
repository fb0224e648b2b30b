"""What the activation of a set would do now, to what a trader holds and has under way."""
