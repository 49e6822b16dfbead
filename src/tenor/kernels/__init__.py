"""Exact sparse kernels: one signature each, and no documents × vocabulary matrix inside."""

from tenor.kernels.bag import Bag
from tenor.kernels.bag_linear import bag_linear
from tenor.kernels.compiled import COMPILED
from tenor.kernels.mixture_nll import mixture_nll
from tenor.kernels.softmax_nll import softmax_nll

__all__ = ["COMPILED", "Bag", "bag_linear", "mixture_nll", "softmax_nll"]
