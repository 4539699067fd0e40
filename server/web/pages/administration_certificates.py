"""The client certificates of an authority: asked for, entered, downloaded, revoked.

Keys never come here. The CA signs elsewhere: what is asked for waits for the worker.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, IntegerField, PasswordField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from server.domain.certificate import BoundCertificate, RevocationReason
from server.domain.certificate_request import CertificateRequest
from server.domain.rights import Permission
from server.services.certificates import CertificateRefused
from server.services.own_certificates import CertificateView, OwnCertificates
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import FileNeeded, GermanForm, make_choices, refuse_field, text_of
from server.web.guard import is_part_wanted
from server.web.routes import KIBIBYTE, Pages

pages = Pages("administration_certificates", __name__)

_PATH = "/behoerde/zertifikate"
_ONE = f"{_PATH}/<fingerprint>"
_NEEDS = Permission.MANAGE_AUTHORITY
_UNFIT = 422
_MAX_FILE = 1024 * KIBIBYTE
_MAX_OVERLAP = 365
_OVERLAP = 30
_PASSWORD_LENGTH = 255
_PEM = "application/x-pem-file"
# So long a page asks by itself whether a certificate has come: somebody waits in front of it.
_WATCHED = timedelta(minutes=2)
_NEEDED = InputRequired("Bitte wählen Sie einen Grund.")

REASONS = {
    RevocationReason.UNSPECIFIED: "ohne Angabe",
    RevocationReason.KEY_COMPROMISE: "Der Schlüssel ist in fremde Hände geraten oder verloren",
    RevocationReason.SUPERSEDED: "Ein neues Zertifikat hat es abgelöst",
    RevocationReason.CESSATION: "Es wird nicht mehr gebraucht",
}


def _make_overlap_field() -> IntegerField:
    return IntegerField(
        "Die bisherigen Zertifikate gelten noch so viele Tage",
        [Optional(), NumberRange(0, _MAX_OVERLAP)],
        description="Höchstens bis zu ihrem eigenen Ende. Leer: Sie gelten weiter wie bisher.",
    )


class RequestForm(GermanForm):
    """A certificate from the CA of this installation."""

    antrag = FileField(
        "Zertifikatsantrag", [FileNeeded()], description="PKCS#10 (PEM oder DER), höchstens 64 KiB."
    )
    tage = _make_overlap_field()


class CertificateForm(GermanForm):
    """A certificate that another CA has issued."""

    datei = FileField(
        "Zertifikat", [FileNeeded()], description="PEM, DER oder PKCS#12, höchstens 1 MB."
    )
    kennwort = PasswordField("Kennwort der PKCS#12-Datei", [Length(max=_PASSWORD_LENGTH)])
    tage = _make_overlap_field()


class RevocationForm(GermanForm):
    """Why a certificate counts no more, and that this is meant."""

    grund = SelectField(
        "Grund",
        [_NEEDED],
        choices=make_choices(
            [("", "Bitte wählen"), *((key.value, REASONS[key]) for key in REASONS)]
        ),
        default="",
    )
    bestaetigt = BooleanField(
        "Ich habe gelesen, was die Sperre bewirkt. Sie lässt sich nicht zurücknehmen.",
        [InputRequired("Bitte bestätigen Sie die Sperre.")],
    )


@pages.page(_PATH, _NEEDS)
def show_certificates() -> str:
    """Those of the own authority, and what was asked for; for a script only the lists."""
    actor, now = current_actor(), services().clock()
    requests = _own().list_requests(actor)
    name = "pages/zertifikate_liste.html" if is_part_wanted() else "pages/zertifikate.html"
    return render_template(
        name,
        zertifikate=_own().list_all(actor),
        antraege=requests,
        jetzt=now,
        wird_beobachtet=_is_watched(requests, now),
        stelle=_own(),
    )


@pages.page(f"{_PATH}/ausstellen", _NEEDS)
def show_request() -> str:
    """How a request is made, and the form that takes it."""
    return _draw_request(RequestForm(data={"tage": _OVERLAP}))


@pages.page(f"{_PATH}/ausstellen", _NEEDS, ["POST"], max_bytes=_MAX_FILE)
def ask_for_certificate() -> Response | tuple[str, int]:
    """Keeps the request; the CA signs it elsewhere."""
    form = RequestForm.of_request()
    content = _read_file("antrag")
    is_valid = form.validate()
    if not content:
        refuse_field(form.antrag, "Bitte wählen Sie eine Datei.")
    elif is_valid:
        try:
            _own().ask(current_actor(), content, form.tage.data)
        except CertificateRefused as error:
            refuse_field(form.antrag, str(error))
        else:
            flash("success", "Der Antrag ist angenommen. Das Zertifikat erscheint in der Liste.")
            return _go_to_list()
    return _draw_request(form), _UNFIT


@pages.page(f"{_PATH}/eintragen", _NEEDS)
def show_registration() -> str:
    """The form for a certificate of another CA."""
    return _draw_registration(CertificateForm(data={"tage": _OVERLAP}))


@pages.page(f"{_PATH}/eintragen", _NEEDS, ["POST"], max_bytes=_MAX_FILE)
def register_certificate() -> Response | tuple[str, int]:
    """A new one; the others run out, or count on."""
    form = CertificateForm.of_request()
    content = _read_file("datei")
    is_valid = form.validate()
    if not content:
        refuse_field(form.datei, "Bitte wählen Sie eine Datei.")
    elif is_valid:
        try:
            bound = _own().replace(current_actor(), content, text_of(form.kennwort), form.tage.data)
        except CertificateRefused as error:
            refuse_field(form.datei, str(error))
        else:
            _tell_registered(bound)
            return _go_to_list()
    return _draw_registration(form), _UNFIT


def _tell_registered(bound: BoundCertificate) -> None:
    if _own().is_trusted(bound):
        flash("success", "Das Zertifikat ist eingetragen und gilt sofort.")
        return
    flash(
        "warning",
        f"Das Zertifikat ist eingetragen. Der Server vertraut seinem Aussteller ({bound.issuer}) "
        "aber nicht: Eine Verbindung kommt damit nur zustande, wenn Ihr Programm das Zertifikat "
        "einer Zwischenstelle mitsendet, der er vertraut. Bitte wenden Sie sich sonst an den "
        "Betreiber, damit er die Stelle aufnimmt (tls.client_ca).",
    )


@pages.page(_ONE, _NEEDS)
def show_certificate(fingerprint: str) -> str:
    """One with its files."""
    return render_template(
        "pages/zertifikat.html",
        sicht=_require(fingerprint),
        jetzt=services().clock(),
        gruende=REASONS,
        stelle=_own(),
    )


@pages.page(f"{_ONE}/zertifikat.pem", _NEEDS)
def download_certificate(fingerprint: str) -> Response:
    """The certificate alone."""
    return _send(fingerprint, "zertifikat", with_chain=False)


@pages.page(f"{_ONE}/kette.pem", _NEEDS)
def download_chain(fingerprint: str) -> Response:
    """The certificate, then that of the CA that issued it."""
    return _send(fingerprint, "kette", with_chain=True)


@pages.page(f"{_ONE}/sperren", _NEEDS)
def show_revocation(fingerprint: str) -> str:
    """What it would do, before it is done."""
    return _draw_revocation(_require(fingerprint), RevocationForm())


@pages.page(f"{_ONE}/sperren", _NEEDS, ["POST"])
def revoke_certificate(fingerprint: str) -> Response | tuple[str, int]:
    """Takes effect at once."""
    view = _require(fingerprint)
    form = RevocationForm.of_request()
    if form.validate():
        try:
            _own().revoke(current_actor(), fingerprint, RevocationReason(text_of(form.grund)))
        except CertificateRefused as error:
            refuse_field(form.grund, str(error))
        else:
            flash("success", "Das Zertifikat ist gesperrt. Niemand meldet sich mehr damit an.")
            return _go_to_list()
    return _draw_revocation(view, form), _UNFIT


def _own() -> OwnCertificates:
    return services().administration.certificates


def _require(fingerprint: str) -> CertificateView:
    view = _own().find(current_actor(), fingerprint)
    if view is None:
        abort(404)
    return view


def _read_file(name: str) -> bytes:
    file = request.files.get(name)
    return file.read() if file else b""


def _go_to_list() -> Response:
    return redirect(url_for("administration_certificates.show_certificates"), 303)


def _is_watched(requests: Iterable[CertificateRequest], now: datetime) -> bool:
    return any(item.finished is None and now - item.created < _WATCHED for item in requests)


def _send(fingerprint: str, name: str, *, with_chain: bool) -> Response:
    content = _own().read_file(current_actor(), fingerprint, with_chain=with_chain)
    if content is None:
        abort(404)
    response = make_response(content)
    response.mimetype = _PEM
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{fingerprint[:8]}.pem"'
    return response


def _draw_request(form: RequestForm) -> str:
    return render_template(
        "pages/zertifikat_ausstellen.html",
        form=form,
        stelle=_own(),
        inhaber=current_actor().own_mandant.identifier,
    )


def _draw_registration(form: CertificateForm) -> str:
    return render_template("pages/zertifikat_eintragen.html", form=form, stelle=_own())


def _draw_revocation(view: CertificateView, form: RevocationForm) -> str:
    return render_template(
        "pages/zertifikat_sperren.html",
        sicht=view,
        form=form,
        mandant=current_actor().own_mandant,
        stelle=_own(),
    )
