"""What a real model makes of everyday edits: the tasks, and how a result is graded."""
