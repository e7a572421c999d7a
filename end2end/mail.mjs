// A real mail server for journeys, and what arrived there: read with a mail library and a calendar library of another
// language.
import assert from "node:assert/strict";
import { simpleParser } from "mailparser";
import ical from "node-ical";
import { SMTPServer } from "smtp-server";

/** Waits until something holds, and gives it. */
export async function until(what, holds, seconds = 20) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
    const found = await holds();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.fail(`it did not happen: ${what}`);
}

/** A mail server that takes what is sent after the right password, but for one address. */
export function mailServer() {
  const letters = [];
  const smtp = new SMTPServer({
    hideSTARTTLS: true, allowInsecureAuth: true, logger: false,
    onAuth: ({ username, password }, _, done) =>
      username === "gw" && password === "not told" ? done(null, { user: username }) : done(new Error("wrong password")),
    onRcptTo: ({ address }, _, done) =>
      address.startsWith("nobody@") ? done(Object.assign(new Error("no such user"), { responseCode: 550 })) : done(),
    onData: (stream, session, done) => {
      simpleParser(stream, { skipTextToHtml: true }).then((letter) => {
        letters.push(Object.assign(letter, { envelope: session.envelope }));
        done();
      }, done);
    },
  });
  return new Promise((started) => smtp.listen(0, "127.0.0.1", () => started({ smtp, letters, port: smtp.server.address().port })));
}

/** The one event of a letter's calendar part. */
export function eventOf(letter, method) {
  const part = letter.attachments.find((attachment) => attachment.contentType === "text/calendar");
  assert.ok(part, "the letter has a calendar part");
  assert.match(letter.attachments.length === 1 ? part.content.toString() : "", new RegExp(`^METHOD:${method}\r$`, "m"));
  const events = Object.values(ical.sync.parseICS(part.content.toString())).filter((entry) => entry.type === "VEVENT");
  assert.equal(events.length, 1);
  return events[0];
}

/** The settings by which the product sends its letters there. */
export const mailSettings = (port) => ({
  YSHSL_MAIL_SERVER: `127.0.0.1:${port}`, YSHSL_MAIL_SECURITY: "none", YSHSL_MAIL_USER: "gw",
  YSHSL_MAIL_PASSWORD: "not told", YSHSL_MAIL_FROM: "gw@consult.example", YSHSL_MAIL_FROM_NAME: "有事好商量",
});
