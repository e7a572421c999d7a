// After the meeting: the report, the decision, units at work, verification, the survey, the archive; by the people whose
// part each is, without scripts; and every page of it at both widths.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { DESK, PHONE, axe, daysLater, journey, press, shot } from "./harness.mjs";
import { day, decideAll, done, evidence, form, judge, says, send, topic, until } from "./steps.mjs";

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
    ["成效", "/board"], ["成效-去年", "/board?year=2025"], ["典型案例", "/stories"], ["典型案例-一件", `/stories/${market}`],
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
  await look(desk, "镇情-镇", "/desk/board");
  await look(desk, "台账-镇", "/desk/register");
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
  await look(await windows(newPage, { account: "weiyuan" }), "我的履职", "/desk/year");
  await look(desk, "区镇来往-镇", "/desk/memos");
  const member = await desk[DESK].goto("/desk/roster").then(() => desk[DESK].locator("main table a").first().getAttribute("href"));
  await look(desk, "一位委员", member);
  const district = await windows(newPage, { account: "quban" });
  await look(district, "区镇来往-全区", "/desk/memos");
  await look(district, "超期-全区", "/desk/late");
  await look(district, "镇情-全区", "/desk/board");
  await look(district, "台账-全区", "/desk/register");
  await look(district, "办理-超期", `/desk/topics/${bins}/tasks`);
}, { timeout: 240_000 });

/** Reads a workbook with another library in another language: sheets, heads, filters, the types of cells. */
const READ = `
import json, sys, openpyxl
book = openpyxl.load_workbook(open(sys.argv[1], "rb"))
sheets = {}
for sheet in book.worksheets:
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    dates = [cell.column_letter for cell in sheet[2] if cell.is_date] if sheet.max_row > 1 else []
    sheets[sheet.title] = {"head": rows[0], "rows": [[str(cell) if cell is not None else "" for cell in row] for row in rows[1:]],
        "frozen": sheet.freeze_panes, "filter": sheet.auto_filter.ref, "dates": dates}
print(json.dumps(sheets, ensure_ascii=False))
`;

async function workbook(download) {
  const read = execFileSync("/usr/bin/python3", ["-c", READ, await download.path()], { encoding: "utf8", maxBuffer: 1 << 26 });
  return JSON.parse(read);
}

/** Presses something that answers with a file. */
async function fetched(page, one) {
  const [download] = await Promise.all([page.waitForEvent("download"), one.click()]);
  return download;
}

journey("台账：整本下载，另一种语言的程序读得懂；带电话的要写用途", async ({ newPage, expectFault }) => {
  const page = await newPage({ width: DESK, js: false, account: "lili.gs" });
  await page.goto("/desk");
  await page.locator("main").getByRole("link", { name: "台账" }).click();
  const plain = await fetched(page, page.getByRole("link", { name: "下载 Excel" }));
  assert.match(plain.suggestedFilename(), /^黎里镇.*年台账\.xlsx$/);
  const book = await workbook(plain);
  for (const name of ["议题", "初审", "立题", "调研走访", "协商会", "签到", "纪要", "成果清单", "任务", "办理记录", "评价", "又出现了", "议事室六有", "工作室台账"]) {
    assert.ok(book[name], `sheet ${name}`);
    assert.equal(book[name].frozen, "A2", `${name} keeps its head in sight`);
    assert.ok(book[name].filter?.startsWith("A1:"), `${name} can be filtered`);
  }
  const topics = book["议题"];
  assert.ok(topics.rows.length >= 5 && topics.dates.length >= 1, "topics with dates as dates");
  const phone = topics.head.indexOf("电话");
  assert.ok(topics.rows.some((row) => /^1\d\d\*{4}\d{4}$/.test(row[phone])), "masked telephone numbers");
  assert.ok(!topics.rows.some((row) => /1\d{10}/.test(row.join(" "))), "and no whole one");
  assert.ok(book["任务"].rows.length >= 3 && book["任务"].dates.length >= 1);

  const csv = await fetched(page, page.getByRole("link", { name: "下载 CSV：任务" }));
  const lines = readFileSync(await csv.path(), "utf8").replace(/^\uFEFF/, "").trimEnd().split("\r\n");
  assert.equal(lines[0], book["任务"].head.join(","));
  assert.ok(lines.length > book["任务"].rows.length, "a line for each row, and the head");

  // Whole numbers only with a purpose.
  const ask = page.locator("main form[method=post]");
  const refused = await press(page, ask.locator("button[type=submit]"));
  assert.equal(refused.status(), 422);
  await page.getByText("请选一项为什么要电话，会留下记录。").first().waitFor();
  await page.locator("main form[method=post] [name=purpose][value=call_back]").check();
  const whole = await workbook(await fetched(page, page.locator("main form[method=post] button[type=submit]")));
  assert.ok(whole["议题"].rows.some((row) => /^1\d{10}$/.test(row[phone])), "whole telephone numbers");
  expectFault(/422/);
});

