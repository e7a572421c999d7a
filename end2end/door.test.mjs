// The door: a list that works without a network after it was opened once, two devices, the camera, and nothing that stays
// on the device when the meeting is over.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { PHONE, axe, browserWith, client, journey, officer, press, shot, signIn } from "./harness.mjs";

const TITLE = "北麻漾清淤后的护岸管护由谁负责";
const FOLDER = mkdtempSync(join(tmpdir(), "camera-"));
const FILM = join(FOLDER, "slip.y4m");
browserWith(
  "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${FILM}`,
);
after(() => rmSync(FOLDER, { recursive: true, force: true }));

/** What the camera sees: the first QR code of this HTML, in the middle of a grey wall. */
function film(html) {
  const svg = html.match(/<svg\b[^>]*viewBox="0 0 (\d+) \d+"[^>]*>[\s\S]*?<path\b[^>]*\bd="(M[^"]*)"/);
  const [width, height, side, module] = [640, 480, Number(svg[1]), Math.floor(400 / Number(svg[1]))];
  const picture = Buffer.alloc(width * height, 170);
  const [left, top] = [(width - side * module) >> 1, (height - side * module) >> 1];
  const fill = (x, y, size, value) => {
    for (let row = 0; row < size; row += 1) picture.fill(value, (top + y + row) * width + left + x, (top + y + row) * width + left + x + size);
  };
  fill(0, 0, side * module, 240);
  for (const [, x, y] of svg[2].matchAll(/M(\d+) (\d+)h/g)) fill(x * module, y * module, module, 20);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), picture, Buffer.alloc((width * height) / 2, 128)]);
  writeFileSync(FILM, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame, frame]));
}

const status = (page) => page.locator("#door .door-line");
const says = (page, words) => page.getByText(words).first().waitFor();
const tick = (page, name) => page.getByRole("button", { name: `${name} 签到`, exact: true }).click();
const row = (page, name) => page.locator(".door-row", { hasText: name });

/** What this browser keeps of a door. */
const kept = (page) => page.evaluate(async () => {
  const all = (name, store) => new Promise((done) => {
    const asked = indexedDB.open(name);
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => done([]);
    asked.onsuccess = () => {
      const rows = asked.result.transaction(store).objectStore(store).getAll();
      rows.onsuccess = () => { asked.result.close(); done(rows.result); };
    };
  });
  const addresses = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) addresses.push(new URL(url).pathname);
  }
  const workers = (await navigator.serviceWorker.getRegistrations()).map((one) => new URL(one.scope).pathname);
  return { lists: await all("door-lists", "lists"), queue: await all("door-queue", "queue"), addresses, workers };
});

/** Waits until the page lies in the cache. */
const cached = (page, door) =>
  until(() => page.evaluate(async (door) => Boolean(await caches.match(door, { cacheName: `door:${door}` })), door));

/** Waits until the page can be opened without a network. */
async function ready(page, door) {
  await cached(page, door);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active);
}

/** Asks until it is so. */
async function until(holds) {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) assert.ok(Date.now() < deadline, `never came: ${holds}`);
}

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

async function look(page, name) {
  await fits(page);
  await shot(page, name);
  await axe(page);
}

const json = (one, path, value, headers = {}) => one.ask("POST", path, {
  body: typeof value === "string" ? value : JSON.stringify(value),
  headers: { "content-type": "application/json", "sec-fetch-site": "same-origin", ...headers },
});

/** The door of the demo's meeting, opened. */
async function theDoor() {
  const desk = await officer("shengze.gs");
  const found = (await desk.get(`/desk/topics?q=${encodeURIComponent(TITLE)}`)).is(200).text;
  const door = `/desk/topics/${found.match(/href="\/desk\/topics\/([0-9a-f-]{36})"/)[1]}/door`;
  if ((await desk.get(door)).text.includes('value="open_door"')) (await desk.submit(door, ["action", "open_door"])).is(303);
  return { desk, door };
}

