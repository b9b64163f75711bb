"""Home visits (上门来办) in the dialogue: asked for step by step, moved, cancelled; and the flying service's days."""
