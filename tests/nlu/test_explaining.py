"""What is said of a decision is what made it."""

from math import log

import pytest

from nlu.explaining import Explanation, explain_by
from nlu.gate import clues, ours
from nlu.index import essence
from nlu.matching import Match
from nlu.needs import match_needs
from tests.nlu.starter import starter_matcher

SAYINGS = ("低保怎么申请", "我屋里要砌屋", "狗咬了人", "证丢了", "我要修房子", "我想种田补贴那个", "去医院看病")


def explained(text: str) -> tuple[Match, Explanation]:
    return explain_by(starter_matcher(), text)


@pytest.mark.parametrize("text", SAYINGS)
def test_the_decision_is_that_of_the_match_and_the_figures_are_those_of_the_likelihood(text: str):
    match, why = explained(text)
    likelihood = starter_matcher().by_words(text, starter_matcher().index.compare(text))
    assert match == match_needs(starter_matcher(), text)
    assert (why.none, why.vague) == (round(likelihood.none, 4), round(likelihood.vague, 4))
    assert why.gate == round(ours().logit(clues(text)), 4)
    assert [each.score for each in why.best] == sorted((each.score for each in why.best), reverse=True)
    assert why.best[0].score == round(max(likelihood.codes.values()), 4)


@pytest.mark.parametrize("text", SAYINGS)
def test_the_shares_are_value_times_weight_the_largest_first_and_no_more_than_the_points(text: str):
    for best in explained(text)[1].best:
        shares = [share.share for share in best.shares]
        assert 1 <= len(shares) <= 6
        assert shares == sorted(shares, reverse=True)
        assert all(share.share == pytest.approx(share.value * share.weight, abs=0.001) for share in best.shares)
        assert sum(shares) <= best.points + max(0, -starter_matcher().weights.words.situation) + 0.001


def test_two_scores_differ_by_what_their_points_differ():
    """The softmax of what is explained: nothing else made the score."""
    _, why = explained("种田的国家补助款")
    first, second = why.best[:2]
    assert why.opinion == "words"
    assert log(first.score / second.score) == pytest.approx(first.points - second.points, abs=0.1)


def test_the_dialect_words_and_the_nearest_sayings_are_named():
    _, why = explained("屋里老人满八十了有么子补贴")
    assert why.dialect == {"屋里": "家里", "么子": "什么"}
    assert why.compared == essence("屋里老人满八十了有么子补贴")
    assert why.opinion == "words"
    nearest = explained("低保怎么申请")[1].best[0].nearest
    assert "怎么申请低保" in nearest or "低保" in nearest


def test_a_situations_own_words_are_said_to_be_so_and_nothing_to_be_nothing():
    assert explained("我要修房子")[1].opinion == "situation"
    assert explained("最低生活保障")[1].opinion == "name"
    assert explained("要带什么")[1].opinion == "nothing"
    assert explained("。。。")[1].best == ()


def test_what_was_cut_away_and_a_second_need_are_told():
    match, why = explained("身份证办好了，现在要办居住证")
    assert (match.wanted, why.wanted, why.compared) == ("现在要办居住证", "现在要办居住证", "现在办居住证")
    match, why = explained("高龄津贴和残疾证怎么办")
    assert (why.wanted, why.then) == ("高龄津贴", match.then and match.then.name)
    assert why.best[0].code == "M005"
