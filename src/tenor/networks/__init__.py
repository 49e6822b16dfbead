"""The models: each a sentence of q(z|x), p(z), h(z) and a decoder, final and readable."""
