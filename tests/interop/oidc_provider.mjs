// An OpenID provider (panva's oidc-provider) over TLS. Argument: path of a task file (JSON) with port, certificate, key, client and
// accounts. Prints a line when it listens. Its sign-in form takes any password.
import fs from "node:fs";
import https from "node:https";
import { Provider } from "oidc-provider";

const task = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const provider = new Provider(`https://localhost:${task.port}`, {
  clients: [
    {
      client_id: task.client_id,
      client_secret: task.client_secret,
      redirect_uris: [task.redirect_uri],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  pkce: { required: () => true },
  cookies: { keys: ["only for tests"] },
  // The accounts are read anew each time, so that a test can change them.
  findAccount: (_context, login) => {
    const account = JSON.parse(fs.readFileSync(process.argv[2], "utf8")).accounts[login];
    return account && { accountId: login, claims: () => ({ sub: login, ...account }) };
  },
});
const tls = { cert: fs.readFileSync(task.certificate), key: fs.readFileSync(task.key) };
https.createServer(tls, provider.callback()).listen(task.port, "127.0.0.1", () => console.log("ready"));
