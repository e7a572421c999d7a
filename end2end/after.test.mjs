// After the meeting: the report, the decision, units at work, verification, the survey, the archive; by the people whose
// part each is, without scripts; and every page of it at both widths.
import assert from "node:assert/strict";
import { DESK, PHONE, axe, client, daysLater, fillForm, journey, officer, photo, press, shot } from "./harness.mjs";

const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

/** A photo of how it looks now. */
const evidence = async () => ({ name: "现场.jpg", mimeType: "image/jpeg", buffer: await photo() });

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

/** Looks at a page at both widths. */
async function look(pages, name, path) {
  for (const [width, page] of Object.entries(pages)) {
    const response = await page.goto(path);
    assert.equal(response.status(), 200, path);
    assert.equal(await page.locator("h1").count(), 1, `one heading on ${path}`);
    await fits(page);
    await shot(page, `会后-${name}-${width}`);
    if (Number(width) === PHONE) await axe(page);
  }
}

async function windows(newPage, how = {}) {
  return { [PHONE]: await newPage({ width: PHONE, ...how }), [DESK]: await newPage({ width: DESK, ...how }) };
}

/** The id of a topic of the demo. */
async function topic(title) {
  const desk = await officer("quban");
  const list = (await desk.get(`/desk/topics?q=${encodeURIComponent(title)}`)).is(200).text;
  return list.match(/href="\/desk\/topics\/([0-9a-f-]{36})"/)[1];
}

async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

/** The form of a page that carries out this step. */
const form = (page, step) => page.locator("main form", { has: page.locator(`[name=action][value=${step}]`) }).first();

/** Opens whatever folds a form away. */
const unfold = (one) => one.evaluate((node) => {
  for (let at = node; at; at = at.parentElement) if (at.localName === "details") at.setAttribute("open", "");
  for (const inner of node.querySelectorAll("details")) inner.setAttribute("open", "");
});

async function send(page, step, fields = {}, { check = [], files } = {}) {
  const one = form(page, step);
  await unfold(one);
  await fillForm(one, fields);
  for (const [name, value] of check) await one.locator(`[name="${name}"][value="${value}"]`).check();
  if (files) await one.locator("input[type=file]").setInputFiles(files);
  return press(page, one.locator("button[type=submit]").last());
}

const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

journey("会后的每一页", async ({ newPage }) => {
  const ids = [];
  for (const title of ["桥下菜市", "东门路口", "公交进站难", "垃圾房", "服务费", "湖边步道", "老街井盖"]) ids.push(await topic(title));
  const [market, ramp, gate, bins, chargers, lamps, manholes] = ids;
  const visitor = await windows(newPage);
  for (const [name, path] of [
    ["公开-待批办", `/topics/${manholes}/outcomes`], ["公开-办理中", `/topics/${lamps}/outcomes`],
    ["公开-超期", `/topics/${bins}/outcomes`], ["公开-评价中", `/topics/${chargers}/outcomes`],
    ["公开-继续跟踪", `/topics/${ramp}/outcomes`], ["公开-二次办理", `/topics/${gate}/outcomes`],
    ["公开-归档", `/topics/${market}/outcomes`], ["公开-议题", `/topics/${ramp}`], ["又出现了", `/topics/${ramp}/again`],
    ["典型案例", "/stories"], ["典型案例-一件", `/stories/${market}`],
  ]) {
    await look(visitor, name, path);
  }
  const approver = await windows(newPage, { account: "lili.dw" });
  await look(approver, "批办", `/desk/topics/${manholes}/outcomes`);
  await look(approver, "我的事-党委", "/desk");
  const desk = await windows(newPage, { account: "lili.gs" });
  await look(desk, "办理", `/desk/topics/${lamps}/tasks`);
  await look(desk, "归档", `/desk/topics/${market}/archive`);
  await look(desk, "我的事-干事", "/desk");
  const unit = await windows(newPage, { account: "lili.cb" });
  await look(unit, "单位的任务", "/desk/tasks");
  await look(unit, "我的事-单位", "/desk");
  const tasks = await unit[DESK].goto("/desk/tasks").then(() => unit[DESK].locator("main table a").evaluateAll((all) => all.map((a) => a.getAttribute("href"))));
  assert.ok(tasks.length >= 2, "the unit has tasks");
  await look(unit, "一项任务-单位", tasks[0]);
  await look(desk, "一项任务-干事", tasks[0]);
  const songling = await windows(newPage, { account: "songling.zr" });
  await look(songling, "评价-二次办理", `/desk/topics/${gate}/evaluation`);
  await look(songling, "超期-镇", "/desk/late");
  const jiangling = await windows(newPage, { account: "jiangling.gs" });
  await look(jiangling, "评价-进行中", `/desk/topics/${chargers}/evaluation`);
  await look(jiangling, "评价-继续跟踪", `/desk/topics/${ramp}/evaluation`);
  await look(jiangling, "归档-还没有", `/desk/topics/${ramp}/archive`);
  const district = await windows(newPage, { account: "quban" });
  await look(district, "超期-全区", "/desk/late");
  await look(district, "办理-超期", `/desk/topics/${bins}/tasks`);
}, { timeout: 240_000 });

