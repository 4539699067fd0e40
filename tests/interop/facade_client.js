// The façade's five operations with node's `soap`, generated from the served WSDL.
// Arguments: path of demo.json, and "1.1" or "1.2". Prints one JSON object.
"use strict";

const fs = require("fs");
const { connect, call, asList, run } = require("./connection.js");

async function openPort(facts, mandant, version) {
  const client = await connect(`${facts.ports.amtshilfe}?wsdl`, mandant.certificate, facts.ca, {
    forceSoap12Headers: version === "1.2",
  });
  const service = client.AmtshilfeService;
  return version === "1.2" ? service.AmtshilfeSoap12Port : service.AmtshilfeSoap11Port;
}

async function ask(port, operation, argument) {
  return (await call(port, operation, argument)).body;
}

async function main(path, version) {
  const facts = JSON.parse(fs.readFileSync(path, "utf-8"));
  const [asking, asked] = facts.mandanten.filter((mandant) => mandant.electronic);
  const author = await openPort(facts, asking, version);
  const reader = await openPort(facts, asked, version);
  const { einnahmeart, ...anschrift } = asked.address;
  const attachment = fs.readFileSync(facts.sample.attachment);

  const zustaendigkeit = await ask(author, "zustaendigkeitsabfrage", { einnahmeart, anschrift });
  const sent = await ask(author, "senden", {
    leser: { attributes: { typ: asked.identifier.type }, $value: asked.identifier.value },
    testnachricht: true,
    nachricht: fs.readFileSync(facts.sample.payload).toString("base64"),
    anhang: [
      {
        dateiname: "bescheid.pdf",
        contentType: "application/pdf",
        inhalt: attachment.toString("base64"),
      },
    ],
  });
  const received = await ask(reader, "empfangen", { messageId: sent.messageId });
  const confirmed = await ask(reader, "quittieren", { messageId: sent.messageId });
  const report = await ask(author, "reporting", { messageId: sent.messageId });
  let fault = "";
  try {
    await ask(author, "reporting", { messageId: "urn:x:unbekannt" });
  } catch (error) {
    fault = String(error.message || error);
  }
  const anhang = asList(received.nachricht.anhang)[0];
  return {
    behoerden: asList(zustaendigkeit.behoerde).map((behoerde) => behoerde.name),
    messageId: sent.messageId,
    receivedId: received.nachricht.messageId,
    isTest: received.nachricht.testnachricht,
    isAttachmentEqual: Buffer.from(anhang.inhalt, "base64").equals(attachment),
    confirmedId: confirmed.messageId,
    status: report.status,
    codes: asList(report.eintrag).map((eintrag) => eintrag.code),
    fault,
  };
}

run(main);
