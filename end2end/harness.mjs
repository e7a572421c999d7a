// What every journey stands on: a server of its own over a fresh demo, a real
// browser, and the rule that a page which writes to the console, throws, fails
// to load something or asks another host for anything fails the test.
//
//   import { journey } from "./harness.mjs";
//   journey("居民提出议题", async ({ newPage, shot, axe }) => { … });
//
// All journeys of a file share one server and one browser, and see what the
// ones before did. `SERVER` names the executable (default: the debug build),
// `CHROMIUM` the browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const program = resolve(root, process.env.SERVER ?? "target/debug/server");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What the demo's accounts sign in with; the server prints it at its start, too. */
export const PASSWORD = process.env.DEMO_PASSWORD ?? "yshsl-demo-2026";

/** Widths that pages are made for. */
export const PHONE = 390;
export const DESK = 1280;

// As root without a network: no sandbox, and none of the browser's own calls home.
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--font-render-hinting=none",
];

/** One running server over its own data folder; see {@link startServer}. */
class Server {
  constructor(folder, port, environment) {
    this.environment = { ...clean(), ...environment };
    this.folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.log = "";
  }

  /** Runs the executable to its end, for seed, verify and the like; gives what it printed. */
  run(...args) {
    return new Promise((done, failed) => {
      const child = spawn(this.program, args, { cwd: this.folder, env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.on("data", (data) => (output += data));
      child.stderr.on("data", (data) => (output += data));
      child.on("error", failed);
      child.on("close", (code) =>
        code === 0 ? done(output) : failed(new Error(`server ${args.join(" ")} ended with ${code}:\n${output}`)),
      );
    });
  }

  async start() {
    this.child = spawn(this.program, ["serve", "--data", "data", "--demo", "--listen", `127.0.0.1:${this.port}`], {
      cwd: this.folder,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on("data", (data) => (this.log += data));
    }
    this.ended = new Promise((done) => this.child.on("exit", (code, signal) => done({ code, signal })));
    const deadline = Date.now() + 30_000;
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`the server ended at its start:\n${this.log}`);
      if (Date.now() > deadline) throw new Error(`the server did not answer:\n${this.log}`);
      try {
        const response = await fetch(this.url, { redirect: "manual", signal: AbortSignal.timeout(5000) });
        await response.arrayBuffer();
        return this;
      } catch {
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  /** As Ctrl-C does; gives the exit code. */
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGINT");
    const hurry = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    const { code } = await this.ended;
    clearTimeout(hurry);
    return code;
  }
}

/** The executable gets nothing from the outside but what a bare machine has. */
function clean() {
  return { PATH: process.env.PATH, HOME: process.env.HOME, LANG: "C.UTF-8", TZ: "UTC", RUST_BACKTRACE: "1" };
}

function freePort() {
  return new Promise((done, failed) => {
    const listener = createServer();
    listener.on("error", failed);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => done(port));
    });
  });
}

/**
 * Copies the executable alone into an empty folder, fills a database with the
 * demo there and serves it on a free port. `environment` is what its settings
 * are, over those of a bare machine.
 */
