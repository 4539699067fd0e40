// What both clients need: node's `soap` with a client certificate, and calls as promises.
"use strict";

const fs = require("fs");
const https = require("https");
const soap = require("soap");
const axios = require("axios");

// `certificate` holds client certificate and key (PEM); `options` are those of soap.createClient.
async function connect(wsdlUrl, certificate, ca, options) {
  const pem = fs.readFileSync(certificate);
  const authorities = fs.readFileSync(ca);
  const agent = new https.Agent({ key: pem, cert: pem, ca: authorities });
  const client = await soap.createClientAsync(wsdlUrl, {
    request: axios.create({ httpsAgent: agent, proxy: false }),
    ...options,
  });
  client.setSecurity(new soap.ClientSSLSecurity(pem, pem, authorities, { agent }));
  return client;
}

// Resolves to body and header of the answer, and the parts beside its envelope.
function call(port, operation, argument, options, httpHeaders) {
  return new Promise((resolve, reject) => {
    const settle = (error, body, _raw, header, _request, package_) =>
      error ? reject(error) : resolve({ body, header, parts: package_ ? package_.parts : [] });
    port[operation](argument, settle, options, httpHeaders);
  });
}

function asList(value) {
  return value === undefined || value === null ? [] : [].concat(value);
}

// Prints what `main` resolves to as one JSON object; fails loudly.
function run(main) {
  main(...process.argv.slice(2)).then(
    (result) => process.stdout.write(JSON.stringify(result)),
    (error) => {
      process.stderr.write(`${error.stack || error}\n`);
      process.exit(1);
    },
  );
}

module.exports = { connect, call, asList, run };
