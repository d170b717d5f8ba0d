"""The digits, and the weights of the models that were trained on a hundred of them."""

import importlib.util
import io
import sys
from pathlib import Path

import numpy as np
import pytest

from klteach.data import digits, digits_vae
from klteach.data.digits_vae import BETAS, SHAPES, split, training_rows
from klteach.data.extract import FOLDER, open_extract

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def training():
    """tools/train_vae.py as a module."""
    spec = importlib.util.spec_from_file_location("train_vae", ROOT / "tools/train_vae.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_digits_are_those_of_the_source():
    """The counts of the test set, as the page of the data set gives them."""
    data = digits()
    assert data.images.shape == (1797, 8, 8)
    assert (data.images.min(), data.images.max()) == (0, 16)
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_pixels_are_shares_of_black_points():
    data = digits()
    assert data.pixels.shape == (1797, 64)
    np.testing.assert_array_equal(16 * data.pixels[5], data.images[5].ravel())


def test_who_made_the_digits_and_the_licence_are_named():
    text = (FOLDER / "SOURCES.md").read_text("utf-8")
    for name in ("digits.npz", "digits_vae.npz"):
        section = text.split(f"## {name}")[1].split("\n## ")[0]
        for part in ("E. Alpaydin and C. Kaynak", "licenses/by/4.0", "scikit-learn 1.9.1"):
            assert part in section


def test_the_models_have_seen_ten_of_each_digit():
    labels = digits().labels
    rows = training_rows(labels)
    assert len(set(rows.tolist())) == 100
    assert np.bincount(labels[rows]).tolist() == [10] * 10


def test_there_is_a_model_for_each_beta():
    models = digits_vae()
    assert tuple(models) == BETAS
    for weights in models.values():
        assert tuple(array.shape for array in weights) == SHAPES
        assert all(np.array_equal(array, np.round(array, 3)) for array in weights)


def test_a_row_of_weights_is_split_in_their_order():
    row = np.arange(sum(int(np.prod(shape)) for shape in SHAPES))
    assert np.concatenate([array.ravel() for array in split(row)]).tolist() == row.tolist()


def test_training_falls_and_draws_the_same_for_the_same_seed(training):
    first, again = training.trained(1.0, steps=30), training.trained(1.0, steps=30)
    np.testing.assert_array_equal(first, again)
    start = training.trained(1.0, steps=1)
    pixels, noise = training.images().seen, np.zeros((100, 2))
    losses = [
        training.loss_and_gradients(split(row), pixels, noise, 1.0)[0] for row in (start, first)
    ]
    assert losses[1] < 0.8 * losses[0]


def test_only_models_that_are_worth_the_same_pass_for_the_same(training):
    stored = open_extract("digits_vae")
    committed = (FOLDER / "digits_vae.npz").read_bytes()
    assert training.same_figures(committed, committed)
    other = io.BytesIO()
    swapped = stored["weights"][:, ::-1]  # the models in the order of falling β
    np.savez(other, weights=swapped)
    assert not training.same_figures(committed, other.getvalue())
    assert training.near(10.9, 10.0) and not training.near(12.1, 10.0)
