// The conversation of conversation.py with node's `soap`, generated from the served WSDL.
// Argument: path of the task file. Prints one JSON object.
"use strict";

const crypto = require("crypto");
const fs = require("fs");
const { connect, call, asList, run } = require("./connection.js");

const META = "http://www.osci.eu/ws/2014/10/transport";
const WSA = "http://www.w3.org/2005/08/addressing";
const XOP = "http://www.w3.org/2004/08/xop/include";
const DAY = 24 * 60 * 60 * 1000;

// The three ports for one party. Headers are added for each call: they belong to the client.
class XtaClient {
  constructor(client, party, isMtom) {
    this.client = client;
    this.party = party;
    this.isMtom = isMtom;
  }

  static async open(task, party) {
    const client = await connect(`${task.ports.management}?wsdl`, party.certificate, task.ca, {
      forceSoap12Headers: true,
      parseReponseAttachments: task.isMtom,
    });
    return new XtaClient(client, party, task.isMtom);
  }

  manage(operation, argument) {
    return this.ask("ManagementPort", operation, argument);
  }

  readMailbox(operation, argument) {
    // node's soap accepts no package by itself.
    const httpHeaders = this.isMtom ? { Accept: "multipart/related" } : {};
    return this.ask("MsgBoxPort", operation, argument, httpHeaders);
  }

  ask(port, operation, argument, httpHeaders) {
    this.setHeader("Author", { "meta:Identifier": writeIdentifier(this.party) });
    return call(this.client.XTAService[port], operation, argument, {}, httpHeaders);
  }

  send(metadata, container, attached) {
    this.setHeader("MessageMetaData", metadata);
    const options = this.isMtom ? { forceMTOM: true, attachments: attached } : {};
    return call(this.client.XTAService.SendXtaPort, "sendMessage", container, options);
  }

  setHeader(name, content) {
    const attributes = { "xmlns:meta": META, "xmlns:wsa": WSA };
    this.client.clearSoapHeaders();
    this.client.addSoapHeader({ [`meta:${name}`]: { attributes, ...content } });
  }
}

function writeIdentifier(party) {
  return { attributes: { type: party.identifier.type }, $value: party.identifier.value };
}

// The children in the order of the schema: node's soap does not know the types of headers.
function writeMetadata(task, messageId, notBefore) {
  return {
    "meta:DeliveryAttributes": notBefore ? { "meta:NotBefore": notBefore.toISOString() } : {},
    "meta:Originators": { "meta:Author": { "meta:Identifier": writeIdentifier(task.author) } },
    "meta:Destinations": { "meta:Reader": { "meta:Identifier": writeIdentifier(task.reader) } },
    "meta:MsgIdentification": { "wsa:MessageID": messageId },
    "meta:Qualifier": {
      "meta:Service": task.service,
      "meta:BusinessScenario": { "meta:Undefined": task.service },
      "meta:MessageType": {
        attributes: {
          listURI: task.messageTypeListUri,
          listVersionID: task.messageTypeListVersion,
          payloadSchema: task.payloadSchema,
        },
        code: task.messageType,
      },
    },
  };
}

// Message and attachments of the task: inline, or as references to the parts in `attached`.
function writeContainer(task) {
  const attached = [];
  const writePart = (path, attributes) => {
    const body = fs.readFileSync(path);
    if (!task.isMtom) {
      return { attributes, $value: body.toString("base64") };
    }
    const contentId = `${crypto.randomUUID()}@client`;
    attached.push({ mimetype: attributes.contentType, contentId, name: contentId, body });
    return {
      attributes,
      "xop:Include": { attributes: { "xmlns:xop": XOP, href: `cid:${contentId}` } },
    };
  };
  const content = {
    Message: writePart(task.message, { contentType: "application/xml" }),
    Attachment: task.attachments.map((item) =>
      writePart(item.path, { contentType: item.contentType, filename: item.filename }),
    ),
  };
  return { container: { ContentContainer: content }, attached };
}

async function send(author, task, messageId, notBefore) {
  const { container, attached } = writeContainer(task);
  await author.send(writeMetadata(task, messageId, notBefore), container, attached);
}

