"""The dense model is the same model: bound, gradients and what a step makes of them."""

from __future__ import annotations

import torch

from tenor.training import schedule


def test_first_step_has_the_same_bound_and_gradients():
    import step
    import zipf

    # the last has few of the words in a batch, so its gradient and its Adam are row-wise
    for words, batch, length in ((300, 16, 30), (70, 5, 3), (3000, 4, 20)):
        bag = zipf.documents(40, words, length)
        assert step.difference(step.Point(words, batch, length), bag) < step.TOLERANCE


def test_another_model_is_seen(monkeypatch):
    import dense
    import step
    import zipf

    bag = zipf.documents(40, 100, 20)
    bound = dense.DenseNVDM.bound
    monkeypatch.setattr(dense.DenseNVDM, "bound", lambda self, x, e: bound(self, x, 1.001 * e))
    assert step.difference(step.Point(100, 8, 20), bag) > step.TOLERANCE


def test_both_move_their_weights_alike():
    import dense
    import stepping
    import zipf

    bag = zipf.documents(60, 90, 20)
    chosen = stepping.settings(30)
    model = stepping.network(90, bag)
    plain = dense.DenseTraining(dense.DenseNVDM.like(model), chosen)
    stepper = stepping.Stepper.begin(model, bag, chosen)
    share = stepper.draw(0)
    x = dense.densify(dense.matrix(bag), share.batch.rows.numpy())
    epsilon = stepper.noise(len(share.batch))
    stepper.step(share)
    rate = schedule.learning_rate(chosen, 0, chosen.epochs * stepper.trainer.source.steps_per_epoch)
    plain.step(x, share.weights, share.total, epsilon, rate)
    for name, after in plain.model.decoder.named_parameters():
        own = dict(model.decoder.named_parameters())[name]
        assert torch.allclose(own, after, atol=rate / 20), name


def test_zipf_documents_are_a_sound_bag():
    import zipf

    bag = zipf.documents(500, 2000, 100)
    assert len(bag) == 500 and bag.distinct.min() >= 1
    assert 80 < bag.lengths.mean() < 120 and 55 < bag.distinct.mean() < 75
    for document in range(20):
        words = bag[document : document + 1].words
        assert (words[1:] > words[:-1]).all()


def test_steps_after_the_start_are_those_of_one_who_took_it():
    import step
    import stepping
    import zipf

    bag = zipf.documents(60, 3000, 20)
    stepper = stepping.Stepper.begin(stepping.network(3000, bag), bag, stepping.settings(6))
    assert stepper.state.optimizer.by_row, "the row-wise optimiser is what this is about"
    stepper.pass_start()
    (adam,) = stepper.state.optimizer.by_row
    before = adam.parameter.detach().clone()
    for number in range(3):
        stepper.step(stepper.draw(number))
    assert adam.step_number == 303 and (adam.last < 303).any()
    stepper.settle()
    assert (adam.last == 303).all() and not torch.equal(before, adam.parameter)
    assert step.timed(stepper.settle, 1) >= 0
