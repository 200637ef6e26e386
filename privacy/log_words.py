"""What an entry of the access logs says in words: “opened the chart”, “signed a note”, “tried to …: not allowed”.

The one owner of these sentences; the words for each URL are in `privacy.log_phrases`.
"""

from __future__ import annotations

from django.apps import apps

from privacy.log_phrases import ANSWERING, PAST, PHRASES

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_DONE = 409  # the middleware keeps it for a redirect that brought a refusal instead of the act


def said(view_name: str, method: str, status: int) -> str:
    """What someone did, or tried to do, as “signed a note” or “tried to sign a note: not allowed”."""
    looked, did = _words(view_name)
    is_sent = method not in LOOKING
    phrase = (did or looked) if is_sent else (looked or did)
    if status == 404:
        return f"tried to {phrase}: not found, or not theirs to see"
    if status == 403:
        return f"tried to {phrase}: not allowed"
    if status == NOT_DONE:
        return f"tried to {phrase}: a rule refused it"
    if status >= 500:
        return f"tried to {phrase}: it failed"
    if status >= 400:
        return f"tried to {phrase}: not accepted"
    if not is_sent and 300 <= status < 400 and status != 304:
        return f"asked to {phrase}: sent to another page"
    if is_sent and status == 200 and view_name not in ANSWERING and not view_name.startswith("admin:"):
        return f"tried to {phrase}: the form came back"
    return past(phrase)


def past(phrase: str) -> str:
    """A phrase as what happened: “sign a note” is “signed a note”."""
    verb, _, rest = phrase.partition(" ")
    return f"{PAST.get(verb, verb)} {rest}".strip()


def _words(view_name: str) -> tuple[str, str]:
    known = PHRASES.get(view_name)
    if known is not None:
        return known
    space, _, page = view_name.partition(":")
    if space == "admin":
        return _of_administration(page)
    # an address that was there once, or of a library: its name is better than nothing
    plain = view_name.replace(":", ": ").replace("_", " ")
    return f"open the page “{plain}”", f"use the page “{plain}”"


def _of_administration(page: str) -> tuple[str, str]:
    """A page of the administration: its name says which table, and whether it is a list."""
    app_label, _, rest = page.partition("_")
    model_name, _, kind = rest.rpartition("_")
    try:
        model = apps.get_model(app_label, model_name)
    except (LookupError, ValueError):
        return "look at the administration", "use the administration"
    one, many = str(model._meta.verbose_name), str(model._meta.verbose_name_plural)
    if kind == "changelist":
        return f"look at the list of {many} in the administration", f"use the list of {many} in the administration"
    if kind == "add":
        return f"open the form for a new {one} in the administration", f"add a new {one} in the administration"
    if kind == "delete":
        return f"open the page to remove a {one} in the administration", f"remove a {one} in the administration"
    return f"look at a {one} in the administration", f"change a {one} in the administration"
