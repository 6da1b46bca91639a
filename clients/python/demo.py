"""The tenant that the server seeds by itself: fixed ids and passwords, as its documentation prints them."""

TENANT = "51190000-0000-4000-8000-000000000001"
DOMAIN = "contoso.example"

ADMIN = "admin@contoso.example"
ADMIN_ID = "51190000-0000-4000-8000-0000000e0001"
PASSWORD = "slipway-demo"
USERS = 20

# Application permissions for everything here.
AUTOMATION = "51190000-0000-4000-8000-00000000a001"
# Only the permissions on the client's own Teams app.
SELF = "51190000-0000-4000-8000-00000000a002"
# Delegated sign-in, without a secret.
PUBLIC = "51190000-0000-4000-8000-00000000a003"
# The permissions that the first documentation of the installation API named.
LEGACY = "51190000-0000-4000-8000-00000000a004"
SECRET = "slipway-demo-secret"

# Contoso Polls: the app of the client Self, installed as 1.0.0 for user02, published as 1.1.0.
POLLS = "51190000-0000-4000-8000-00000000b001"
POLLS_EXTERNAL_ID = "51190000-0000-4000-8000-00000000b0e1"
POLLS_USER = 2


def user_name(number: int) -> str:
    """The user principal name of user 2 to 20."""
    return f"user{number:02}@{DOMAIN}"


def user_id(number: int) -> str:
    """The object id of user 1 (the administrator) to 20."""
    return f"51190000-0000-4000-8000-0000000e{number:04x}"
