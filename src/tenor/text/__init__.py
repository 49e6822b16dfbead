"""Text to counts: sources, tokenizer, vocabulary, corpus, data sets.

The way of a text: a reader (``sources``, ``tables``, ``datasets``) yields documents;
``counting`` counts each once; ``vocabulary`` chooses the words; ``building`` lays the counts out
as the Arrow table of a ``corpus``, which ``corpus_files`` keeps on disk.
"""

from __future__ import annotations
