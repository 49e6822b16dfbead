"""Looking at what a model found: neighbours, spaces, dimensions, clusters, maps, documents.

Every room here takes plain NumPy arrays; none knows a network. Import the module you need:
importing this package loads nothing.
"""
