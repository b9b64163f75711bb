"""What can be set, from `BANGBAN_*` in the environment or the command line. Documented in docs/operate.md."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.platforms.errors import kinds
from connectors.video.ice import read_servers
from knowledge.handoff import Timers


class Settings(BaseSettings):
    """Every setting has a default with which the service starts on a fresh machine."""

    model_config = SettingsConfigDict(env_prefix="BANGBAN_", extra="ignore", regex_engine="python-re")

    data_dir: Path = Field(default=Path("var"), description="where the database, the model and the index are kept")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite in the data directory")
    redis_url: str = Field(default="", description="Redis address; empty: an embedded stand-in, for one process only")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8080, description="port to listen on")
    workers: int = Field(default=1, ge=1, le=64, description="processes on the one port; more than one needs Redis")
    keys: SecretStr = Field(
        default=SecretStr(""),
        description="keys that seal personal data, `2:base64,1:base64`; empty: the file keys in the data directory",
    )
    region: str = Field(
        default="430423101218", pattern=r"^\d{12}\Z", description="division code of the residents who say nothing else"
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?\Z",
        description="the address under which residents open the page, for QR codes; empty: as the desk is opened",
    )
    log_level: Literal["INFO", "WARNING", "ERROR"] = Field(default="INFO", description="INFO, WARNING or ERROR")
    turn_timeout: float = Field(default=20.0, gt=0, description="seconds after which a turn is given up")
    shutdown_timeout: float = Field(default=15.0, gt=0, description="seconds that running turns get after SIGTERM")
    pool_size: int = Field(default=10, ge=1, description="PostgreSQL connections a process keeps open")

    intake_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?\Z",
        description="the county's intake platform; empty: `serve` starts the sandbox beside itself",
    )
    intake_key: SecretStr = Field(default=SecretStr(""), description="the bearer key that the platform wants")
    intake_secret: SecretStr = Field(default=SecretStr(""), description="signs the platform's call-backs")
    intake_timeout: float = Field(default=8.0, gt=0, description="seconds that the platform gets for an answer")

    offer_seconds: float = Field(
        default=60.0, gt=0, description="seconds in which an agent takes a chat they are offered"
    )
    tier_seconds: float = Field(default=120.0, gt=0, description="seconds after which a chat goes a tier up")
    silence_seconds: float = Field(
        default=180.0, gt=0, description="seconds after which an agent who does not answer is warned"
    )
    grace_seconds: float = Field(
        default=60.0, gt=0, description="seconds after the warning in which the chat stays with the agent"
    )

    retention: str = Field(
        default="", description="file of the county's own periods of retention; empty: those that are shipped"
    )
    ratings: str = Field(
        default="",
        description="file of the county's own levels, reasons and deadlines of 好差评; empty: the shipped ones",
    )

    remind_days: int = Field(
        default=3, ge=0, description="days after which residents are reminded once of what they put off; 0: never"
    )
    tickets: str = Field(default="", description="file of the county's own rules of tickets over the shipped ones")
    visits: str = Field(
        default="", description="file of the county's own rules of appointments; empty: the shipped ones"
    )

    meaning: bool = Field(
        default=True, description="think twice about unsure words with the sentence model, where it is installed"
    )
    embeddings_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?\Z",
        description="OpenAI-compatible address of a better sentence model, …/v1; empty: the one that is installed",
    )
    embeddings_model: str = Field(default="", validate_default=True, description="the model's name at that address")
    embeddings_key: SecretStr = Field(default=SecretStr(""), description="the key for that address")

    speech_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?\Z",
        description="OpenAI-compatible address that recognises speech, …/v1; empty: voice messages are not understood",
    )
    speech_model: str = Field(default="sensevoice", description="the recogniser's name at that address")
    speech_key: SecretStr = Field(default=SecretStr(""), description="the key for that address")
    speech_timeout: float = Field(default=12.0, gt=0, description="seconds that recognising a recording may take")
    reading_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?\Z",
        description="OpenAI-compatible address that reads aloud, …/v1; empty: only telephones with a voice do",
    )
    reading_model: str = Field(default="tts-1", description="the model's name at that address")
    reading_voice: str = Field(default="alloy", description="the voice's name at that address")
    reading_key: SecretStr = Field(default=SecretStr(""), description="the key for that address")
    reading_speed: float = Field(
        default=0.9, ge=0.5, le=1.5, description="how fast is read; 1 is the voice's own speed"
    )

    desk_two_steps: bool = Field(
        default=True, description="supervisors and administrators sign in at the desk with a code besides the password"
    )
    sign_on_issuer: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?\Z",
        description="the county's OpenID Connect provider; empty: staff sign in with their passwords only",
    )
    sign_on_client: str = Field(default="bangban", description="the client's name at the provider")
    sign_on_secret: SecretStr = Field(default=SecretStr(""), description="the client's secret at the provider")
    sign_on_name: str = Field(default="preferred_username", description="the claim that is the account's name here")
    sign_on_label: str = Field(default="统一身份登录", description="what the login page calls the single sign-on")

    ice_servers: str = Field(
        default="", description="STUN and TURN servers for video calls, as JSON; empty: only within one network"
    )
    turn_secret: SecretStr = Field(
        default=SecretStr(""), description="the secret that the TURN server shares with us (coturn: static-auth-secret)"
    )

    sms: Literal["log", "aliyun"] = Field(
        default="log", description="who sends short messages: log (nobody; residents are not asked) or aliyun"
    )
    sms_url: str = Field(default="https://dysmsapi.aliyuncs.com", description="the provider's address")
    sms_key: SecretStr = Field(default=SecretStr(""), description="the provider's AccessKey id")
    sms_secret: SecretStr = Field(default=SecretStr(""), description="the provider's AccessKey secret")
    sms_templates: str = Field(default="", description="file of the county's signature and template codes")
    sms_callback: SecretStr = Field(
        default=SecretStr(""), description="the secret in the address that the provider calls; empty: no such address"
    )
    sms_hours: float = Field(
        default=4.0, ge=0, description="hours in which news of a case may be seen before a short message goes out"
    )
    sms_daily: int = Field(default=5, ge=1, description="short messages that one number gets in a day at most")

    wechat_appid: str = Field(default="", pattern=r"^\w*\Z", description="the official account; empty: there is none")
    wechat_secret: SecretStr = Field(default=SecretStr(""), description="the account's AppSecret")
    wechat_token: SecretStr = Field(
        default=SecretStr(""), description="the token of the account's server configuration"
    )
    wechat_aes_key: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="its EncodingAESKey, 43 characters"
    )
    wechat_aes_key_before: SecretStr = Field(
        default=SecretStr(""), description="the EncodingAESKey before, while a new one is taking over"
    )
    wechat_url: str = Field(
        default="https://api.weixin.qq.com", pattern=r"^https?://[^\s?#]+\Z", description="where the account's API is"
    )
    wechat_timeout: float = Field(default=5.0, gt=0, description="seconds that a call of the API gets")
    wechat_codes: str = Field(
        default="", description='codes of the platforms that mean something else here, as JSON: `{"95018":"used"}`'
    )
    wechat_plain: bool = Field(
        default=False, description="also take unencrypted messages: for a test account only, anybody could repeat them"
    )
    wechat_links: bool = Field(default=True, description="choices as links that are tapped, over the numbered text")
    wechat_speaks: bool = Field(
        default=True, description="the account may send customer-service messages (认证); else answers wait"
    )
    wechat_template: str = Field(default="", description="template message that tells of news outside the 48 hours")
    wechat_subscription: str = Field(default="", description="subscription message for the same, tried second")
    wechat_notice_fields: str = Field(
        default="", description='their fields as JSON, with {what} and {time}: `{"thing1":"{what}"}`'
    )

    miniprogram_appid: str = Field(default="", pattern=r"^\w*\Z", description="the mini program; empty: there is none")
    miniprogram_secret: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="the mini program's AppSecret"
    )
    miniprogram_token: SecretStr = Field(
        default=SecretStr(""), description="the token of its message push, for the customer-service chat"
    )
    miniprogram_aes_key: SecretStr = Field(
        default=SecretStr(""), description="its EncodingAESKey; empty: there is no customer-service chat"
    )
    miniprogram_aes_key_before: SecretStr = Field(
        default=SecretStr(""), description="the EncodingAESKey before, while a new one is taking over"
    )
    miniprogram_plain: bool = Field(default=False, description="also take unencrypted pushes: for a test account only")
    miniprogram_subscription: str = Field(default="", description="subscription message that tells of news")
    miniprogram_notice_fields: str = Field(
        default="", description='its fields as JSON, with {what} and {time}: `{"thing1":"{what}"}`'
    )
    miniprogram_check: bool = Field(
        default=False, description="have WeChat check what is written in the mini program and its chat (msg_sec_check)"
    )

    wecom_corpid: str = Field(default="", pattern=r"^\w*\Z", description="the county's WeCom; empty: there is none")
    wecom_secret: SecretStr = Field(
        default=SecretStr(""), description="secret of the application that may use 微信客服"
    )
    wecom_token: SecretStr = Field(default=SecretStr(""), description="the token of its call-backs")
    wecom_aes_key: SecretStr = Field(
        default=SecretStr(""), validate_default=True, description="their EncodingAESKey, 43 characters"
    )
    wecom_aes_key_before: SecretStr = Field(
        default=SecretStr(""), description="the EncodingAESKey before, while a new one is taking over"
    )
    wecom_url: str = Field(
        default="https://qyapi.weixin.qq.com", pattern=r"^https?://[^\s?#]+\Z", description="where WeCom's API is"
    )

    wecom_people: Literal["desk", "wecom"] = Field(
        default="desk", description="who answers whoever wants a person in 微信客服: our desk, or people in WeCom"
    )
    wecom_servicer: str = Field(
        default="", max_length=64, description="the userid in WeCom who gets them first; empty: WeCom's own queue"
    )
    wecom_receiving: int = Field(default=0, description="the status of somebody in WeCom's list who is 接待中")

    papers: bool = Field(default=True, description="look at photos of papers, where the extra `papers` is installed")
    papers_timeout: float = Field(default=15.0, gt=0, description="seconds after which a photo is given up")

    @field_validator("embeddings_model")
    @classmethod
    def _named_where_there_is_an_address(cls, name: str, told: ValidationInfo) -> str:
        if told.data.get("embeddings_url") and not name:
            raise ValueError("an address of a sentence model wants the model's name too")
        return name

    @field_validator("wechat_aes_key")
    @classmethod
    def _is_complete(cls, key: SecretStr, told: ValidationInfo) -> SecretStr:
        named = [told.data.get(name) for name in ("wechat_secret", "wechat_token")]
        if told.data.get("wechat_appid") and not (key and all(named)):
            raise ValueError("an official account wants its secret, token and EncodingAESKey too")
        return key

    @field_validator("wecom_aes_key")
    @classmethod
    def _is_whole(cls, key: SecretStr, told: ValidationInfo) -> SecretStr:
        named = [told.data.get(name) for name in ("wecom_secret", "wecom_token")]
        if told.data.get("wecom_corpid") and not (key and all(named)):
            raise ValueError("WeCom wants its secret, token and EncodingAESKey too")
        return key

    @field_validator("miniprogram_secret")
    @classmethod
    def _has_a_secret(cls, secret: SecretStr, told: ValidationInfo) -> SecretStr:
        if told.data.get("miniprogram_appid") and not secret.get_secret_value():
            raise ValueError("a mini program wants its secret too")
        return secret

    @field_validator("wechat_notice_fields", "miniprogram_notice_fields")
    @classmethod
    def _is_a_mapping(cls, text: str) -> str:
        fields = json.loads(text) if text else {}
        if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
            raise ValueError("the fields of a notice are a JSON object of texts")
        return text

    @field_validator("wechat_codes")
    @classmethod
    def _means_something(cls, text: str) -> str:
        codes = json.loads(text) if text else {}
        known = set(kinds().values())
        if not isinstance(codes, dict) or not all(re.fullmatch(r"-?\d+", code) for code in codes):
            raise ValueError("the codes are a JSON object: code, meaning")
        if unknown := set(map(str, codes.values())) - known:
            raise ValueError(f"no such meaning: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return text

    @property
    def api(self) -> tuple[float, dict[int, str]]:
        """How the platforms' APIs are called: seconds for a call, codes with another meaning than errcodes.yml's."""
        codes = json.loads(self.wechat_codes) if self.wechat_codes else {}
        return self.wechat_timeout, {int(code): kind for code, kind in codes.items()}

    @field_validator("ice_servers")
    @classmethod
    def _is_a_list_of_servers(cls, text: str) -> str:
        read_servers(text)
        return text

    @property
    def timers(self) -> Timers:
        """How long a chat waits for what."""
        offer, tier, silence, grace = (
            timedelta(seconds=seconds)
            for seconds in (self.offer_seconds, self.tier_seconds, self.silence_seconds, self.grace_seconds)
        )
        return Timers(offer, tier, silence, grace)

    @property
    def database(self) -> str:
        """The database's address, SQLite in the data directory when none is set."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'bangban.db').absolute()}"

    @property
    def keys_file(self) -> Path:
        """The keys that seal personal data, where none are set."""
        return self.data_dir / "keys"

    @property
    def indexes(self) -> Path:
        """Built indexes of the matcher."""
        return self.data_dir / "index"

    @property
    def model(self) -> Path:
        """The trained Rasa model."""
        return self.data_dir / "model.tar.gz"