async function isAvailable(author, task) {
  const question = {
    Reader: { Identifier: writeIdentifier(task.reader) },
    ServiceType: task.service,
  };
  const { body } = await author.manage("lookupService", {
    LookupServiceRequestList: [{ LookupService: question }],
  });
  const [result] = asList(body.LookupServiceResultList.LookupServiceResult);
  return result.IsServiceAvailableValue.ServiceIsAvailable;
}

function continueWith(answer, received) {
  const attributes = { MsgBoxRequestID: answer.header.MsgBoxResponse.attributes.MsgBoxRequestID };
  return { attributes, LastMsgReceived: received };
}

async function readMailbox(reader, first, second) {
  const MsgSelector = { MessageID: [first, second] };
  const attributes = { maxListItems: 1, ListForm: "MessageMetaData" };
  const listed = await reader.readMailbox("getStatusList", { attributes, MsgSelector });
  const listedNext = await reader.readMailbox("getNextStatusList", continueWith(listed, []));
  const fetched = await reader.readMailbox("getMessage", { MsgSelector });
  const fetchedNext = await reader.readMailbox("getNextMessage", continueWith(fetched, [first]));
  await reader.readMailbox("close", continueWith(fetched, [second]));
  return {
    listed: listIds(listed),
    listedNext: listIds(listedNext),
    fetched: describeMessage(fetched),
    fetchedNext: describeMessage(fetchedNext),
  };
}

function listIds(answer) {
  return asList(answer.body?.MessageMetaData).map(readId);
}

function readId(metadata) {
  return metadata.MsgIdentification.MessageID;
}

function describeMessage(answer) {
  const { Message, Attachment } = answer.body.ContentContainer;
  return {
    messageId: readId(answer.header.MessageMetaData),
    besideEnvelope: answer.parts.length,
    parts: [Message, ...asList(Attachment)].map((part) => ({
      filename: part.attributes.filename || "",
      sha256: crypto.createHash("sha256").update(readContent(part, answer.parts)).digest("hex"),
    })),
  };
}

function readContent(part, attached) {
  if (!part.Include) {
    return Buffer.from(part.$value, "base64");
  }
  const contentId = decodeURIComponent(part.Include.attributes.href.replace(/^cid:/, ""));
  return attached.find((item) => item.headers["content-id"] === `<${contentId}>`).body;
}

async function readReport(author, messageId) {
  const { body } = await author.manage("getTransportReport", messageId);
  const { Status, ErrorList, WarnList, InfoList } = body.MessageStatus;
  const entries = [ErrorList?.Error, WarnList?.Warning, InfoList?.Info].flatMap(asList);
  return { status: Number(Status), codes: entries.map((entry) => entry.Code.code) };
}

async function cancelInVain(author, messageId) {
  try {
    await author.manage("cancelMessage", messageId);
  } catch (error) {
    const [[exception, { errorCode }]] = Object.entries(error.root.Envelope.Body.Fault.Detail);
    return { exception, code: errorCode.code };
  }
  return { exception: "", code: "" };
}

async function main(path) {
  const task = JSON.parse(fs.readFileSync(path, "utf-8"));
  const author = await XtaClient.open(task, task.author);
  const reader = await XtaClient.open(task, task.reader);
  await author.manage("checkAccountActive", {});
  const serviceAvailable = await isAvailable(author, task);
  const messageIds = [];
  for (let count = 0; count < 3; count += 1) {
    messageIds.push((await author.manage("createMessageId", {})).body);
  }
  const [first, second, third] = messageIds;
  await send(author, task, first);
  await send(author, task, second);
  await send(author, task, third, new Date(Date.now() + DAY));
  const mailbox = await readMailbox(reader, first, second);
  const report = await readReport(author, first);
  await author.manage("cancelMessage", third);
  return {
    accountActive: true,
    serviceAvailable,
    messageIds,
    ...mailbox,
    report,
    cancelled: await readReport(author, third),
    fault: await cancelInVain(author, first),
  };
}

run(main);
