"""The scikit-learn face: one abstract base, and one final class a model."""
