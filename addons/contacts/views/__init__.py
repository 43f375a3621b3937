"""The addresses of contacts that are not generated from a screen."""

from __future__ import annotations

from addons.contacts.views import (
    asking,
    checking,
    consents,
    contact,
    desk,
    identifying,
    importing,
    intake,
    merging,
    messages,
    reception,
    specialists,
    taking_back,
)
from core import UPLOAD_LIMIT, Route

POST = ("POST",)


def routes() -> list[Route]:
    """Reception, the specialist's desk, and the card of a contact with all its actions."""
    return [
        *specialists.routes(),
        Route("/reception", "reception", reception.show, right="contacts.reception.read", menu="reception"),
        Route("/reception/form", "reception_form", reception.form, right="contacts.contact.create", menu="reception"),
        Route("/reception/side", "reception_side", reception.side, right="contacts.reception.read"),
        Route("/reception/staff", "reception_staff", reception.staff, right="contacts.contact.create"),
        Route("/reception/caller", "reception_caller", reception.caller, right="contacts.contact.create"),
        Route("/reception/clear", "reception_clear", reception.clear, POST, right="contacts.reception.read"),
        Route("/reception/undo/<int:record_id>", "undo", taking_back.undo, POST, right="contacts.contact.create"),
        Route("/reception/exchange", "exchange", taking_back.exchange, POST, right="contacts.contact.create"),
        Route("/reception/clients", "lookup", reception.find, right="contacts.customer.lookup"),
        Route("/reception/makes", "makes", reception.makes, right="contacts.directory.read"),
        Route("/reception/models", "models", reception.models, right="contacts.directory.read"),
        Route("/reception", "register", reception.register, POST, right="contacts.contact.create", menu="reception"),
        Route("/desk", "desk", desk.show, right="contacts.desk.read", menu="desk"),
        Route("/desk/list", "desk_list", desk.fragment, right="contacts.desk.read"),
        Route("/contact/<int:record_id>", "contact", contact.show, right="contacts.contact.read", menu="traffic"),
        Route("/contact/<int:record_id>/head", "contact_head", contact.head, right="contacts.contact.read"),
        Route("/contact/<int:record_id>/outcome", "contact_outcome", contact.outcome, right="contacts.contact.read"),
        Route("/contact/<int:record_id>/opened", "opened", contact.opened, POST, right="contacts.contact.read"),
        Route("/contact/<int:record_id>/claim", "claim", contact.claim, POST, right="contacts.contact.claim"),
        Route(
            "/contact/<int:record_id>/transfer",
            "ask_transfer",
            asking.transfer,
            right="contacts.contact.pass_on",
            menu="traffic",
        ),
        Route(
            "/contact/<int:record_id>/transfer", "transfer", contact.transfer, POST, right="contacts.contact.pass_on"
        ),
        Route(
            "/contact/<int:record_id>/ignore",
            "ask_ignore",
            asking.ignore,
            right="contacts.contact.ignore",
            menu="traffic",
        ),
        Route("/contact/<int:record_id>/queue", "queue", contact.queue, POST, right="contacts.contact.queue"),
        Route("/contact/<int:record_id>/remind", "remind", contact.remind, POST, right="contacts.contact.queue"),
        Route("/contact/<int:record_id>/ignore", "ignore", contact.ignore, POST, right="contacts.contact.ignore"),
        Route("/contact/<int:record_id>/reopen", "reopen", contact.reopen, POST, right="contacts.contact.read"),
        Route("/contact/<int:record_id>/detach", "detach", contact.detach, POST, right="contacts.contact.finish"),
        Route("/contact/<int:record_id>/finish", "finish", contact.finish, POST, right="contacts.contact.finish"),
        Route(
            "/contact/<int:record_id>/document",
            "create_document",
            contact.create_document,
            POST,
            right="contacts.contact.finish",
        ),
        Route("/contact/<int:record_id>/attach", "attach", contact.attach, POST, right="contacts.contact.finish"),
        Route(
            "/contact/<int:record_id>/documents", "pick", contact.pick, right="contacts.document.read", menu="traffic"
        ),
        *_identifying(),
        Route("/contact/<int:record_id>/note", "note", contact.note, POST, right="contacts.contact.read"),
        Route(
            "/clients/<int:record_id>/consent",
            "consent_new",
            consents.new,
            right="contacts.consent.create",
            menu="clients",
        ),
        Route(
            "/clients/<int:record_id>/consent",
            "consent_give",
            consents.give,
            POST,
            right="contacts.consent.create",
            menu="clients",
        ),
        Route(
            "/consents/<int:record_id>/withdraw",
            "consent_withdraw",
            consents.withdraw,
            POST,
            right="contacts.consent.withdraw",
        ),
        *_merging(),
        *_importing(),
        *intake.Intake().routes(),
        *intake.secret_routes(),
        *messages.routes(),
    ]


def _identifying() -> list[Route]:
    one, change, change_client = "/contact/<int:record_id>", "contacts.contact.change", "contacts.customer.change"
    return [
        Route(f"{one}/data", "data", checking.show, right=change, menu="traffic"),
        Route(f"{one}/data", "save_data", checking.save, POST, right=change, menu="traffic"),
        Route(f"{one}/identify", "identify", identifying.identify, POST, right=change),
        Route(f"{one}/client", "create_client", identifying.create, POST, right="contacts.customer.create"),
        Route(f"{one}/phone", "save_phone", identifying.save_phone, POST, right=change_client),
        Route("/clients/<int:record_id>/phone", "add_phone", identifying.add_phone, POST, right=change_client),
    ]


def _merging() -> list[Route]:
    right, menu = "contacts.customer.merge", "clients"
    return [
        Route("/clients/merge/choose", "merge_choose", merging.choose, POST, right=right),
        Route("/clients/merge", "merge", merging.compare, right=right, menu=menu),
        Route("/clients/merge", "merge_do", merging.merge, POST, right=right, menu=menu),
        Route("/clients/merges/<int:merge_id>", "merge_done", merging.done, right=right, menu=menu),
        Route("/clients/merges/<int:merge_id>/undo", "merge_undo", merging.undo, POST, right=right),
    ]


def _importing() -> list[Route]:
    right, menu, one = "contacts.customer.import", "clients", "/clients/import/<int:record_id>"
    limit = UPLOAD_LIMIT + 64 * 1024  # the file and the form around it
    return [
        Route("/clients/import", "imports", importing.show_all, right=right, menu=menu),
        Route("/clients/import", "import_upload", importing.upload, POST, right=right, body_limit=limit, menu=menu),
        Route("/clients/import/template", "import_template", importing.template, right=right),
        Route("/clients/import/data", "import_export", importing.export, POST, right="contacts.customer.export"),
        Route(one, "import", importing.show, right=right, menu=menu),
        Route(f"{one}/columns", "import_columns", importing.set_columns, POST, right=right, menu=menu),
        Route(f"{one}/advance", "import_advance", importing.advance, POST, right=right),
        Route(f"{one}/run", "import_run", importing.run, POST, right=right),
        Route(f"{one}/cancel", "import_cancel", importing.cancel, POST, right=right),
        Route(f"{one}/problems", "import_problems", importing.problems, right=right),
    ]
