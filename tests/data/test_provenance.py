from priced.data.provenance import Provenance, difference, digest_all, digest_inputs, keep

CUT = {"val_fraction": 0.1, "split_seed": 0}
INPUTS = [b"one", b"two", b"three", b"four"]


def make_kept() -> Provenance:
    digests = digest_inputs(INPUTS)
    parts = digests[:2], digests[2:3], digests[3:]
    return keep(digest_all(digests), digest_all(digests), parts, CUT)


def test_the_same_inputs_cut_in_the_same_way_differ_in_nothing() -> None:
    assert difference(make_kept(), digest_inputs(INPUTS), CUT) == ""


def test_a_difference_is_counted_and_named() -> None:
    other = digest_inputs([*INPUTS[1:], b"five", b"six"])
    message = difference(make_kept(), other, CUT)
    assert message == "2 of 5 examples were not there then, 1 of 4 are gone"
    message = difference(make_kept(), digest_inputs(INPUTS), {**CUT, "split_seed": 3})
    assert message == "data.split_seed was 0 and is 3"


def test_an_input_that_stands_twice_is_counted_twice() -> None:
    message = difference(make_kept(), digest_inputs([*INPUTS, b"one"]), CUT)
    assert message == "1 of 5 examples were not there then, 0 of 4 are gone"


def test_another_order_is_another_digest_but_no_other_examples() -> None:
    turned = digest_inputs(INPUTS[::-1])
    assert digest_all(turned) != make_kept().inputs
    assert difference(make_kept(), turned, CUT) == ""


def test_what_weights_were_fitted_to_or_chosen_by_is_known_after_a_round_trip() -> None:
    kept = Provenance(**make_kept().plain())
    assert kept.list_learnt() == frozenset(digest_inputs(INPUTS[:3]).tolist())
