"""Measuring: bounds, vectors, labels and bags of words in; perplexity and scores out.

Every measure takes plain NumPy arrays (or a :class:`~tenor.bow.BagOfWords`), so that any
model's figures, also another library's, are computed by the same code.
"""
