"""Signing in to the panel: Flask-Security with password and second factor, set up and audited."""

import base64
from datetime import timedelta
from typing import Any, cast

from flask import Flask, g, session
from flask_login.utils import _user_context_processor
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.forms import LoginForm, TwoFactorRescueForm, TwoFactorSetupForm
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.signals import (
    password_changed,
    tf_code_confirmed,
    tf_profile_changed,
    user_authenticated,
    user_failed_authn,
)
from flask_security.totp import Totp
from passlib.exc import UsedTokenError
from wtforms import HiddenField, RadioField, StringField
from wtforms.validators import InputRequired

from admin import access, limits
from backend import clock
from backend.app import parts_of
from backend.crypto import KeyRing
from backend.db import db, transaction
from backend.identity.models import Role, Staff
from backend.identity.services import audit
from backend.settings import Settings

HOME = "/panel/"
WRONG = "El usuario o la clave no son correctos."
# How often a password is asked again before second factor or recovery codes are changed.
FRESH = timedelta(minutes=10)

# Flask-Security's texts that a person can meet here (its own catalogue has no es-PE).
MESSAGES: dict[str, tuple[str, str]] = {
    "UNAUTHENTICATED": ("Ingrese para continuar.", "info"),
    "REAUTHENTICATION_REQUIRED": ("Escriba otra vez su clave para continuar.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Gracias, puede continuar.", "success"),
    "PASSWORD_NOT_PROVIDED": ("Escriba la clave.", "error"),
    "PASSWORD_INVALID_LENGTH": ("Use al menos %(length)s caracteres.", "error"),
    "PASSWORD_IS_THE_SAME": ("La clave nueva debe ser distinta de la actual.", "error"),
    "RETYPE_PASSWORD_MISMATCH": ("Las dos claves nuevas no coinciden.", "error"),
    "INVALID_PASSWORD": ("Esa no es su clave actual.", "error"),
    "PASSWORD_CHANGE": ("Su clave quedó cambiada.", "success"),
    "TWO_FACTOR_INVALID_TOKEN": (
        "Ese código no es correcto o ya se usó. Espere el siguiente y escríbalo.",
        "error",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("Ingresó correctamente.", "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": ("Su segundo factor quedó cambiado.", "success"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Ese paso ya venció. Ingrese otra vez.", "error"),
    "TWO_FACTOR_SETUP_EXPIRED": ("Pasó demasiado tiempo. Empiece otra vez.", "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": ("Ese método no está disponible.", "error"),
    "INVALID_RECOVERY_CODE": ("Ese código no sirve o ya se usó.", "error"),
    "NO_RECOVERY_CODES_SETUP": ("Aún no tiene códigos de recuperación.", "info"),
    "INVALID_REDIRECT": ("Esa dirección no es de este sistema.", "error"),
    "API_ERROR": ("No entendimos lo enviado. Inténtelo otra vez.", "error"),
}


def _plain_name(typed: str | None) -> str:
    return (typed or "").strip().lower()


class SignInForm(LoginForm):
    """User name and password; the answer never tells which of them was wrong."""

    email = None
    remember = None
    username = StringField(
        "Usuario", validators=[InputRequired("Escriba su usuario.")], filters=[_plain_name]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = self.next.data or HOME

    def validate(self, **kwargs: Any) -> bool:
        """Find the account and check the password, in the same time whether or not it exists."""
        self.ifield = self.username
        if self.username.data:
            self.user = datastore.find_user(username=self.username.data)
        if super().validate(**kwargs):
            return True
        if self.password.data and self.username.data:
            if self.user is None or not self.user.active:
                _record_failure(cast(Staff | None, self.user), "password")
            self.password.errors, self.username.errors = [], []
            self.form_errors.append(WRONG)
        return False


class RecoveryForm(MfRecoveryForm):
    """A printed recovery code in place of the second factor."""

    def validate(self, **kwargs: Any) -> bool:
        """Check the code as typed, hyphens and case forgiven."""
        self.code.data = (self.code.data or "").strip().lower()
        if super().validate(**kwargs):
            audit(cast(Staff, self.user).id, "recovery_code_used")
            return True
        _record_failure(cast(Staff | None, self.user), "recovery_code")
        return False


class FactorForm(TwoFactorSetupForm):
    """There is one kind of second factor, so there is nothing to choose."""

    setup = HiddenField()


class NoHelpForm(TwoFactorRescueForm):
    """Nobody is helped by mail: an administrator resets a lost factor."""

    help_setup = RadioField(choices=[])


class OneUseTotp(Totp):
    """Codes of an authenticator by our clock, each accepted once (RFC 6238 §5.2)."""

    def __init__(self, secrets: dict[str, str] | dict[int, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = self._totp.using(now=_seconds)

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the code; a second use counts as a wrong code."""
        if not limits.is_first_use(user.id, tmatch.counter):
            raise UsedTokenError


def _seconds() -> float:
    return clock.now().timestamp()


datastore = SQLAlchemyUserDatastore(db, Staff, Role)


def register(app: Flask) -> None:
    """Add sign-in to the application."""
    settings = parts_of(app).settings
    app.config.update(_flask_config(settings))
    app.config.update({f"SECURITY_{name}": value for name, value in _options(settings).items()})
    app.config.update({f"SECURITY_MSG_{name}": words for name, words in MESSAGES.items()})
    security = Security(
        app,
        datastore,
        login_form=SignInForm,
        two_factor_setup_form=FactorForm,
        two_factor_rescue_form=NoHelpForm,
        mf_recovery_form=RecoveryForm,
        totp_cls=OneUseTotp,
    )
    security.want_json(_never)
    _leave_public_pages_alone(app, security)
    user_authenticated.connect(_signed_in, app)
    user_failed_authn.connect(_refused, app)
    tf_code_confirmed.connect(_factor_confirmed, app)
    tf_profile_changed.connect(_factor_changed, app)
    password_changed.connect(_password_changed, app)


def _flask_config(settings: Settings) -> dict[str, Any]:
    _, current = settings.keys.current("session")
    older = [key for key in settings.keys.keys["session"].values() if key != current]
    return {
        "SECRET_KEY": current,
        "SECRET_KEY_FALLBACKS": older,
        "SESSION_COOKIE_NAME": "panel",
        "SESSION_COOKIE_PATH": "/panel",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(seconds=access.IDLE_SECONDS),
        # The panel's own check calls it, for the panel alone: the public edge has no cookies.
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,  # a desk stays open for a shift; the session bounds it
        "WTF_CSRF_SSL_STRICT": False,  # our pages send no Referer
    }


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "URL_PREFIX": "/panel",
        "STATIC_FOLDER": None,
        "LOGIN_URL": "/entrar",
        "LOGOUT_URL": "/salir",
        "LOGOUT_METHODS": ["POST"],
        "CHANGE_URL": "/clave",
        "VERIFY_URL": "/confirmar",
        "TWO_FACTOR_SETUP_URL": "/segundo-factor",
        "TWO_FACTOR_TOKEN_VALIDATION_URL": "/codigo",
        "TWO_FACTOR_RESCUE_URL": "/segundo-factor/ayuda",
        "TWO_FACTOR_SELECT_URL": "/segundo-factor/elegir",
        "MULTI_FACTOR_RECOVERY_CODES_URL": "/codigos-de-recuperacion",
        "MULTI_FACTOR_RECOVERY_URL": "/codigo-de-recuperacion",
        "POST_LOGIN_VIEW": HOME,
        "POST_LOGOUT_VIEW": "/panel/entrar",
        "POST_CHANGE_VIEW": HOME,
        "POST_VERIFY_VIEW": "/panel/mi-cuenta",
        "TWO_FACTOR_POST_SETUP_VIEW": "/panel/mi-cuenta",
        "CLI_USERS_NAME": False,  # `flask staff …` instead
        "CLI_ROLES_NAME": False,
        "API_ENABLED_METHODS": ["session"],
        "USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": str.lower}}],
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": ["argon2"],
        "PASSWORD_LENGTH_MIN": 12,
        "CHANGEABLE": True,
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "FRESHNESS": FRESH,
        "FRESHNESS_GRACE_PERIOD": FRESH,
        "DATETIME_FACTORY": clock.now,
        "TWO_FACTOR": True,
        "TWO_FACTOR_REQUIRED": True,
        "TWO_FACTOR_ALWAYS_VALIDATE": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 60,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TOTP_ISSUER": "Yo Alerto",
        "TOTP_SECRETS": _totp_secrets(settings.keys),
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": _recovery_keys(settings.keys),
    }


def _totp_secrets(ring: KeyRing) -> dict[int, str]:
    """By version; the library encrypts with the highest, which is the ring's current one."""
    return {version: base64.b64encode(key).decode() for version, key in ring.keys["totp"].items()}


def _recovery_keys(ring: KeyRing) -> list[bytes]:
    _, current = ring.current("totp")
    others = [key for key in ring.keys["totp"].values() if key != current]
    return [base64.urlsafe_b64encode(key) for key in (current, *others)]


def _leave_public_pages_alone(app: Flask, security: Any) -> None:
    """Take Flask-Login's and Flask-Principal's hooks off every request.

    They would read the session of whoever sends a report, and look for tokens in its body. The
    panel needs none of them: its table checks roles, and nobody is remembered.
    """
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.template_context_processors[None].remove(_user_context_processor)
    security.login_manager._request_callback = None


def _never(request: Any) -> bool:
    return False


def _signed_in(app: Flask, user: Staff, authn_via: list[str] | None = None, **_: Any) -> None:
    # The token of the page before belongs to whoever had the browser then.
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    if authn_via == ["change"]:
        return  # the session goes on after a change of password
    access.begin_session(session)
    user.last_login_at, user.current_login_at = user.current_login_at, clock.now()
    audit(user.id, "signed_in")


def _refused(app: Flask, user: Staff, auth_type: str, **_: Any) -> None:
    _record_failure(user, auth_type)


def _record_failure(user: Staff | None, step: str) -> None:
    with transaction():
        audit(user.id if user else None, "sign_in_refused", step=step)


def _factor_confirmed(app: Flask, user: Staff, **_: Any) -> None:
    if session.get("tf_state") == "validating_profile":
        audit(user.id, "second_factor_enrolled")


def _factor_changed(app: Flask, user: Staff, **_: Any) -> None:
    audit(user.id, "second_factor_changed")


def _password_changed(app: Flask, user: Staff, **_: Any) -> None:
    user.must_change_password = False
    audit(user.id, "password_changed")
