"""Which numbers cost extra: neither people nor the forms of a site make us call them (SEC-43)."""

from __future__ import annotations

_PREMIUM = ("+7803", "+7805", "+7809")


def costs_extra(e164: str) -> bool:
    """Whether a call to this number costs more than the call itself.

    :param e164: a valid number in E.164.
    """
    import phonenumbers  # a tenth of a second, for the few who order calls

    kind = phonenumbers.number_type(phonenumbers.parse(e164))
    dear = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)
    return e164.startswith(_PREMIUM) or kind in dear
