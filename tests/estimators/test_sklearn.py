"""scikit-learn's own checks, its pipelines and its searches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

import tenor

TINY: dict[str, Any] = {
    "n_components": 3,
    "encoder_sizes": (8,),
    "epochs": 2,
    "min_df": 1,
    "max_df": 1.0,
    "device": "cpu",
}

EXPECTED_FAILURES = {
    "check_positive_only_tag_during_fit": "feeds negative fractions and wants the sign named; "
    "tenor names the first bad entry, here a fraction",
}


def with_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks draw normal and uniform numbers; counts are whole, so round what they feed."""
    enforce = estimator_checks._enforce_estimator_tags_X

    def rounded(estimator: Any, X: Any, **more: Any) -> Any:
        X = enforce(estimator, X, **more)
        if hasattr(X, "dtype") and np.issubdtype(X.dtype, np.floating):
            X = np.round(3 * X)
        return X

    monkeypatch.setattr(estimator_checks, "_enforce_estimator_tags_X", rounded)


def all_checks() -> list[Any]:
    found = []
    # It says that NVDM does not inherit from BaseEstimator, which would cost every tenor.load the
    # import of scikit-learn; it has all that the checks below ask for.
    with pytest.warns(UserWarning, match="does not inherit from"):
        given = list(estimator_checks.estimator_checks_generator(tenor.NVDM(**TINY)))
    for estimator, check in given:
        name = check.func.__name__
        reason = EXPECTED_FAILURES.get(name)
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        found.append(pytest.param(estimator, check, id=name, marks=marks))
    return found


@pytest.mark.parametrize(("estimator", "check"), all_checks())
def test_scikit_learn_check(estimator: Any, check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_whole_numbers(monkeypatch)
    check(estimator)


def test_the_checks_run(estimators_checked: int = 30) -> None:
    assert len(all_checks()) > estimators_checked


TEXTS = [
    "cats and dogs play",
    "dogs chase cats",
    "the market fell",
    "shares of the market rose",
] * 8
LABELS = [0, 0, 1, 1] * 8


@pytest.mark.parametrize("kind", ["texts", "csr", "corpus"])
def test_grid_search_over_every_kind_of_documents(kind: str) -> None:
    documents: Any = TEXTS
    if kind == "csr":
        documents = csr_array(CountVectorizer().fit_transform(TEXTS))
    if kind == "corpus":
        rule = tenor.VocabularyRule(min_df=1, max_df=1.0)
        documents = tenor.Corpus.from_texts(TEXTS, rule=rule)
    search = GridSearchCV(tenor.NVDM(**TINY), {"n_components": [2, 3]}, cv=2, error_score="raise")
    search.fit(documents)
    assert search.best_estimator_.transform(documents).shape[0] == len(TEXTS)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    best = search.cv_results_["mean_test_score"].argmax()
    assert search.cv_results_["params"][best] == search.best_params_


def test_pipeline_from_texts_to_labels() -> None:
    more = {"epochs": 40, "batch_size": 8, "learning_rate": 1e-2}
    pipeline = make_pipeline(tenor.NVDM(**{**TINY, **more}), LogisticRegression())
    assert pipeline.fit(TEXTS, LABELS).score(TEXTS, LABELS) > 0.9


def test_pipeline_after_a_count_vectorizer_names_its_outputs() -> None:
    pipeline = make_pipeline(CountVectorizer(), tenor.NVDM(**TINY)).fit(TEXTS)
    assert list(pipeline.get_feature_names_out()) == ["nvdm0", "nvdm1", "nvdm2"]


def test_clone_keeps_every_parameter_and_no_state() -> None:
    model = tenor.NVDM(**TINY).fit(TEXTS)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert not hasattr(copy, "trained_")


def test_a_notebook_shows_it_as_scikit_learn_shows_its_own():
    from sklearn.pipeline import make_pipeline

    for one in (tenor.NVDM(n_components=3), make_pipeline(tenor.NVDM(n_components=3))):
        assert "NVDM" in one._repr_html_()