journey("从签发的纪要到归档：五种人各办各的", async ({ newPage, server, expectFault }) => {
  const id = await topic("379路");
  const base = `/desk/topics/${id}`;
  const page = (account) => newPage({ width: DESK, js: false, account });

  // The officer reports; each office confirms.
  let desk = await page("lili.gs");
  await desk.goto(`${base}/outcomes`);
  await form(desk, "report_outcome").locator("[name=offices]").evaluateAll((all) => all.forEach((one) => { one.checked = false; }));
  assert.equal((await send(desk, "report_outcome")).status(), 422);
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
  const items = await decideAll(approver, base, {
    unit: "黎里镇交通管理所", contact: "张远航", measure: "末班车延后一小时，试行三个月", due: day(40),
  });
  assert.ok(items >= 3, "the outcome list, with what was handed over on the spot");
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
  const judged = await judge("lili.gs", base, { topic: "satisfied", handling: "satisfied", part: "mostly" });
  assert.ok(judged >= 5, `${judged} people judged`);

  // Eight days later the clock closes the survey; the case is closed, published and archived.
  await daysLater(9);
  desk = await page("lili.gs");
  await until(desk, `${base}/evaluation`, "close_case");
  await says(desk, /够 80%/);
  done(await send(desk, "close_case"));
  await desk.goto(`${base}/archive`);
  await says(desk, "结果还没有公开。", "还差 1 项，暂不能归档");
  assert.equal(await form(desk, "archive_case").count(), 0, "what cannot be done yet is not offered");
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
  assert.ok(!server.log.includes("张远航"));
  expectFault(/422/);
}, { timeout: 300_000 });

journey("区里写给镇里，镇里回复；委员看自己的一年", async ({ newPage, expectFault }) => {
  const district = await newPage({ width: PHONE, js: false, account: "quban" });
  await district.goto("/desk/memos");
  assert.equal((await send(district, "send", { words: "请把今年没有开会的原因写来。" })).status(), 422);
  await says(district, "请选写给哪个镇。");
  assert.equal(await district.locator("[name=words]").inputValue(), "请把今年没有开会的原因写来。", "what was typed stays");
  done(await send(district, "send", { town: "pingwang", due_on: day(20) }));
  await says(district, /写好了/, "请把今年没有开会的原因写来。");
  const officer = await newPage({ width: PHONE, js: false, account: "pingwang.gs" });
  await officer.goto("/desk");
  await says(officer, /回复区政协办：请把今年没有开会/);
  await shot(officer, "会后-区里来函-390");
  await officer.getByRole("link", { name: /^去回复/ }).first().click();
  await fits(officer);
  done(await send(officer, "answer", { answer: "场地在修，下月开两场。" }));
  await district.goto("/desk/memos");
  await says(district, "场地在修，下月开两场。");

  const member = await newPage({ width: PHONE, js: false, account: "weiyuan" });
  await member.goto("/desk/year");
  await says(member, /年受邀 \d+ 次，到会 \d+ 次/);
  const stranger = await newPage({ width: PHONE, js: false, account: "shengze.gs" });
  assert.equal((await stranger.goto("/desk/year")).status(), 403);
  expectFault(/422|403/);
});
