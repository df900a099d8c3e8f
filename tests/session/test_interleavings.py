"""Drawn interleavings of user, editor and model, many of them.

`MIDSTREAM_SEEDS` says how many, `MIDSTREAM_SEED_FROM` where they begin; a million are run with
`python -m tests.support.interleave --seeds 1000000`, which says how far it is. A seed that fails
prints its run in the form of a fixture: put the two parts into `before.txt` and `script.txt` of a
folder in `fixtures/sessions`, and it is a case.
"""

import os

import pytest

from tests.support.interleave import Interleaving, failure_of
from tests.support.rig import Rig

_SEEDS = int(os.environ.get("MIDSTREAM_SEEDS", "1500"))
_FROM = int(os.environ.get("MIDSTREAM_SEED_FROM", "0"))
# Several processes can share the work.
_SHARDS = 16


@pytest.mark.parametrize("kind", ["plain", "accepting", "patches", "imports"])
@pytest.mark.parametrize("shard", range(_SHARDS))
def test_no_interleaving_breaks_a_promise(shard: int, kind: str) -> None:
    """`accepting`: the user locks hunks all the time. `patches`: the answers are diffs. `imports`:
    the answers name imports. Of these three a fifth as many."""
    seeds = _SEEDS if kind == "plain" else _SEEDS // 5
    for seed in range(_FROM + shard, _FROM + seeds, _SHARDS):
        run = Interleaving(
            seed,
            accepting=kind == "accepting",
            patches=kind == "patches",
            imports=kind == "imports",
        )
        failure = failure_of(run)
        if failure is not None:
            pytest.fail(failure, pytrace=False)


def test_a_run_can_be_repeated_from_its_script() -> None:
    """The output of a failing seed is a complete script."""
    for seed in range(40):
        run = Interleaving(seed)
        run.run()
        again = Rig.play(run.document, run.script)
        assert again.editor.text == run.rig.editor.text, seed
