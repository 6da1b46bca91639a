// What `clients/seed.yaml` puts into the server: fixed ids and passwords.

const { join } = require("node:path");

const TENANT = "11700000-0000-4000-8000-000000000001";
const PASSWORD = "slipway-demo";
const SECRET = "slipway-demo-secret";

// Application permissions for everything here; for reading users' apps only; delegated sign-in without a secret.
const AUTOMATION = "11700000-0000-4000-8000-00000000a001";
const READER = "11700000-0000-4000-8000-00000000a002";
const PUBLIC = "11700000-0000-4000-8000-00000000a003";

// A web application with a secret, which has an API of its own; a page without permissions.
const ORDERS = "11700000-0000-4000-8000-00000000a004";
const ORDERS_REDIRECT = "http://localhost:5000/getAToken";
const PAGE = "11700000-0000-4000-8000-00000000a005";

const ADMIN = "admin@litware.example";
const MIA = "mia@litware.example";
// Generated ones, admin and mia.
const USERS = 2102;

// Mia is a member of Sales and of the chat, and not of Operations.
const SALES = "11700000-0000-4000-8000-00000000c001";
const OPERATIONS = "11700000-0000-4000-8000-00000000c002";
const LAUNCH = "19:launch@thread.v2";

/** The object id of a generated user, from 1 to 2,100. */
function userId(number) {
  return `51190000-0000-4000-8001-${number.toString(16).padStart(12, "0")}`;
}

/** The certificate of Automation with its key, as PEM. */
const CERTIFICATE = join(__dirname, "../certificate.pem");

module.exports = {
  TENANT, PASSWORD, SECRET, AUTOMATION, READER, PUBLIC, ORDERS, ORDERS_REDIRECT, PAGE, ADMIN, MIA, USERS, SALES,
  OPERATIONS, LAUNCH, CERTIFICATE, userId,
};
