"""Text to words: decoding, tokenizer, scanning, vocabulary."""
