// A real SMPP server (npm's smpp) that a test drives: one JSON object a line in, one a line out.
// What was delivered and not answered is delivered again at the next bind, as an SMSC does.
// Each submit_sm gets the next of the `answers` that it was told: {} or {id} accepts; {status} refuses; {silent} never
// answers; {held} does when released, {late} after so many milliseconds; {drop} ends the connection instead.  Silent or
// dropped, it has accepted the message only with {accepts: true}.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import smpp from "smpp";

const [port, password, key, cert] = process.argv.slice(2);
// With the files of a key and a certificate it speaks TLS.
const tls = key === undefined ? {} : { key: readFileSync(key), cert: readFileSync(cert) };
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

let session = null;
let unanswered = [];
let answers = [];
let held = [];
let accepted = [];
let loseAnswers = false;
let lastId = 0;

function deliver(fields) {
  const pdu = new smpp.PDU("deliver_sm", prepared(fields));
  unanswered.push(fields);
  session.send(pdu, (response) => {
    if (loseAnswers) {
      loseAnswers = false;
      session.destroy();
      return;
    }
    unanswered = unanswered.filter((each) => each !== fields);
    say({ event: "answered", status: response.command_status, command: response.command });
  });
}

function prepared(fields) {
  const made = structuredClone(fields);
  if (made.udh !== undefined) {
    made.short_message = { udh: Buffer.from(made.udh, "hex"), message: made.short_message };
    delete made.udh;
  }
  return made;
}

function submitted(own, pdu) {
  const { message, udh } = pdu.short_message ?? {};
  const text =
    message instanceof Buffer ? message.toString("hex") : (pdu.message_payload?.message ?? message);
  say({
    ...pdu,
    event: "submitted",
    text,
    udh: (udh ?? []).map((element) => element.toString("hex")).join(""),
  });
  const answer = answers.shift() ?? {};
  if (answer.accepts ?? !(answer.status || answer.silent || answer.drop)) accepted.push(text);
  if (answer.silent) return;
  if (answer.held) return void held.push(() => respond(own, pdu, answer));
  if (answer.late) return void setTimeout(() => respond(own, pdu, answer), answer.late);
  respond(own, pdu, answer);
}

function respond(own, pdu, answer) {
  if (answer.drop) return void own.destroy();
  if (answer.status) return void own.send(pdu.response({ command_status: answer.status }));
  lastId += 1;
  own.send(pdu.response({ message_id: answer.id ?? `m${lastId}` }));
}

const server = smpp.createServer(tls, (own) => {
  own.on("error", () => own.destroy());
  own.on("close", () => {
    if (session === own) session = null;
    say({ event: "closed" });
  });
  own.on("bind_transceiver", (pdu) => {
    if (pdu.password !== password) {
      own.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
      return;
    }
    if (session !== null) {
      own.send(pdu.response({ command_status: smpp.ESME_RALYBND }));
      return;
    }
    session = own;
    own.send(pdu.response({ system_id: "SMSC" }));
    say({ event: "bound", system_id: pdu.system_id });
    const again = unanswered;
    unanswered = [];
    again.forEach(deliver);
  });
  own.on("unbind", (pdu) => {
    own.send(pdu.response());
    own.close();
    say({ event: "unbound" });
  });
  own.on("enquire_link", (pdu) => {
    own.send(pdu.response());
    say({ event: "enquired" });
  });
  own.on("enquire_link_resp", () => say({ event: "alive" }));
  own.on("generic_nack", (pdu) => say({ event: "nack", status: pdu.command_status }));
  own.on("submit_sm", (pdu) => submitted(own, pdu));
});

const orders = {
  deliver: ({ pdu }) => deliver(pdu),
  raw: ({ hex }) => session.socket.write(Buffer.from(hex, "hex")),
  enquire: () => session.enquire_link(),
  answers: ({ next }) => (answers = next),
  release: () => {
    held.forEach((answer) => answer());
    held = [];
  },
  ledger: () => say({ event: "ledger", texts: accepted }),
  lose_answers: () => (loseAnswers = true),
  drop: () => session.destroy(),
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const order = JSON.parse(line);
    orders[order.do](order);
    say({ event: "done" });
  })
  .on("close", () => process.exit(0));

server.listen(Number(port), "127.0.0.1", () => say({ event: "listening" }));
