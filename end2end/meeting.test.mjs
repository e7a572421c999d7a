// From a chosen topic to an announced meeting: research, plan, people, announcement by real mail; then the people asked
// answer, each in their own way, a seat is freed and passed on, and the date is moved.
import assert from "node:assert/strict";
import { after } from "node:test";
import {
  DESK, PHONE, PREPARATION, accepted, act, axe, client, fillForm, journey, officer, pdf, press, serveWith, shot,
} from "./harness.mjs";

import { eventOf, mailServer, mailSettings, until } from "./mail.mjs";

const post = mailServer();
serveWith(post.then(({ port }) => mailSettings(port)));
after(async () => (await post).smtp.close());

const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

const dayAhead = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** A topic whose research is filed, without a browser. */
async function planned(title) {
  const { id } = await accepted({ title });
  const [desk, director, approver] = [await officer("shengze.gs"), await officer("shengze.zr"), await officer("shengze.dw")];
  (await director.submit(`/desk/topics/${id}?tab=confirm`, ["action", "prepare_confirmation"], PREPARATION)).is(303);
  (await approver.submit(`/desk/topics/${id}?tab=confirm`, ["action", "confirm_topic"], { reason: "同意立题。" })).is(303);
  const board = `/desk/topics/${id}/research`;
  const lead = (await director.get(board)).is(200).text.match(/<option value="([0-9a-f-]{36})"/)[1];
  (await director.submit(board, ["action", "assign_lead"], { lead })).is(303);
  const visit = {
    request_id: crypto.randomUUID(), on: new Date().toISOString().slice(0, 10), method: "visit", place: "东港桥头", heard_stakeholder: "3",
    members: "1", member_names: "顾采薇", said: "早高峰两头顶牛。", seen_there: "没有中线。", heard_unknown: "",
  };
  (await desk.post(`/desk/topics/${id}/visit`, visit, { files: [] })).is(303);
  (await desk.submit(board, ["action", "save_report"], { findings: "早晚各堵半小时。", issues: "高峰谁先走" }, { files: [] })).is(303);
  (await desk.submit(board, ["action", "file_research"], {}, { files: [] })).is(303);
  return id;
}

const LIST = [
  "姓名,类别,单位,界别,电话,邮箱,性别",
  ...["甲,委员", "乙,委员", "丙,委员", "丁,利益相关方", "戊,利益相关方", "己,利益相关方", "庚,群众代表", "辛,群众代表", "壬,群众代表", "癸,部门", "子,部门", "丑,村（社区）"]
    .map((row, n) => {
      const [name, category] = row.split(",");
      return `演示${name},${category},东港片区,,139000000${String(n).padStart(2, "0")},p${n}@example.com,${n % 2 ? "女" : "男"}`;
    }),
].join("\n");

