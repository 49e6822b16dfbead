"""Topics read out of a space that words and documents share: arrays in, topics out."""
