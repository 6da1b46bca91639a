"""The tenant that `clients/seed.yaml` puts beside the demo tenant; passwords and secrets are the demo tenant's."""

from server import REPOSITORY

TENANT = "11700000-0000-4000-8000-000000000001"

# The certificate of Automation with its key, as PEM.
CERTIFICATE = REPOSITORY / "clients/certificate.pem"

# Application permissions for everything here, or to read users' apps; delegated sign-in without a secret.
AUTOMATION = "11700000-0000-4000-8000-00000000a001"
READER = "11700000-0000-4000-8000-00000000a002"
PUBLIC = "11700000-0000-4000-8000-00000000a003"
# A web application with a secret, which has an API of its own.
ORDERS = "11700000-0000-4000-8000-00000000a004"
ORDERS_API = f"api://{ORDERS}"
ORDERS_REDIRECT = "http://localhost:5000/getAToken"

ADMIN = "admin@litware.example"
MIA = "mia@litware.example"
# The generated ones, the administrator and Mia.
USERS = 2102

# Mia is a member of Sales and of the chat, and not of Operations.
SALES = "11700000-0000-4000-8000-00000000c001"
OPERATIONS = "11700000-0000-4000-8000-00000000c002"
LAUNCH = "19:launch@thread.v2"


def user_id(number: int) -> str:
    """The object id of generated user 1 to 2,100."""
    return f"51190000-0000-4000-8001-{number:012x}"
