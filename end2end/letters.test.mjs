// Letters about a meeting: by a real mail server, read again with a mail
// library and a calendar library of another language; and the outbox.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ical from "node-ical";
import { DESK, PHONE, axe, client, journey, officer, press, shot, startServer } from "./harness.mjs";
import { eventOf, mailServer, mailSettings, until } from "./mail.mjs";

const rows = join(dirname(fileURLToPath(import.meta.url)), "letters.rows.py");

/** Puts rows into the database of a running server; see letters.rows.py. */
function put(server, asked) {
  const database = join(server.folder, "data/consult.db");
  const { status, stdout, stderr } = spawnSync("python3", [rows, database], { input: JSON.stringify(asked), encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test("邀请、变动、取消由真的邮件服务器收到", { timeout: 120_000 }, async () => {
  const { smtp, letters, port } = await mailServer();
  const server = await startServer({ environment: mailSettings(port) });
  try {
    const invitees = [
      { name: "章可欣", mail: "zhang@example.com" }, { name: "没有邮箱", mail: "" }, { name: "写错了", mail: "nobody@example.com" },
    ];
    const { meeting, invitees: [first] } = put(server, { invitees, job: "announce" });
    const invitation = await until("the invitation arrives", () => letters[0]);
    assert.deepEqual(invitation.envelope.rcptTo.map((to) => to.address), ["zhang@example.com"]);
    assert.deepEqual(invitation.from.value, [{ address: "gw@consult.example", name: "有事好商量" }]);
    assert.deepEqual(invitation.to.value, [{ address: "zhang@example.com", name: "章可欣" }]);
    assert.match(invitation.subject, /^请您参加协商会：.+（\d+月\d+日（周.）14:00）$/);
    assert.match(invitation.messageId, /^<[0-9a-f-]{36}@127\.0\.0\.1>$/);
    const link = new RegExp(`${server.url}/i/${first}/[0-9a-f]{40}`);
    assert.match(invitation.text, /章可欣，您好！/);
    assert.match(invitation.text, link);
    assert.match(invitation.html, link);
    assert.doesNotMatch(invitation.html, /<(img|script|link|iframe)\b|url\(/i, "nothing is loaded from elsewhere");
    const invited = eventOf(invitation, "REQUEST");
    assert.equal(invited.uid, `${meeting}@youshihaoshangliang`, "the same entry as in every feed");
    assert.equal(Number(invited.sequence), 0);
    assert.equal(invited.start.toISOString().slice(11), "06:00:00.000Z", "two in the afternoon in Shanghai");
    assert.equal(invited.start.tz, "Asia/Shanghai");
    assert.equal(invited.end - invited.start, 2 * 3600 * 1000);
    assert.equal(invited.attendee.val, "mailto:zhang@example.com");
    assert.equal(invited.organizer.val, "mailto:gw@consult.example");
    assert.doesNotMatch(JSON.stringify(invited), /\/i\//, "the personal link is not in the calendar");

    const later = new Date(invited.start.getTime() + 24 * 3600 * 1000);
    const text = (date) => date.toISOString().replace(".000Z", "+00:00");
    const ends = text(new Date(later.getTime() + 3600 * 1000));
    const times = { starts_at: text(later), ends_at: ends, told_starts_at: text(later), told_ends_at: ends };
    const set = { ...times, sequence: 1 };
    put(server, { meeting, set, job: "meeting_changed" });
    const change = await until("the change arrives", () => letters[1]);
    assert.match(change.subject, /^会议有变动：/);
    const changed = eventOf(change, "REQUEST");
    assert.deepEqual([changed.uid, Number(changed.sequence), changed.start.toISOString()], [invited.uid, 1, later.toISOString()]);

    put(server, { meeting, set: { state: "cancelled", cancelled_because: "台风", sequence: 2 }, job: "meeting_cancelled" });
    const cancel = await until("the cancellation arrives", () => letters[2]);
    assert.match(cancel.text, /原因：台风/);
    const cancelled = eventOf(cancel, "CANCEL");
    assert.deepEqual([cancelled.uid, Number(cancelled.sequence), cancelled.status], [invited.uid, 2, "CANCELLED"]);

    // Nobody gets anything twice, also when the process starts anew.
    assert.equal(await server.stop(), 0);
    await server.start();
    await new Promise((done) => setTimeout(done, 4000));
    assert.equal(letters.length, 3);
    assert.ok(!server.log.includes("not told"), "the password is in the log");
    assert.ok(!server.log.includes("example.com"), "addresses are in the log");
  } finally {
    await server.stop();
    rmSync(server.folder, { recursive: true, force: true });
    await new Promise((done) => smtp.close(done));
  }
});

/** Opens a page at a width and holds what holds of every page. */
async function look(page, name, path) {
  assert.equal((await page.goto(path)).status(), 200, path);
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${path} is ${overflow} px wider than the window`);
  await shot(page, name);
  await axe(page);
}

journey("没有邮件服务器时，信在发件箱里读", async ({ server, newPage, expectFault }) => {
  const administrator = await officer("admin");
  // The demo's own meetings asked their people already.
  const counted = async () => Number((await administrator.get("/desk/outbox")).says().match(/共 (\d+) 封：没有用邮件寄 \1。/)?.[1]);
  let [before, same] = [0, 0];
  await until("the demo's letters are written", async () => {
    const now = await counted();
    same = now > 0 && now === before ? same + 1 : 0;
    before = now;
    return same > 20;
  });
  const invitees = Array.from({ length: 34 }, (_, n) => ({ name: `住户${n + 1}`, mail: n % 5 ? `p${n}@example.com` : "" }));
  const { invitees: ids } = put(server, { invitees, job: "announce" });
  await until("the letters are written", async () =>
    (await administrator.get("/desk/outbox?state=none")).says().includes(`共 ${before + 34} 封：没有用邮件寄 ${before + 34}。`));
  (await administrator.get("/desk/outbox?state=sent")).is(200, "没有这样的信");
  (await administrator.get("/desk/outbox?state=nonsense")).is(404);

  // Ids of one millisecond are in no order, so the first may be on either page.
  const pages = [(await administrator.get("/desk/outbox")).text];
  pages.push((await administrator.get(pages[0].match(/href="([^"]*before=[^"]*)"/)[1].replaceAll("&amp;", "&"))).text);
  const letterTo = (name) => pages.join("").match(new RegExp(`href="(/desk/outbox/[0-9a-f-]{36})">邀请：${name}<`))[1];
  const [first, second] = [letterTo("住户1"), letterTo("住户2")];

  for (const width of [DESK, PHONE]) {
    const page = await newPage({ width, account: "admin" });
    await look(page, `工作台-管理员-${width}`, "/desk");
    await page.getByRole("link", { name: "发件箱" }).click();
    await page.getByRole("heading", { name: "发件箱" }).waitFor();
    await look(page, `发件箱-${width}`, page.url());
    assert.equal(await page.locator("tbody tr").count(), 30);
    await page.getByRole("link", { name: "下一页" }).click();
    await page.getByRole("link", { name: "上一页" }).waitFor();
    assert.equal(await page.locator("tbody tr").count(), 30);
    await page.getByRole("link", { name: "下一页" }).click();
    await page.waitForFunction((rest) => document.querySelectorAll("tbody tr").length === rest, Math.min(30, before + 34 - 60));
    await look(page, `一封信-${width}`, first);
    await page.getByRole("heading", { name: "信的内容" }).waitFor();
    assert.match(await page.locator("main").innerText(), /请用电话、微信或当面告知[\s\S]*住户1，您好！/);
    const href = await page.getByRole("link", { name: "打开信里的链接" }).getAttribute("href");
    assert.match(href, new RegExp(`^/i/${ids[0]}/[0-9a-f]{40}$`));
  }

  // Sending again: refused without an address, taken with one (and kept again, without a mail server).
  const page = await newPage({ account: "admin", js: false });
  await page.goto(first);
  assert.equal((await press(page, page.getByRole("button", { name: "重新寄" }))).status(), 422);
  expectFault(/422/);
  assert.match(await page.locator("main").innerText(), /先在名单里补上邮箱/);
  await page.goto(second);
  assert.equal((await press(page, page.getByRole("button", { name: "重新寄" }))).status(), 303);
  assert.match(page.url(), /done=resend/);

  // The officer of the town reads a letter, but not everybody's outbox; other people read neither.
  const gs = await officer("shengze.gs");
  (await gs.get(second)).is(200, "信的内容");
  (await gs.get("/desk/outbox")).is(403);
  (await (await officer("weiyuan")).get(second)).is(404);
  assert.equal((await client().get(second)).location, `/sign-in?next=${second}`);
});

journey("私人日历地址，换了就作废", async ({ newPage }) => {
  const page = await newPage({ width: PHONE, account: "shengze.zr" });
  await look(page, `我的账户-日历-${PHONE}`, "/account");
  const address = new URL(await page.locator(".feed-address a").getAttribute("href"));
  const feed = await client().get(address.pathname);
  assert.equal(feed.status, 200);
  assert.equal(feed.headers.get("content-type"), "text/calendar; charset=utf-8");
  const events = Object.values(ical.sync.parseICS(feed.text)).filter((entry) => entry.type === "VEVENT");
  assert.equal(events.length, 3, "the demo's meetings and that of the journey before, which this person chairs");
  for (const event of events) assert.match(event.description, /主持/);
  assert.equal((await press(page, page.getByRole("button", { name: "换一个地址" }))).status(), 303);
  assert.equal((await client().get(address.pathname)).status, 404);
  const renewed = new URL(await page.locator(".feed-address a").getAttribute("href"));
  assert.notEqual(renewed.pathname, address.pathname);
  assert.equal((await client().get(renewed.pathname)).status, 200);
});
