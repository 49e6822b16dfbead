"""The counted thing: counting, parts, its layout on disk, preparing."""