journey("从签发的纪要到归档：五种人各办各的", async ({ newPage, server, expectFault }) => {
  const id = await topic("379路");
  const base = `/desk/topics/${id}`;
  const page = (account) => newPage({ width: DESK, js: false, account });

  // The officer reports; each office confirms.
  let desk = await page("lili.gs");
  await desk.goto(`${base}/outcomes`);
  await form(desk, "report_outcome").locator("[name=offices]").evaluateAll((all) => all.forEach((one) => { one.checked = false; }));
  assert.equal((await send(desk, "report_outcome")).status(), 422);
  expectFault(/422/);
  await says(desk, "请选送给谁：党委、政府，至少一个。");
  done(await send(desk, "report_outcome", {}, { check: [["offices", "party"], ["offices", "government"]] }));
  const government = await page("lili.zf");
  await government.goto("/desk");
  let approver = await page("lili.dw");
  await approver.goto("/desk");
  await says(approver, /签收报送：379路/);
  await approver.goto(`${base}/outcomes`);
  done(await send(approver, "receive_report"));
  await government.goto("/desk");
  await says(government, /签收报送：379路/);
  await government.goto(`${base}/outcomes`);
  done(await send(government, "receive_report"));

  // The party committee decides on each item, and hands out what it adopts.
  await approver.goto(`${base}/outcomes`);
  assert.equal((await send(approver, "assign_tasks")).status(), 422);
  await says(approver, /第 1 条还没有批/);
  const items = await approver.locator("main form [name=outcome]").count();
  assert.ok(items >= 3, "the outcome list, with what was handed over on the spot");
  const units = await approver.locator("#lead_1 option").evaluateAll((all) => all.map((one) => [one.value, one.textContent]));
  const [unit] = units.find(([, name]) => name === "黎里镇交通管理所");
  for (let n = 1; n <= items; n += 1) {
    await approver.goto(`${base}/outcomes`);
    const one = approver.locator(`#outcome-${n} form`);
    await unfold(one);
    const adopted = n === 1;
    await one.locator(`[name=adoption_${n}][value=${adopted ? "full" : "none"}]`).check();
    await fillForm(one, adopted
      ? { lead_1: unit, contact_1: "张远航", measure_1: "末班车延后一小时，试行三个月", due_1: day(40) }
      : { [`reason_${n}`]: "现场看过，暂时没有地方，明年再定。" });
    done(await press(approver, one.locator("button[type=submit]")));
  }
  await shot(approver, "会后-批办完-1280");
  done(await send(approver, "assign_tasks"));

  // The unit signs, reports and answers with a photo.
  const handler = await page("lili.cb");
  await handler.goto("/desk");
  await says(handler, /签收：379路末班车/);
  await handler.goto("/desk/tasks");
  await handler.locator("main a", { hasText: "379路末班车" }).first().click();
  const task = new URL(handler.url()).pathname;
  done(await send(handler, "sign_task"));
  done(await send(handler, "report_progress", { progress: "时刻表排好了，下周一试跑。", percent: "60" }));
  assert.equal((await send(handler, "reply_task", { words: "延后一小时了。" }, { check: [["class", "a"]] })).status(), 422);
  await says(handler, "请附凭据：照片、文件或者链接，至少一样。");
  assert.equal(await form(handler, "reply_task").locator("[name=words]").inputValue(), "延后一小时了。");
  assert.ok(await form(handler, "reply_task").locator("[name=class][value=a]").isChecked());
  done(await send(handler, "reply_task", {}, { files: await evidence() }));

  // Somebody else looks: sent back once, then verified.
  desk = await page("lili.gs");
  await desk.goto(task);
  done(await send(desk, "send_back_task", { reason: "站牌还是旧的时间。" }));
  await handler.goto(task);
  await says(handler, "站牌还是旧的时间。");
  done(await send(handler, "reply_task", { words: "站牌也换了。" }, { check: [["class", "a"]], files: await evidence() }));
  await desk.goto(task);
  assert.equal((await send(desk, "verify_task", { place: "芦墟站", words: "坐了一趟末班车。" })).status(), 422);
  await says(desk, "请附一张现场照片，或者写同去的第二个人。");
  done(await send(desk, "verify_task", { second: "社区书记" }));

  // Those who were there judge by their own link, without an account.
  await desk.goto(`${base}/tasks`);
  done(await send(desk, "finish_tracking"));
  const answers = (await (await officer("lili.gs")).get(`${base}/answers`)).is(200).text;
  const people = [...answers.matchAll(/<a href="(\/desk\/topics\/[^"]+\/answers\/[0-9a-f-]{36})"/g)].map(([, href]) => href);
  let judged = 0;
  for (const href of [...new Set(people)]) {
    const link = (await (await officer("lili.gs")).get(href)).text.match(/\/i\/[0-9a-f-]{36}\/[0-9a-f]{40}/)?.[0];
    if (!link) continue;
    const own = client();
    const shown = await own.get(`${link}/evaluate`);
    if (shown.status !== 200 || !shown.text.includes('name="handling"')) continue;
    const answer = await own.submit(`${link}/evaluate`, ["words"], { topic: "satisfied", handling: "satisfied", part: "mostly" });
    if (answer.status === 303) judged += 1;
    if (judged === 1) (await own.get(`${link}/evaluate`)).is(200, "您已经评价过了，谢谢您。");
  }
  assert.ok(judged >= 5, `${judged} people judged`);

  // Eight days later the clock closes the survey; the case is closed, published and archived.
  await daysLater(9);
  desk = await page("lili.gs");
  for (let tries = 0; tries < 40; tries += 1) {
    await desk.goto(`${base}/evaluation`);
    if (await form(desk, "close_case").count()) break;
  }
  await says(desk, /够 80%/);
  done(await send(desk, "close_case"));
  await desk.goto(`${base}/archive`);
  assert.equal((await send(desk, "archive_case")).status(), 422);
  await says(desk, "结果还没有公开。");
  assert.equal((await send(desk, "publish_result", { words: "请打 13812345678" })).status(), 422);
  done(await send(desk, "publish_result", { words: "末班车延后到七点二十，站牌也换了。" }));
  await desk.goto(`${base}/archive`);
  done(await send(desk, "archive_case"));
  await says(desk, "已经归档。");
  const reader = await newPage({ width: PHONE });
  await reader.goto(`/topics/${id}/outcomes`);
  await says(reader, "末班车延后到七点二十，站牌也换了。", "办结了。");
  assert.doesNotMatch(await reader.locator("main").innerText(), /张远航|社区书记|芦墟站坐/);
  await axe(reader);
  await fits(reader);
  await shot(reader, "会后-办到底-390");
  expectFault(/422/);
  assert.ok(!server.log.includes("张远航"));
}, { timeout: 300_000 });
