// The façade's five operations with node's `soap`, generated from the served WSDL.
// Arguments: path of demo.json, and "1.1" or "1.2". Prints one JSON object.
"use strict";

const fs = require("fs");
const https = require("https");
const soap = require("soap");
const axios = require("axios");

async function connect(facts, mandant, version) {
  const pem = fs.readFileSync(mandant.certificate);
  const tls = { key: pem, cert: pem, ca: fs.readFileSync(facts.ca) };
  const agent = new https.Agent(tls);
  const client = await soap.createClientAsync(`${facts.ports.amtshilfe}?wsdl`, {
    forceSoap12Headers: version === "1.2",
    request: axios.create({ httpsAgent: agent, proxy: false }),
  });
  client.setSecurity(new soap.ClientSSLSecurity(pem, pem, tls.ca, { agent }));
  const service = client.AmtshilfeService;
  return version === "1.2" ? service.AmtshilfeSoap12Port : service.AmtshilfeSoap11Port;
}

function call(port, operation, argument) {
  return new Promise((resolve, reject) => {
    port[operation](argument, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

function asList(value) {
  return value === undefined || value === null ? [] : [].concat(value);
}

async function main() {
  const [, , path, version] = process.argv;
  const facts = JSON.parse(fs.readFileSync(path, "utf-8"));
  const [asking, asked] = facts.mandanten.filter((mandant) => mandant.electronic);
  const author = await connect(facts, asking, version);
  const reader = await connect(facts, asked, version);
  const { einnahmeart, ...anschrift } = asked.address;
  const attachment = fs.readFileSync(facts.sample.attachment);

  const zustaendigkeit = await call(author, "zustaendigkeitsabfrage", { einnahmeart, anschrift });
  const sent = await call(author, "senden", {
    leser: { attributes: { typ: asked.identifier.type }, $value: asked.identifier.value },
    nachricht: fs.readFileSync(facts.sample.payload).toString("base64"),
    anhang: [
      {
        dateiname: "bescheid.pdf",
        contentType: "application/pdf",
        inhalt: attachment.toString("base64"),
      },
    ],
  });
  const received = await call(reader, "empfangen", { messageId: sent.messageId });
  const confirmed = await call(reader, "quittieren", { messageId: sent.messageId });
  const report = await call(author, "reporting", { messageId: sent.messageId });
  let fault = "";
  try {
    await call(author, "reporting", { messageId: "urn:x:unbekannt" });
  } catch (error) {
    fault = String(error.message || error);
  }
  const anhang = asList(received.nachricht.anhang)[0];
  const result = {
    behoerden: asList(zustaendigkeit.behoerde).map((behoerde) => behoerde.name),
    messageId: sent.messageId,
    receivedId: received.nachricht.messageId,
    isAttachmentEqual: Buffer.from(anhang.inhalt, "base64").equals(attachment),
    confirmedId: confirmed.messageId,
    status: report.status,
    codes: asList(report.eintrag).map((eintrag) => eintrag.code),
    fault,
  };
  process.stdout.write(JSON.stringify(result));
}

main().catch((error) => {
  process.stderr.write(`${error.stack || error}\n`);
  process.exit(1);
});
