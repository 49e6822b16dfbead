"""tenor.NVDM: the neural variational document model as an estimator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, final

from tenor.estimators.base import DocumentModel
from tenor.model.fitting import Plan
from tenor.model.inputs import plain
from tenor.networks.models import nvdm
from tenor.networks.network import Network
from tenor.networks.nvdm import NVDMConfig
from tenor.training.settings import TrainingSettings
from tenor.training.world import choose_device


@final
class NVDM(DocumentModel):
    """Neural variational document model (Miao, Yu & Blunsom 2016).

        z ~ Normal(0, I),   x ~ Multinomial(N, softmax(R h(z) + b)),   q(z|x) = Normal(μ(x), σ²(x))

    See docs/models/nvdm.md for the equations and when to use it.

    Args:
        n_components: K, latent dimensions.
        n_topics: topics read out of the model after the fit, at most; "auto" estimates how many.
            They change nothing in the model: see :meth:`find_topics`.
        encoder_sizes: widths of the encoder's hidden layers; () maps the input straight to q.
        encoder: "residual" (layer normalisation and skip connections) or "plain", as the paper.
        activation: of the encoder: "tanh", "relu", "softplus" or "gelu".
        input_transform: what the encoder sees: "log1p", "counts", "l1", "binary" or "tfidf".
        dropout: share of the encoder's hidden units dropped in training.
        generator_sizes: widths of hidden tanh layers between z and the decoder; () is linear.
        generator: hidden layers "beside" the direct linear map, or "stacked" in its place.
        generator_dropout: share of the generator's hidden units dropped in training.
        likelihood: "counts" (Σ x_v log p_v) or "presence" (x replaced by min(x, 1)).
        epochs: passes over the training documents, at most; None: about 2,000 steps.
        batch_size: documents a step.
        learning_rate: Adam's highest step size.
        schedule: how it falls: "cosine", "linear" or "constant".
        warmup: share of all steps over which it first rises.
        decoder_rate: how many times faster than the rest the decoder's weights learn.
        weight_decay: decoupled decay of the decoder's weights.
        clip_norm: the gradient's norm is cut to this; None leaves it.
        n_samples: posterior samples a document and step.
        kl_warmup: epochs over which the KL's weight rises to 1.
        thinning: training documents are thinned binomially at a rate from [thinning, 1], but not
            below about 5 tokens; 1: never.
        thinning_end: where that lowest rate goes over the second half of the fit; None: nowhere.
        thinned: only the encoder's "input" (denoising), or the "document" as such.
        length_weighting: a; a document of N tokens weighs N^−a in the training loss.
        updates: "joint", or "alternating" decoder and encoder as in the paper.
        alternating_epochs: epochs a phase lasts when alternating.
        validation_fraction: share of the documents held out to judge epochs by; 0 for none.
        patience: epochs without a better held-out bound before the fit stops; None never stops.
        tokenizer: "unicode", "a-z", or any function from a text to a list of tokens; None:
            "unicode", or whatever a corpus was prepared with.
        lowercase, strip_accents, min_token_length, max_token_length, digits, stop_words: how
            texts are cut; see :class:`tenor.Tokenizer`.
        min_df, max_df, max_words: which words count; see :class:`tenor.VocabularyRule`.
        vocabulary: count these words, in this order, instead; names the columns of ready counts.
        keep_documents: keep the training documents and their vectors for similar_documents.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        random_state: seed of every draw; an int, a RandomState, or None for a new one each fit.
        verbose: print a line an epoch to standard error.

    Attributes:
        topics_: what the documents are about; see :class:`ModelTopics`.
        vocabulary_: the V words.
        components_: (K, V) how each latent dimension moves the logit of each word.
        word_vectors_: (V, K).
        history_: one record an epoch.
    """

    def __init__(
        self,
        n_components: int = 50,
        *,
        n_topics: int | str = 50,
        encoder_sizes: Sequence[int] = (500, 500),
        encoder: str = "residual",
        activation: str = "tanh",
        input_transform: str = "log1p",
        dropout: float = 0.1,
        generator_sizes: Sequence[int] = (),
        generator: str = "beside",
        generator_dropout: float = 0.0,
        likelihood: str = "counts",
        epochs: int | None = None,
        batch_size: int = 200,
        learning_rate: float = 3e-3,
        schedule: str = "cosine",
        warmup: float = 0.05,
        decoder_rate: float = 3.0,
        weight_decay: float = 0.3,
        clip_norm: float | None = 5.0,
        n_samples: int = 1,
        kl_warmup: int = 0,
        thinning: float = 0.1,
        thinning_end: float | None = None,
        thinned: str = "input",
        length_weighting: float = 0.5,
        updates: str = "joint",
        alternating_epochs: int = 1,
        validation_fraction: float = 0.1,
        patience: int | None = 30,
        tokenizer: str | Callable[[str], list[str]] | None = None,
        lowercase: bool = True,
        strip_accents: bool = False,
        min_token_length: int = 2,
        max_token_length: int | None = None,
        digits: str = "keep",
        stop_words: Any = None,
        min_df: int | float = 5,
        max_df: int | float = 0.5,
        max_words: int | None = 20_000,
        vocabulary: Any = None,
        keep_documents: bool = True,
        device: str = "auto",
        random_state: Any = 0,
        verbose: bool = False,
    ) -> None:
        self.n_components = n_components
        self.n_topics = n_topics
        self.encoder_sizes = encoder_sizes
        self.encoder = encoder
        self.activation = activation
        self.input_transform = input_transform
        self.dropout = dropout
        self.generator_sizes = generator_sizes
        self.generator = generator
        self.generator_dropout = generator_dropout
        self.likelihood = likelihood
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.warmup = warmup
        self.decoder_rate = decoder_rate
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.n_samples = n_samples
        self.kl_warmup = kl_warmup
        self.thinning = thinning
        self.thinning_end = thinning_end
        self.thinned = thinned
        self.length_weighting = length_weighting
        self.updates = updates
        self.alternating_epochs = alternating_epochs
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.min_token_length = min_token_length
        self.max_token_length = max_token_length
        self.digits = digits
        self.stop_words = stop_words
        self.min_df = min_df
        self.max_df = max_df
        self.max_words = max_words
        self.vocabulary = vocabulary
        self.keep_documents = keep_documents
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @property
    def _two_poles(self) -> bool:
        return True

    def _plan(self, seed: int) -> Plan:
        names = NVDMConfig.__dataclass_fields__.keys() - {"n_words"}
        shape = {name: plain(getattr(self, name)) for name in names}
        NVDMConfig(n_words=1, **shape)  # refuse bad parameters before any document is read
        names = TrainingSettings.__dataclass_fields__.keys() - {"seed"}
        settings = TrainingSettings(
            **{name: plain(getattr(self, name)) for name in names}, seed=seed
        )
        return Plan(
            kind="nvdm",
            build=partial(build_nvdm, shape, seed),
            settings=settings,
            validation_fraction=self.validation_fraction,
            device=choose_device(self.device),
        )


def build_nvdm(shape: dict[str, Any], seed: int, n_words: int) -> Network:
    """An NVDM over ``n_words`` words; a function of the module, so that it can be pickled."""
    return nvdm(NVDMConfig(n_words=n_words, **shape), seed)