journey("门口断网：名单照用，连上网补交，两台设备只记一次", async ({ newPage, server, expectFault }) => {
  const { desk, door } = await theDoor();
  const tablet = await newPage({ width: 820, account: "shengze.gs" });
  // A device whose clock was read two minutes ago, once the journey says so.
  await tablet.addInitScript(() => {
    const now = Date.now;
    if (localStorage.getItem("earlier")) Date.now = () => now() - 120_000;
  });
  await tablet.goto(door);
  await says(tablet, /^在线$/);
  await ready(tablet, door);
  const [list] = (await kept(tablet)).lists;
  assert.ok(list.people.length > 10);
  assert.doesNotMatch(JSON.stringify(list), /"1[3-9]\d{9}"/, "no phone lies on the device");
  await look(tablet, "签到-脚本-820");

  // At once, without another page; another device sees it.
  const phone = await newPage({ width: PHONE, account: "shengze.gs" });
  await phone.goto(door);
  await says(phone, /^在线$/);
  await tick(tablet, "钮水根");
  await says(tablet, /钮水根（.*）已签到。/);
  await row(tablet, "钮水根").getByText(/^\d\d:\d\d 签到，名单$/).waitFor();
  await row(phone, "钮水根").getByText(/^\d\d:\d\d 签到，名单$/).waitFor();
  await look(phone, "签到-脚本-390");
  // Taken back, and ticked again.
  await row(phone, "钮水根").getByRole("button", { name: /撤销/ }).click();
  await row(tablet, "钮水根").getByRole("button", { name: "钮水根 签到" }).waitFor();
  await tick(tablet, "钮水根");
  await row(phone, "钮水根").getByText(/签到，名单/).waitFor();

  // Without a network the page is there, and so is its list.
  const page = (await desk.get(door)).is(200).text;
  const code = page.match(/<b>卞阿秀<\/b>[\s\S]*?短码 ([2-9A-Z]{6})/)[1];
  await tablet.evaluate(() => localStorage.setItem("earlier", "yes"));
  await tablet.context().setOffline(true);
  await tablet.reload();
  await says(tablet, "断网，照常签到");
  await tick(tablet, "凌秋月");
  await tick(tablet, "郁小满");
  const field = tablet.locator("[name=code]");
  await field.fill("ABCDEF");
  await field.press("Enter");
  await says(tablet, "名单上没有这个短码");
  await field.fill(code.toLowerCase());
  await field.press("Enter");
  await says(tablet, "断网，已存 3 条");
  await row(tablet, "凌秋月").getByText("离线").waitFor();
  await tablet.locator("[name=q]").fill("卞");
  assert.equal(await tablet.locator("#list ul").last().locator(".door-row").count(), 1);
  await tablet.locator("[name=q]").fill("");
  await look(tablet, "签到-断网-820");
  await tablet.reload();
  await says(tablet, "断网，已存 3 条");
  // Ticked by mistake, and never sent.
  await tick(tablet, "汝长林");
  await says(tablet, "断网，已存 4 条");
  await row(tablet, "汝长林").getByRole("button", { name: /撤销/ }).click();
  await says(tablet, "断网，已存 3 条");
  // Meanwhile another device checks one of them in.
  await tick(phone, "郁小满");
  await until(async () => (await kept(phone)).queue.length === 0);

  await tablet.context().setOffline(false);
  await says(tablet, "在线，已补交 3 条");
  for (const one of [tablet, phone]) {
    await row(one, "凌秋月").getByText(/^\d\d:\d\d 签到，名单，离线$/).waitFor();
    await row(one, "卞阿秀").getByText(/^\d\d:\d\d 签到，短码，离线$/).waitFor();
    await row(one, "郁小满").getByText(/^\d\d:\d\d 签到，名单$/).waitFor();
  }
  const after = (await desk.get(door)).is(200);
  assert.equal(after.text.match(/签到，\S+，离线/g).length, 2);
  assert.equal(after.says().match(/郁小满.{0,80}?签到，名单/g).length, 1);
  assert.equal((await kept(tablet)).queue.length, 0);
  await tablet.getByRole("link", { name: "打开完整的签到页" }).click();
  await says(tablet, "到场的人够不够、全不全");

  // Signed out meanwhile: what was ticked stays, and goes once somebody has signed in again.
  await phone.context().setOffline(true);
  await tick(phone, "计春燕");
  await says(phone, "断网，已存 1 条");
  await look(phone, "签到-断网-390");
  await phone.context().clearCookies({ name: "session" });
  await phone.context().setOffline(false);
  await says(phone, "请重新登录，签到还在这台设备上。");
  await shot(phone, "签到-要登录-390");
  await signIn(phone, "shengze.gs");
  await phone.goto(door);
  await row(phone, "计春燕").getByText(/签到，名单/).waitFor();
  expectFault(/401/);
  assert.equal((await kept(phone)).queue.length, 0);
  // Who signs out leaves no list.
  await press(phone, phone.locator("form[action='/sign-out'] button"));
  const left = await kept(phone);
  assert.deepEqual([left.lists, left.addresses, left.workers], [[], [], []]);

  // Nobody else's business, and nothing but a door's.
  const other = await officer("zhenze.gs");
  (await other.get(`${door}/list`)).is(404);
  (await json(other, `${door}/sync`, [])).is(404);
  const visitor = client();
  assert.match((await visitor.get(`${door}/list`)).is(401).text, /请先登录/);
  (await json(visitor, `${door}/sync`, [])).is(401);
  (await json(desk, `${door}/sync`, [], { "sec-fetch-site": "cross-site" })).is(403);
  assert.match((await json(desk, `${door}/sync`, "nonsense")).is(422).text, /读不懂/);
  const noted = { request: "00000000-0000-4000-8000-000000000000", sitting: list.sitting, how: "list", at: 0, list_at: 0 };
  assert.match((await json(desk, `${door}/sync`, Array(101).fill(noted))).is(413).text, /一次最多补交 100 条/);
  const plain = await desk.get(`${door}/list`);
  assert.equal(plain.headers.get("cache-control"), "no-store");
  assert.match((await desk.get(door)).headers.get("permissions-policy"), /camera=\(self\)/);
  assert.match((await desk.get("/desk")).headers.get("permissions-policy"), /camera=\(\)/);
  assert.ok(!server.log.includes("凌秋月"));
}, { timeout: 180_000 });

