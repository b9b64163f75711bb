"""A stand-in for WeChat's official-account platform that enforces its rules: for tests, the bench, for trying it out.

Five seconds for an answer, three deliveries, tokens that end, five messages in 48 hours, three in a minute after a
click, bytes of a text, media ids, followers, and any error on order. Facts: the project's notes on the protocol.
"""

from tests.fake_wechat.platform import Account, FakeWechat, Fan, Seen
from tests.fake_wechat.troubles import Trouble, Troubles
from tests.fake_wechat.web import app_of, serving

__all__ = ["Account", "FakeWechat", "Fan", "Seen", "Trouble", "Troubles", "app_of", "serving"]
