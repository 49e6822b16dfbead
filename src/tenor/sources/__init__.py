"""Where documents come from: finding files, one reader a format.

What cannot be read is a SourceError that names the file and, where there is one, the line or row.
"""
