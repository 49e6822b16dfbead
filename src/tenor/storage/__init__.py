"""How tenor keeps things on disk: whole or not at all, checked, and never executable.

What cannot be written, or is not what was written, is an ArtifactError; an OSError of a job's own
folder stays one, for the command to say what it means.
"""