journey("扫码签到：摄像头、扫码枪，别的会的码不认", async ({ newPage }) => {
  const { desk, door } = await theDoor();
  const slips = (await desk.get(door.replace(/door$/, "print?what=slips"))).is(200).text;
  const phone = await newPage({ width: PHONE, account: "shengze.gs" });
  await phone.goto(door);
  await says(phone, /^在线$/);
  const name = "仲修平";
  // The slip of a person begins with its code.
  film(slips.split('<li class="slip">').find((slip) => slip.includes(`slip-name">${name}<`)));
  await phone.getByRole("button", { name: "扫码签到" }).click();
  await says(phone, new RegExp(`${name}（.*）已签到。`));
  await look(phone, "签到-扫码-390");
  await row(phone, name).getByText(/签到，扫码/).waitFor();
  await phone.getByRole("button", { name: "关掉摄像头" }).click();
  // The code on the door's own screen is nobody's.
  film((await desk.get(`${door}/screen`)).is(200).text);
  await phone.getByRole("button", { name: "扫码签到" }).click();
  await says(phone, /这不是邀请条上的码/);
  await phone.getByRole("button", { name: "关掉摄像头" }).click();
  // No camera: a sentence.
  await phone.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await phone.getByRole("button", { name: "扫码签到" }).click();
  await says(phone, "没有拿到摄像头的许可");

  // A scanner types the link, with scripts and without.
  const answers = (await desk.get(door.replace(/door$/, "answers"))).text;
  const linkOf = async (name) => {
    const person = answers.match(new RegExp(`<a href="(/desk/topics/[^"]+/answers/[0-9a-f-]{36})"[^>]*>${name}<`))[1];
    return (await desk.get(person)).text.match(/\/i\/[0-9a-f-]{36}\/[0-9a-f]{40}/)[0];
  };
  await phone.locator("[name=code]").fill(`https://consult.example${await linkOf("濮阳静")}`);
  await phone.locator("[name=code]").press("Enter");
  await row(phone, "濮阳静").getByText(/签到，扫码/).waitFor();
  const link = await linkOf("蔺大海");
  (await desk.submit(door, ["action", "check_in"], { code: link.replace(/.$/, (last) => (last === "0" ? "1" : "0")) })).is(422, "这个码不在这场会的名单上");
  (await desk.submit(door, ["action", "check_in"], { code: link })).is(303);
  await row(phone, "蔺大海").getByText(/签到，扫码/).waitFor();
});