journey("请对人、按时公示；三个人三种答复，名额让给下一位，改期告诉每个人", async ({ newPage, expectFault }) => {
  const id = await planned("东港桥头怎么走才顺当");
  const plan = `/desk/topics/${id}/plan`;
  const page = await newPage({ account: "shengze.gs" });
  await page.goto(plan);
  await axe(page);
  const form = page.locator("#form-save_plan");
  const room = await form.locator("[name=room] option").nth(1).getAttribute("value");
  const chair = await form.locator("[name=chair] option").nth(1).getAttribute("value");
  const recorder = await form.locator("[name=recorder] option").nth(2).getAttribute("value");
  await fillForm(form, {
    date: dayAhead(9), time: "14:00", minutes: "120", format: "roundtable", room, agenda_brief: "15", agenda_ask: "25",
    agenda_answer: "30", agenda_speak: "50", chair, recorder, notice: "请桥两头的住户和交警坐下来，定一个早晚高峰的走法。",
    open_public: "1",
  });
  await form.locator("[name=materials]").setInputFiles({ name: "桥头车流情况.pdf", mimeType: "application/pdf", buffer: pdf() });
  done(await press(page, form.getByRole("button", { name: "保存，送主任审批" })));

  // A list that was pasted: what is wrong is named row by row, nothing is taken in until it is mended.
  await page.goto(`/desk/topics/${id}/people/import`);
  const sheet = () => page.locator("main form[method=post]").first();
  await fillForm(sheet(), { rows: LIST.replace("演示丁,利益相关方", "演示丁,外星人") });
  assert.equal((await press(page, sheet().locator("button[type=submit]").first())).status(), 422);
  expectFault(/422/);
  await says(page, /第 5 行/);
  await fillForm(sheet(), { rows: LIST });
  assert.equal((await press(page, sheet().locator("button[type=submit]").first())).status(), 200);
  await says(page, "12 人，没有要改的，还没有导入");
  done(await press(page, page.getByRole("button", { name: "导入这 12 人" })));
  await fits(page);
  await axe(page);
  await shot(page, "请人-名单和尺子-1280");
  const phone = await newPage({ width: PHONE, account: "shengze.gs" });
  await phone.goto(`/desk/topics/${id}/people`);
  await fits(phone);
  await shot(phone, "请人-名单和尺子-390");

  const director = await newPage({ account: "shengze.zr" });
  await director.goto(plan);
  done(await act(director, "approve_plan", { reason: "同意" }));
  await page.goto(plan);
  done(await press(page, page.locator("#form-announce button")));
  await says(page, "已公示");

  // Everybody on the list has a letter, with the own link and an entry for the calendar.
  const { letters } = await post;
  const to = (address) => letters.filter((letter) => letter.envelope.rcptTo.some((one) => one.address === address));
  const asked = Array.from({ length: 12 }, (_, n) => `p${n}@example.com`);
  await until("twelve invitations arrive", () => asked.every((address) => to(address).length === 1));
  const invited = eventOf(to(asked[0])[0], "REQUEST");
  assert.equal(Number(invited.sequence), 0);

  // Everybody sees when and where, nobody sees who.
  const notice = await newPage({ width: PHONE });
  await notice.goto(`/topics/${id}/notice`);
  await axe(notice);
  await shot(notice, "公示-390");
  assert.doesNotMatch(await notice.content(), /演示[甲乙丙]|1390000/);
  await notice.getByRole("link", { name: /报名/ }).first().click();
  await notice.waitForURL("**/register");
  await fits(notice);
  await axe(notice);
  await shot(notice, "报名-390");
  const register = async (resident, name, contact) => {
    await resident.goto(`/topics/${id}/register`);
    const form = resident.locator("main form[method=post]");
    await fillForm(form, { category: "public", name, phone: contact, consent: "yes" });
    assert.equal((await press(resident, form.locator("button[type=submit]"))).status(), 200);
    return resident.getByRole("link", { name: "打开我的页面" }).getAttribute("href");
  };
  const [first, second] = [await newPage({ width: PHONE, js: false }), await newPage({ width: PHONE })];
  const mine = await register(first, "先报名的", "13511110001");
  await says(first, "报上名了，给您留了座");
  const hers = await register(second, "后报名的", "13511110002");
  await says(second, "您是候补 1 号");

  // The officer hands three links over, from the page of answers.
  await page.goto(`/desk/topics/${id}/answers`);
  await says(page, /请了 \d+ 位/);
  await axe(page);
  await fits(page);
  await shot(page, "答复-1280");
  await phone.goto(`/desk/topics/${id}/answers`);
  await fits(phone);
  await shot(phone, "答复-390");
  const link = async (name) => {
    await page.goto(`/desk/topics/${id}/answers`);
    await page.locator("main").getByRole("link", { name, exact: true }).click();
    await page.waitForURL(/answers\/[0-9a-f-]{36}/);
    return (await page.locator("main .quote").innerText()).match(/\/i\/\S+/)[0];
  };
  const [a, b, c] = [await link("演示甲"), await link("演示乙"), await link("演示丁")];
  [a, b, , c].forEach((own, n) => own && assert.ok(to(asked[n])[0].text.includes(own), "the letter has the same link"));
  await axe(page);
  await shot(page, "一个人的答复-1280");

  // One comes: two touches, without scripts.
  const comes = await newPage({ width: PHONE, js: false });
  await comes.goto(a);
  await fits(comes);
  await shot(comes, "受邀人-390");
  done(await press(comes, comes.getByRole("button", { name: "我来参加" })));
  await says(comes, "您已答复：参加。到时候见。");
  const calendar = (await client().get(await comes.getByRole("link", { name: "加到手机日历" }).getAttribute("href"))).is(200);
  assert.match(calendar.headers.get("content-type"), /^text\/calendar/);
  assert.match(calendar.text, /BEGIN:VEVENT[\s\S]*东港桥头怎么走才顺当/);
  assert.doesNotMatch(calendar.text, /演示甲/, "a calendar is shared: it names nobody");
  // One does not, and says why.
  const stays = await newPage({ width: PHONE });
  await stays.goto(b);
  await axe(stays);
  await stays.getByText("这次来不了", { exact: true }).click();
  const no = stays.locator("details.answer-no form");
  assert.equal((await press(stays, no.locator("button[type=submit]"))).status(), 422);
  expectFault(/422/);
  await stays.locator("details.answer-no [name=reason]").fill("那天在外地开会");
  done(await press(stays, stays.locator("details.answer-no form button[type=submit]")));
  await says(stays, "您已答复：来不了。");
  // One sends somebody else, who has a link of his own.
  const sends = await newPage({ width: PHONE });
  await sends.goto(c);
  await sends.getByText("请人代替", { exact: true }).click();
  const substitute = sends.locator("form", { has: sends.locator("[name=action][value=name_substitute]") });
  await fillForm(substitute, { name: "演示替", phone: "13522220000", mail: "ti@example.com" });
  done(await press(sends, substitute.locator("button[type=submit]")));
  await says(sends, "您已请人代替参加。");
  await shot(sends, "受邀人-请人代替-390");
  const instead = await link("演示替");
  const [letter] = await until("the substitute is asked", () => to("ti@example.com").length && to("ti@example.com"));
  assert.ok(letter.text.includes(instead));

  // The seat goes back and on to the next in line, who confirms.
  await first.goto(mine);
  await first.locator("details.answer-no > summary").click();
  await first.locator("details.answer-no [name=reason]").fill("孩子发烧");
  done(await press(first, first.locator("details.answer-no form button[type=submit]")));
  await second.goto(hers);
  await says(second, "有名额空出来了，轮到您。");
  await shot(second, "受邀人-轮到您-390");
  done(await press(second, second.getByRole("button", { name: "我来，确认名额" })));
  await says(second, "您已答复：参加。到时候见。");

  // The group link leads a person to his own page, by name and four digits.
  await page.goto(`/desk/topics/${id}/answers`);
  const group = (await page.locator("main").innerText()).match(/\/g\/\S+/)[0];
  const member = await newPage({ width: PHONE });
  await member.goto(group);
  await axe(member);
  const find = member.locator("main form[method=post]");
  await fillForm(find, { name: "演示丙", digits: "9999" });
  assert.equal((await press(member, find.locator("button[type=submit]"))).status(), 422);
  expectFault(/422/);
  await fillForm(find, { name: "演示丙", digits: "0002" });
  done(await press(member, find.locator("button[type=submit]")));
  await says(member, "请您答复：来不来？");

  for (const what of ["list", "cards", "slips"]) {
    await page.goto(`/desk/topics/${id}/print?what=${what}`);
    await fits(page);
    await axe(page);
    await shot(page, `打印-${what}-1280`);
  }

  // The date is moved: everybody's page says so.
  await page.goto(plan);
  await page.getByText("改期或换场地", { exact: true }).click();
  const move = page.locator("#form-move_meeting");
  await fillForm(move, { date: dayAhead(12), reason: "会场那天有防汛演练。" });
  done(await press(page, move.locator("button[type=submit]").last()));
  await comes.goto(a);
  const [, month, day] = dayAhead(12).split("-").map(Number);
  await says(comes, `${month}月${day}日`, "您已答复：参加。到时候见。");
  const [, told] = await until("who comes is told", () => to(asked[0]).length > 1 && to(asked[0]));
  assert.match(told.subject, /^会议有变动：/);
  const moved = eventOf(told, "REQUEST");
  assert.deepEqual([moved.uid, Number(moved.sequence)], [invited.uid, 1]);
  assert.equal((moved.start - invited.start) / 86_400_000, 3);
  await until("the substitute is told", () => to("ti@example.com").length === 2);
  assert.equal(to(asked[1]).length, 1, "who does not come is left in peace");

  // A link given anew closes the old one.
  await page.goto(`/desk/topics/${id}/answers`);
  await page.locator("main").getByRole("link", { name: "演示甲", exact: true }).click();
  done(await act(page, "reissue_link"));
  assert.equal((await comes.goto(a)).status(), 410);
  expectFault(/410/);
  await says(comes, "这个链接已经作废，换了新的");
}, { timeout: 120_000 });

journey("外人打不开别人的链接，也报不了没公示的会", async () => {
  const id = await planned("还没公示的那一场");
  const visitor = client();
  assert.equal((await visitor.get(`/topics/${id}/register`)).status, 404);
  assert.equal((await visitor.get(`/topics/${id}/notice`)).status, 404);
  for (const path of [`/i/${id}/0123456789`, "/i/x/y", `/g/${id}/0123456789`]) assert.equal((await visitor.get(path)).status, 404, path);
});
