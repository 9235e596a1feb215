"""Who is calling: a token of a user, a GitHub App, or an installation of it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.playground.clock import Clock
from bot.playground.github.http import Refusal
from bot.playground.github.model import User

TOKEN_LIFE = timedelta(hours=1)
MAX_JWT_LIFE = 600
CLASSIC_SCOPES = "read:org, repo, workflow"


class Kind(StrEnum):
    """What the credentials were."""

    TOKEN = "token"
    APP = "app"
    INSTALLATION = "installation"


@dataclass(frozen=True)
class AppIdentity:
    """A registered GitHub App, installed once in the organisation."""

    id: int
    public_key: str
    slug: str = "slipway"
    installation_id: int = 62_500_001
    client_id: str = "Iv23liSlipway0000001"


@dataclass(frozen=True)
class AppKey:
    """What the owner of an App has in hand: its number and its private key, as PEM."""

    id: int
    private_key: str
    public_key: str

    @classmethod
    def fresh(cls, number: int = 917_001) -> AppKey:
        """A newly registered App."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return cls(number, private.decode(), public.decode())

    @property
    def identity(self) -> AppIdentity:
        """The App as GitHub knows it."""
        return AppIdentity(self.id, self.public_key)


@dataclass(frozen=True)
class Principal:
    user: User
    kind: Kind
    scopes: str | None = None


@dataclass
class Access:
    """The credentials this GitHub knows."""

    clock: Clock
    token: str
    user: User
    bot: User
    app: AppIdentity | None = None
    scopes: str | None = CLASSIC_SCOPES
    issued: dict[str, datetime] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)

    def principal(self, header: str | None) -> Principal:
        """Read the Authorization header; raises GitHub's 401."""
        scheme, _, given = (header or "").partition(" ")
        if not given:
            raise Refusal(401, "Requires authentication")
        if scheme.lower() not in ("token", "bearer"):
            raise Refusal(401, "Bad credentials")
        if hmac.compare_digest(given.encode(), self.token.encode()):
            return Principal(self.user, Kind.TOKEN, self.scopes if self._is_classic() else None)
        if given in self.people:
            return Principal(self.people[given], Kind.TOKEN, "")
        expiry = self.issued.get(given)
        if expiry is not None and self.clock.now() < expiry:
            return Principal(self.bot, Kind.INSTALLATION)
        if given.count(".") == 2:
            return self._as_app(given)
        raise Refusal(401, "Bad credentials")

    def issue(self) -> tuple[str, datetime]:
        """A new installation token."""
        token, expiry = "ghs_" + secrets.token_hex(18), self.clock.now() + TOKEN_LIFE
        self.issued[token] = expiry
        return token, expiry

    def issue_to(self, user: User) -> str:
        """A token of a person who signed in."""
        token = "gho_" + secrets.token_hex(18)
        self.people[token] = user
        return token

    def _is_classic(self) -> bool:
        """Only classic tokens have scopes; fine-grained ones have permissions that are not told."""
        return not self.token.startswith("github_pat_")

    def _as_app(self, given: str) -> Principal:
        if self.app is None:
            raise Refusal(401, "A JSON web token could not be decoded")
        try:
            claims = jwt.decode(
                given,
                self.app.public_key,
                algorithms=["RS256"],
                options={"require": ["exp", "iat", "iss"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError as error:
            raise Refusal(401, "A JSON web token could not be decoded") from error
        self._check_claims(claims)
        return Principal(self.bot, Kind.APP)

    def _check_claims(self, claims: dict[str, object]) -> None:
        """By this playground's clock, which need not be the wall's."""
        now = self.clock.now().timestamp()
        expires, issued = float(str(claims["exp"])), float(str(claims["iat"]))
        if self.app is None or str(claims["iss"]) not in (str(self.app.id), self.app.client_id):
            raise Refusal(404, "Integration not found")
        if expires <= now:
            raise Refusal(
                401,
                "'Expiration time' claim ('exp') must be a numeric value representing the future time"
                " at which the assertion expires",
            )
        if expires - now > MAX_JWT_LIFE + 60:
            raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
        if issued > now + 60:
            raise Refusal(
                401,
                "'Issued at' claim ('iat') must be an Integer representing the time"
                " that the assertion was issued",
            )
