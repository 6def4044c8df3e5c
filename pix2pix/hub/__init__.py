"""The Hugging Face Hub: pull.pull, publish.publish, search.search and space.space."""
