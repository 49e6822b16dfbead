"""Where documents come from: finding files, one reader a format."""
