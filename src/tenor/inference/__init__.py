"""What a trained network says of documents: posteriors, bounds, refined posteriors, samples."""
