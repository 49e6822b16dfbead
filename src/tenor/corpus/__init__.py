"""The counted thing: counting, pieces, its layout on disk, preparing."""
