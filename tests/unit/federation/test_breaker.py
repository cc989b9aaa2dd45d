"""SECURITY I08: how many wait for a provider that does not answer, and how long it is spared."""

import threading
from contextlib import ExitStack

import pytest
from flask import current_app

from app import clock
from app.federation import breaker
from app.federation.identity import UpstreamAway, UpstreamRefused
from tests.doubles.oidc_browser import visit
from tests.doubles.oidc_party import Meeting


def _fail(met: Meeting) -> None:
    with pytest.raises(UpstreamAway), breaker.watching(met.party.connection):
        raise UpstreamAway("no answer")


def _fail_often(met: Meeting) -> None:
    for _ in range(breaker.MOST_FAILURES):
        _fail(met)


def _is_left_alone(met: Meeting) -> bool:
    try:
        with breaker.watching(met.party.connection, is_whole=False):
            return False
    except UpstreamAway:
        return True


def test_i08_after_its_rest_one_alone_finds_out_whether_a_provider_is_back(met: Meeting) -> None:
    _fail_often(met)
    assert _is_left_alone(met)
    clock.move(31)
    with breaker.watching(met.party.connection):
        assert _is_left_alone(met)
    assert not _is_left_alone(met)


def test_i08_a_provider_that_is_not_back_rests_again(met: Meeting) -> None:
    _fail_often(met)
    clock.move(31)
    _fail(met)
    assert _is_left_alone(met)


def test_i08_nobody_joins_those_who_wait_in_vain(
    met: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PATIENCE", 0)
    with ExitStack() as stack:
        for _ in range(breaker.MOST_STUCK):
            assert not _is_left_alone(met)
            stack.enter_context(breaker.watching(met.party.connection))
        assert _is_left_alone(met)
    assert not _is_left_alone(met)


def test_i08_many_may_ask_a_provider_that_answers_in_time(met: Meeting) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(breaker.watching(met.party.connection))


def test_i08_whoever_goes_leaves_nothing_behind(met: Meeting) -> None:
    for fault in (UpstreamRefused("code_refused"), KeyError("a fault of ours")):
        with pytest.raises(type(fault)), breaker.watching(met.party.connection):
            raise fault
    assert met.party.sign_in().subject
    assert all(met.party.connection.id not in key for key in breaker._counts)


def test_i08_a_hanging_provider_holds_a_few_threads_and_turns_the_others_away(
    met: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PATIENCE", 0)
    app, refused = current_app._get_current_object(), []  # type: ignore[attr-defined]
    waiting = [(request, visit(request.url)) for request in (met.party.start(), met.party.start())]
    late = met.party.start()
    returned = visit(late.url)
    met.provider.script.hangs.add("token")

    def wait(number: int) -> None:
        with app.app_context(), pytest.raises(UpstreamAway):
            met.party.finish(*waiting[number])
        refused.append(number)

    threads = [threading.Thread(target=wait, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    while met.provider.counts["token"] < 2:
        threading.Event().wait(0.01)
    with pytest.raises(UpstreamAway) as caught:
        met.party.finish(late, returned)
    assert "others wait" in caught.value.reason
    assert (met.provider.counts["token"], refused) == (2, [])
    met.provider.stopped.set()
    for thread in threads:
        thread.join()
    assert sorted(refused) == [0, 1]
