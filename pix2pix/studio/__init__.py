"""The Gradio app: draw, and see what the generators make of it."""