export async function startServer({ demo = true, environment = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "journey-"));
  const server = new Server(folder, await freePort(), environment);
  server.program = join(folder, "server");
  try {
    copyFileSync(program, server.program);
    if (demo) await server.run("seed", "--demo", "--data", "data");
    return await server.start();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

let server;
let browser;
let settings = {};
const flags = [...FLAGS];

/** Gives the server of this file these settings, or a promise of them; for the top of the file. */
export function serveWith(environment) {
  settings = environment;
}

/**
 * Goes on with the same data so many days later: all pages are closed, the server is started anew with its clock ahead, and
 * everybody signs in again.
 */
export async function daysLater(days) {
  for (const context of contexts) await context.close();
  contexts.clear();
  assert.equal(await server.stop(), 0, `the server did not end cleanly:\n${server.log}`);
  Object.assign(server.environment, {
    LD_PRELOAD: "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", FAKETIME: `+${days}d`, FAKETIME_DONT_FAKE_MONOTONIC: "1",
  });
  sessions.clear();
  await server.start();
}

/** Starts the browser of this file with more flags; for the top of the file. */
export function browserWith(...more) {
  flags.push(...more);
}

const contexts = new Set();
const faults = [];

before(async () => {
  // This begins as soon as it is declared; the file that wants settings has its say first.
  await new Promise((done) => setImmediate(done));
  server = await startServer({ environment: await settings });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
});

after(async () => {
  await browser?.close();
  if (!server) return;
  const code = await server.stop();
  rmSync(server.folder, { recursive: true, force: true });
  assert.equal(code, 0, `the server did not end cleanly:\n${server.log}`);
});

/**
 * Declares a journey. Its function gets the tools below. Afterwards all its
 * pages are closed, and whatever they complained about fails it.
 */
export function journey(name, run, options = {}) {
  test(name, { timeout: 120_000, ...options }, async () => {
    faults.length = 0;
    try {
      await run({ server, url: server.url, newPage, signIn, shot, axe, settled, expectCleanConsole, expectFault, client, officer });
      expectCleanConsole();
    } catch (error) {
      if (faults.length) error.message += `\nThe pages complained:\n${faults.join("\n")}`;
      throw error;
    } finally {
      await Promise.all([...contexts].map((context) => context.close()));
      contexts.clear();
    }
  });
}

// A run that is stopped leaves no server behind.
process.on("exit", () => server?.child?.kill("SIGKILL"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));

/** Notes what a page did wrong, for the end of its journey. */
function fault(words) {
  faults.push(words);
}

/**
 * A page in a fresh browser profile.
 *   width    window width (default 1280); 390 is a phone, with touch
 *   js       false switches scripts off
 *   theme    "light" (default) or "dark"
 *   elder    the large type of the 长辈版, by its cookie
 *   account  login name to sign in with at first
 */
export async function newPage({ width = DESK, js = true, theme = "light", elder = false, account } = {}) {
  const phone = width < 700;
  const context = await browser.newContext({
    baseURL: server.url,
    javaScriptEnabled: js,
    colorScheme: theme,
    viewport: { width, height: phone ? 844 : 900 },
    hasTouch: phone,
    isMobile: phone,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    reducedMotion: "reduce",
  });
  contexts.add(context);
  context.setDefaultTimeout(15_000);
  if (elder) await context.addCookies([{ name: "appearance", value: "elder.system", url: server.url }]);
  // Nothing may come from anywhere else.
  await context.route(
    (address) => address.origin !== server.url,
    (route) => {
      fault(`asked another host: ${route.request().url()}`);
      return route.abort("blockedbyclient");
    },
  );
  const page = await context.newPage();
  // Leaving a page ends what it was still loading, its worker's script too.
  const leaves = "An unknown error occurred when fetching the script.";
  page.on("console", (message) => {
    if (message.text() !== leaves) fault(`console ${message.type()} on ${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => fault(`error on ${page.url()}: ${error.stack ?? error}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // Leaving a page ends what it was still loading or listening to.
    if (why !== "net::ERR_ABORTED") fault(`failed to load ${request.url()}: ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) fault(`${response.status()} from ${response.url()}`);
  });
  if (account) await context.addCookies([{ name: "session", value: await sessionOf(account), url: server.url }]);
  return page;
}

/** Signs in through the form, as a person does. */
export async function signIn(page, login, password = PASSWORD) {
  await page.goto("/sign-in");
  await page.locator("[name=login]").fill(login);
  await page.locator("[name=password]").fill(password);
  await Promise.all([page.waitForURL((address) => address.pathname !== "/sign-in"), page.locator("main form[action='/sign-in'] button").first().click()]);
}

const sessions = new Map();

/** The session of an account; every file signs in once for each. */
async function sessionOf(account) {
  if (!sessions.has(account)) {
    const visitor = client();
    const answer = await visitor.post("/sign-in", { login: account, password: PASSWORD });
    assert.equal(answer.status, 303, `${account} cannot sign in:\n${answer.says()}`);
    sessions.set(account, visitor.cookies.get("session"));
  }
  return sessions.get(account);
}

/**
 * Somebody without a browser, for what a browser never sends and for what a journey starts from. `from` is the address
 * that a proxy says the person has, where the server trusts one.
 */
export function client({ from } = {}) {
  return new Client(from);
}

/** The same, signed in. */
export async function officer(account, { from } = {}) {
  const visitor = new Client(from);
  visitor.cookies.set("session", await sessionOf(account));
  return visitor;
}

/** One answer: status, headers, text. */
class Answer {
  constructor(response, bytes) {
    this.status = response.status;
    this.headers = response.headers;
    this.bytes = bytes;
    this.text = bytes.toString("utf8");
    this.location = response.headers.get("location");
  }

  /** The words of the page, without tags. */
  says() {
    const main = this.text.match(/<main[\s\S]*<\/main>/)?.[0] ?? this.text;
    return unescaped(main.replace(/<[^>]+>/g, " ").replace(/\s+/g, " "));
  }

  /** Holds that it has this status and, where given, these words. */
  is(status, words) {
    assert.equal(this.status, status, `${this.status}: ${this.says().slice(0, 600)}`);
    if (words instanceof RegExp) assert.match(this.says(), words);
    else if (words) assert.ok(this.says().includes(words), `「${words}」 is not in: ${this.says().slice(0, 600)}`);
    return this;
  }

  /** The forms of the page: where each goes, how, what a browser would send of it, its buttons and its controls. */
  forms() {
    return [...this.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head, inner]) => ({
      action: attribute(head, "action"),
      method: attribute(head, "method") ?? "get",
      takesFiles: attribute(head, "enctype") === "multipart/form-data",
      buttons: [...inner.matchAll(/<button\b([^>]*)>/g)].map(([, tag]) => [attribute(tag, "name"), attribute(tag, "value")]),
      fields: fieldsOf(inner),
      controls: controlsOf(inner),
      inner,
    }));
  }

  /** The form whose fields have this name and value (`""`: any value). */
  form(name, value = "") {
    const holds = (list) => list.some(([n, v]) => n === name && (value === "" || v === value));
    const found = this.forms().find((form) => holds(form.fields) || holds(form.buttons));
    assert.ok(found, `no form with ${name}=${value} in: ${this.says().slice(0, 600)}`);
    return found;
  }
}

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, number, word) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16));
    if (number) return String.fromCodePoint(Number(number));
    return NAMED[word] ?? all;
  });
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`(?:^|\\s)${name}(?:="([^"]*)")?(?=[\\s/>]|$)`));
  return found ? unescaped(found[1] ?? "") : undefined;
}

/**
 * Every control that has a name, in order: its kind (`select`, `textarea` or the type of the input), its value, whether
 * it is chosen (boxes), and what can be chosen (menus).
 */
function controlsOf(html) {
  const controls = [];
  for (const [, input, area, text, select, options] of html.matchAll(
    /<input\b([^>]*)>|<textarea\b([^>]*)>([\s\S]*?)<\/textarea>|<select\b([^>]*)>([\s\S]*?)<\/select>/g,
  )) {
    const tag = input ?? area ?? select;
    const control = { name: attribute(tag, "name"), id: attribute(tag, "id"), required: attribute(tag, "aria-required") !== undefined };
    if (select !== undefined) {
      const all = [...options.matchAll(/<option\b([^>]*)>/g)].map(([, option]) => option);
      const chosen = all.find((option) => attribute(option, "selected") !== undefined) ?? all[0];
      const value = chosen === undefined ? undefined : (attribute(chosen, "value") ?? "");
      controls.push({ ...control, kind: "select", value, options: all.map((option) => attribute(option, "value") ?? "") });
    } else if (area !== undefined) {
      controls.push({ ...control, kind: "textarea", value: unescaped(text).replace(/^\n/, "") });
    } else {
      const checked = attribute(input, "checked") !== undefined;
      controls.push({ ...control, kind: attribute(input, "type") ?? "text", value: attribute(input, "value") ?? "", checked });
    }
  }
  return controls.filter(({ name }) => name);
}

/** Name and value of every field that would be sent, in order. */
function fieldsOf(html) {
  const sent = ({ kind, value, checked }) => {
    if (kind === "file" || kind === "submit" || value === undefined) return false;
    return (kind !== "checkbox" && kind !== "radio") || checked;
  };
  return controlsOf(html).filter(sent).map(({ name, value }) => [name, value]);
}

class Client {
  cookies = new Map();

  constructor(from) {
    this.whence = from === undefined ? {} : { "x-forwarded-for": from };
  }

  /** Sends one request, keeps the cookies that come back. */
  async ask(method, path, { headers = {}, body } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(new URL(path, server.url), {
      method, body, redirect: "manual", signal: AbortSignal.timeout(30_000),
      headers: { ...(cookie && { cookie }), ...this.whence, ...headers },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    return new Answer(response, Buffer.from(await response.arrayBuffer()));
  }

  get(path, headers) {
    return this.ask("GET", path, { headers });
  }

  /**
   * Sends a form as our own pages do. `fields` is an object (an array sends a name several times) or a list of pairs;
   * `files` is a list of `{ field, name, bytes, type }`.
   */
  post(path, fields, { files, headers = { origin: server.url } } = {}) {
    const body = files ? new FormData() : new URLSearchParams();
    const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
    for (const [name, value] of pairs) for (const one of [value].flat()) body.append(name, one);
    for (const { field = "files", name, bytes, type = "application/octet-stream" } of files ?? []) {
      body.append(field, new Blob([bytes], { type }), name);
    }
    return this.ask("POST", path, { headers, body });
  }

  /** Opens a page and sends its form with this field, filled as it stands but for `fields`. */
  async submit(path, [name, value], fields = {}, more = {}) {
    const page = (await this.get(path)).is(200);
    const form = page.form(name, value);
    const kept = form.fields.filter(([field]) => !(field in fields) && field !== name);
    const sent = [...kept, [name, value ?? ""], ...Object.entries(fields).filter(([, v]) => v !== null)];
    return this.post(form.action || path, sent, more);
  }
}

/**
 * A photo as a phone takes it: lying on its side (the mark says how to turn it), with place, time and camera written
 * into it. Upright it is 32 wide and 64 high, red above, white below.
 */
export async function photo() {
  const page = await browser.newPage();
  const jpeg = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 32];
    const pen = canvas.getContext("2d");
    for (const [colour, x] of [["#cc0000", 0], ["#ffffff", 32]]) {
      pen.fillStyle = colour;
      pen.fillRect(x, 0, 32, 32);
    }
    return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
  });
  await page.close();
  const plain = Buffer.from(jpeg, "base64");
  return Buffer.concat([plain.subarray(0, 2), exif(), plain.subarray(2)]);
}

/** What a phone writes into its photos (Exif, an APP1 segment). */
function exif() {
  const camera = Buffer.from("SecretCamera 9\0");
  const [ifd, gps, words] = [8, 50, 124];
  const tiff = Buffer.alloc(words + 32);
  tiff.write("II*\0", 0, "latin1");
  tiff.writeUInt32LE(ifd, 4);
  const entry = (at, tag, type, count, value) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  };
  tiff.writeUInt16LE(3, ifd);
  entry(ifd + 2, 0x010f, 2, camera.length, words);
  entry(ifd + 14, 0x0112, 3, 1, 6); // turn clockwise
  entry(ifd + 26, 0x8825, 4, 1, gps);
  tiff.writeUInt16LE(2, gps);
  entry(gps + 2, 0x0001, 2, 2, "N".charCodeAt(0));
  entry(gps + 14, 0x0002, 5, 3, gps + 30);
  [30, 1, 54, 1, 12, 1].forEach((n, i) => tiff.writeUInt32LE(n, gps + 30 + 4 * i));
  camera.copy(tiff, words);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A small PDF. */
export function pdf() {
  return Buffer.from(
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
      "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
  );
}

/** A topic that nothing is wrong with; `changes` over it. */
export function topicFields(changes = {}) {
  return {
    town: "shengze", title: "东港桥头早晚高峰怎么走", place: "东港桥头", matter: "早晚各堵半小时，孩子上学要绕行。",
    reason: "桥两头的人都有道理，谁让谁说不清。", suggestion: "请两边住户和交警坐下来定一个走法。",
    contact_name: "章可欣", contact_phone: "13912345678", one_matter: "yes", consent_privacy: "yes", similar_seen: "1", ...changes,
  };
}

/** Raises a topic without a browser; gives its id, its tracking code, and who raised it. */
export async function raised(changes = {}) {
  const resident = client();
  return { ...(await codeOf(resident, await resident.post("/raise", topicFields(changes), { files: [] }))), resident };
}

/** The topic that was raised with an answer, and its tracking code, as the page after it shows it. */
export async function codeOf(visitor, answer) {
  const page = (await visitor.get(answer.is(303).location)).is(200, "收到了，谢谢您");
  return { code: page.text.match(/class="code">([^<]+)</)[1], id: page.text.match(/\/mine\/([0-9a-f-]{36})/)[1] };
}

/** Presses a button that sends a form, and gives the answer to it once the page after it stands. */
export async function press(page, button) {
  const answer = page.waitForResponse((response) => response.request().isNavigationRequest() && response.request().method() === "POST");
  const arrived = page.waitForEvent("domcontentloaded");
  await button.click();
  const response = await answer;
  await arrived;
  return response;
}

/** Fills the fields of a form by their names, each as its kind wants it. */
export async function fillForm(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]`);
    const kind = await field.first().evaluate((first) => (first.localName === "input" ? first.type : first.localName));
    if (kind === "hidden") continue;
    if (kind === "select") await field.selectOption(value);
    else if (kind === "radio") await form.locator(`[name="${name}"][value="${value}"]`).check();
    else if (kind === "checkbox") for (const one of [value].flat()) await form.locator(`[name="${name}"][value="${one}"]`).check();
    else await field.fill(value);
  }
}

/** Opens a part of a topic's workspace. */
export async function workspace(page, id, tab = "overview") {
  const response = await page.goto(`/desk/topics/${id}?tab=${tab}`);
  assert.equal(response.status(), 200, `${page.url()}: ${response.status()}`);
}

/** Carries out a step with its form in the workspace, as the page stands. */
export async function act(page, step, fields = {}) {
  const form = page.locator(`form#form-${step}`);
  if (!(await form.isVisible())) await page.locator("details", { has: form }).locator("> summary").click();
  await fillForm(form, fields);
  return press(page, form.locator("button[type=submit]").last());
}

/** What the director writes down for the decision, with nothing missing. */
export const PREPARATION = {
  basis_hotspot: "yes", basis_hotspot_cite: "12345 今年同类反映 9 件", legality: "yes", legality_sentence: "没有抵触。",
  legality_checker: "镇司法所值班人员", one_place: "yes", one_place_sentence: "只在桥头。", one_unit: "yes",
  one_unit_sentence: "交警中队牵头。", doable: "yes", doable_sentence: "划线和错峰，三个月能见到。",
};

/** Takes a topic up, without a browser; gives the officer who did it. */
export async function accepted(changes = {}) {
  const topic = await raised(changes);
  const who = await officer(`${changes.town ?? "shengze"}.gs`);
  const answer = await who.submit(`/desk/topics/${topic.id}?tab=screen`, ["action", "accept_topic"], {
    within_scope: "yes", reason: "属于大家共同关心的事，镇里受理。",
  });
  answer.is(303);
  return { ...topic, who };
}

/** Waits until the islands of a live page are awake. */
export async function settled(page) {
  await page.locator("html[data-live=ready]").waitFor({ state: "attached" });
}

/** Keeps a picture of the whole page in target/shots/NAME.png. */
export async function shot(page, name) {
  const folder = join(root, "target/shots");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: "disabled" });
}

/** Looks for barriers (WCAG 2.2 AA and axe's best practices) on the page as it stands; use it once per page. */
export async function axe(page) {
  // Evaluated over the debugging protocol, so the page's own policy stays in force.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    }),
  );
  const words = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.slice(0, 5).map((node) => `    ${node.html}\n    ${node.failureSummary}`).join("\n")}`,
  );
  assert.equal(violations.length, 0, `barriers on ${page.url()}:\n${words.join("\n")}`);
}

/** Fails when any page of this journey has complained so far. */
export function expectCleanConsole() {
  assert.deepEqual(faults, [], "the pages complained");
}

/**
 * For a page whose answer is an error on purpose (the browser notes a 404 or
 * 422 on the console): takes the complaints that match away, and demands one.
 */
export function expectFault(pattern) {
  const kept = faults.filter((words) => !pattern.test(words));
  assert.notEqual(kept.length, faults.length, `no complaint like ${pattern} among:\n${faults.join("\n")}`);
  faults.splice(0, faults.length, ...kept);
}