journey("五千人的名单，断了网也找得快", async ({ newPage }) => {
  const { desk, door } = await theDoor();
  const whole = JSON.parse((await desk.get(`${door}/list`)).is(200).text);
  const [first] = whole.people;
  const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const hash = (n) => n.toString(16).padStart(16, "0");
  whole.people = Array.from({ length: 5000 }, (_, n) => [id(n), `演示第${n}号`, first[2], hash(n), hash(n + 5000), true, ""]);
  const page = await newPage({ width: 820, account: "shengze.gs" });
  await page.route(`**${door}/list**`, (route) => route.fulfill({ json: { ...whole, count: 5000 } }));
  await page.goto(door);
  await says(page, "还有 4700 位没有列出来，请搜姓名。");
  await cached(page, door);
  await page.context().setOffline(true);
  const took = await page.evaluate(() => {
    const field = document.querySelector("[name=q]");
    const began = performance.now();
    field.value = "第4321号";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return performance.now() - began;
  });
  assert.ok(took < 500, `finding one of 5,000 took ${took} ms`);
  await tick(page, "演示第4321号");
  await says(page, "断网，已存 1 条");
  assert.equal((await kept(page)).lists[0].people.length, 5000);
});

journey("闭会以后，设备上什么都不留，晚到的说清楚", async ({ newPage }) => {
  const { desk, door } = await theDoor();
  const tablet = await newPage({ width: 820, account: "shengze.gs" });
  await tablet.goto(door);
  await says(tablet, /^在线$/);
  await ready(tablet, door);
  const whole = JSON.parse((await desk.get(`${door}/list`)).is(200).text);
  const there = new Set(whole.marks.map(([id]) => id));
  const absent = whole.people.filter(([id]) => !there.has(id));
  const [[, late]] = absent;
  await tablet.context().setOffline(true);
  await tick(tablet, late);
  await says(tablet, "断网，已存 1 条");
  // Everybody else comes, the meeting is held and closed.
  const noted = (field, id, n) => ({
    request: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`, sitting: whole.sitting, [field]: id, how: "list",
    at: whole.now, list_at: whole.now,
  });
  const batch = [...whole.officials.map(([id], n) => noted("account", id, n)), ...absent.slice(1).map(([id], n) => noted("invitee", id, n + 10))];
  const became = JSON.parse((await json(desk, `${door}/sync`, batch)).is(200).text).map((one) => one.became);
  assert.ok(became.every((one) => one === "done" || one === "already"), became.join());
  const page = (await desk.get(door)).is(200);
  const remark = page.text.includes('name="remark"') ? { remark: "各方主要的人都到了，照样开。" } : {};
  (await desk.submit(door, ["action", "convene_meeting"], remark)).is(303);
  (await desk.submit(door, ["action", "close_meeting"])).is(303);

  await tablet.context().setOffline(false);
  await says(tablet, new RegExp(`${late}：会议已经结束，这次签到没有记上`));
  await says(tablet, "名单已从这台设备上删除");
  await look(tablet, "签到-闭会后-820");
  let left = await kept(tablet);
  assert.deepEqual([left.lists, left.addresses, left.workers, left.queue.length], [[], [], [], 1]);
  await tablet.reload();
  await tablet.getByRole("button", { name: `${late}：知道了` }).click();
  await tablet.waitForFunction(() => !document.querySelector("#door .refusal"));
  left = await kept(tablet);
  assert.deepEqual([left.lists, left.addresses, left.workers, left.queue], [[], [], [], []]);
});
