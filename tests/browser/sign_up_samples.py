"""The sign-up form of a tenant that asks for much, as it begins and with every kind of error."""

from app.flow.screen import Action, Field, Screen, Text

_NAMES = (
    Field("email", "email", "field.email_optional", "", "email", False),
    Field("phone", "phone", "field.phone", "", "tel"),
    Field("username", "text", "field.username", "", "username", hint=Text("sign_up.username_hint")),
)
_QUESTIONS = (
    Field("company", "text", "sign_up.fields.company", said="Company, as in the register"),
    Field(
        "plan",
        "select",
        "sign_up.fields.plan",
        required=False,
        said="Plan",
        options=("Small", "Large, with a name that needs more than one line on a small screen"),
    ),
    Field("news", "checkbox", "sign_up.fields.news", required=False, said="Send me news"),
    Field(
        "terms",
        "checkbox",
        "sign_up.fields.terms",
        said="I accept the terms of service",
        url="https://acme.example/terms",
    ),
)


def screens() -> dict[str, Screen]:
    """The form, the form with errors, and the rest of it for somebody who is proven already."""
    whole = _form(*_NAMES, *_QUESTIONS)
    errors = {
        "phone": Text("error.phone_invalid"),
        "username": Text("error.username_taken"),
        "company": Text("error.field_missing"),
        "plan": Text("error.choice_unknown"),
        "terms": Text("error.consent_missing"),
    }
    rest = _form(*_QUESTIONS).displaying(proven="jane@example.com")
    return {
        "sign_up-questions": whole,
        "sign_up-questions-error": whole.with_errors(errors, {"phone": "12", "plan": "Small"}),
        "sign_up-rest": rest,
    }


def _form(*fields: Field) -> Screen:
    return Screen(
        "sign_up",
        Text("sign_up.title"),
        Text("flow.to_continue", {"client": "Acme Dashboard"}),
        fields,
        actions=(
            Action("continue", Text("action.create_account")),
            Action("sign_in", Text("action.have_account"), "link", sends_fields=False),
        ),
    )
