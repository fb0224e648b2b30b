"""What Python strategies are told, how they are asked, and how their answers are checked."""
