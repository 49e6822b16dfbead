"""Exact sparse kernels: one signature each, and no documents × vocabulary matrix inside."""

from tenor.kernels.bag import Bag
from tenor.kernels.bag_linear import bag_linear
from tenor.kernels.mixture_nll import mixture_nll
from tenor.kernels.softmax_nll import softmax_nll
from tenor.kernels.tiled import compiled

__all__ = ["Bag", "bag_linear", "compiled", "mixture_nll", "softmax_nll"]
