// The research before the meeting: who leads it, a visit recorded on the phone while the network is gone, the report,
// and a questionnaire that residents answer without an account.
import assert from "node:assert/strict";
import {
  PHONE, PREPARATION, accepted, act, axe, client, fillForm, journey, officer, photo, press, shot,
} from "./harness.mjs";

/** A topic that the party committee has chosen, without a browser. */
async function confirmed(changes = {}) {
  const topic = await accepted(changes);
  const path = `/desk/topics/${topic.id}?tab=confirm`;
  (await (await officer("shengze.zr")).submit(path, ["action", "prepare_confirmation"], PREPARATION)).is(303);
  (await (await officer("shengze.dw")).submit(path, ["action", "confirm_topic"], { reason: "同意立题。" })).is(303);
  return topic;
}

/** The same, with somebody who leads its research. */
async function researching(changes = {}) {
  const topic = await confirmed(changes);
  const who = await officer("shengze.zr");
  const board = (await who.get(`/desk/topics/${topic.id}/research`)).is(200);
  const lead = board.text.match(/<option value="([0-9a-f-]{36})"[^>]*>顾采薇/)[1];
  (await who.submit(`/desk/topics/${topic.id}/research`, ["action", "assign_lead"], { lead })).is(303);
  return topic;
}

const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than its window`);
}

journey("委员带队调研：定人、断网记走访、交报告", async ({ newPage, expectFault }) => {
  const { id } = await confirmed({ title: "东港桥头怎么走才不堵" });
  const board = `/desk/topics/${id}/research`;

  const director = await newPage({ account: "shengze.zr" });
  await director.goto("/desk");
  await says(director, /定调研负责人：东港桥头怎么走才不堵/);
  await director.goto(board);
  await says(director, "还没有选调研负责人");
  await shot(director, "调研-定负责人-1280");
  assert.equal((await act(director, "assign_lead", {})).status(), 422, "nobody was chosen");
  expectFault(/422/);
  done(await act(director, "assign_lead", { lead: { label: "顾采薇（政协委员）" } }));
  await says(director, "调研负责人已经定下，调研开始。");

  // The member has no desk of the town, and finds it with its day all the same.
  const member = await newPage({ width: PHONE, account: "weiyuan" });
  await member.goto("/desk");
  await says(member, /调研：东港桥头怎么走才不堵/);
  await shot(member, "我的事-调研负责人-390");
  await member.goto(board);
  await says(member, "还没有走访记录", "还没有调研报告");
  await fits(member);
  await axe(member);
  await shot(member, "调研-空-390");
  await member.getByRole("link", { name: "记一次走访", exact: true }).click();
  await member.waitForURL("**/visit");

  // What is missing is named; what was typed stays.
  const visit = member.locator("form[data-offline]");
  await fillForm(visit, { place: "东港桥头", heard_stakeholder: "3" });
  assert.equal((await press(member, visit.locator("button[type=submit]").first())).status(), 422);
  expectFault(/422/);
  await says(member, "听了人，请写他们说了什么。");
  assert.equal(await visit.locator("[name=heard_stakeholder]").inputValue(), "3");
  await shot(member, "走访-要改-390");

  // Without a network it is kept whole, with its photo; the page is fresh for the next one.
  await member.goto(`/desk/topics/${id}/visit`);
  await fits(member);
  await axe(member);
  await shot(member, "走访-空-390");
  await fillForm(visit, {
    method: "visit", place: "东港桥头", heard_stakeholder: "3", heard_unknown: "2", members: "1", member_names: "顾采薇",
    said: "早高峰两头顶牛，谁也不让。", seen_there: "桥面没有中线。",
  });
  await visit.locator("[name=photos]").setInputFiles({ name: "桥头.jpg", mimeType: "image/jpeg", buffer: await photo() });
  const first = await visit.locator("[name=request_id]").inputValue();
  await member.context().setOffline(true);
  await visit.locator("button[type=submit]").first().click();
  await says(member, "没有网络，先放在这台设备里，连上网自动补交。");
  await shot(member, "走访-断网-390");
  assert.equal(await visit.locator("[name=said]").inputValue(), "", "the next visit begins empty");
  assert.notEqual(await visit.locator("[name=request_id]").inputValue(), first, "and is another one");
  const draft = await member.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("draft:visit")));
  assert.deepEqual(draft, [], "no draft is left beside it");

  await member.context().setOffline(false);
  await says(member, "先前放在这台设备里的 1 份已经补交。");
  expectFault(/ERR_INTERNET_DISCONNECTED/);
  await member.goto(board);
  await says(member, "早高峰两头顶牛，谁也不让。", "利益相关方 3 人，现场问到 2 人");
  assert.equal(await member.locator("#visits .short-list > li").count(), 1, "it was sent once");
  await member.locator('#visits img[src^="/files/"]').waitFor();

  // The same form once more, as two pages might send it: still one visit.
  const again = await officer("weiyuan");
  const fields = {
    request_id: crypto.randomUUID(), on: "2026-03-01", method: "talk", place: "桥东社区", heard_village: "2", said: "愿意配合。",
    seen_there: "", members: "", member_names: "", heard_unknown: "",
  };
  for (const _ of [1, 2]) (await again.post(`/desk/topics/${id}/visit`, fields, { files: [] })).is(303);
  await member.goto(board);
  assert.equal(await member.locator("#visits .short-list > li").count(), 2, "sent twice, recorded once");

  // The report: saved, then filed; the gate says what the sheet says.
  const refused = await press(member, member.locator(".col-sheet button").last());
  assert.equal(refused.status(), 422, "there is no report yet");
  expectFault(/422/);
  await says(member, "还没有调研报告，至少 1 份");
  assert.match(await member.locator("[name=places]").inputValue(), /东港桥头/, "taken over from the visits");
  done(await act(member, "save_report", {
    findings: "早晚各堵半小时，没有中线，两边都不让。", issues: "桥面要不要划中线\n高峰谁先走", figures: "早高峰一刻钟 62 辆。",
    suggestions: "先划中线，高峰单边放行。",
  }));
  await says(member, "调研报告已经存下，还没有交。", "交调研报告");
  await shot(member, "调研-齐了-390");
  const wide = await newPage({ account: "shengze.gs" });
  await wide.goto(board);
  await fits(wide);
  await shot(wide, "调研-齐了-1280");
  done(await press(member, member.locator(".col-sheet button").last()));
  await says(member, "调研报告已经交了，接着筹备会商。", "筹备中");

  const public_ = await newPage({ width: PHONE });
  await public_.goto(`/topics/${id}`);
  await says(public_, /调研完成：走访 2 次，听取 7 人的意见/);
  const text = await public_.locator("main").innerText();
  assert.doesNotMatch(text, /顶牛|顾采薇|尚未由系统执行/, "what was said and who went is not public");
});

journey("问卷不用脚本也能答，一个浏览器答一次", async ({ newPage, expectFault }) => {
  const { id } = await researching({ title: "桥头问卷用的那件" });
  const who = await newPage({ account: "shengze.gs" });
  await who.goto(`/desk/topics/${id}/questionnaire`);
  await shot(who, "问卷-开-1280");
  const form = who.locator("form", { has: who.locator("[name=q1_text]") });
  await fillForm(form, {
    title: "您从桥上怎么过", intro: "用来定早晚高峰的走法。", q1_text: "您几点过桥", q1_kind: "single", q1_options: "七点前\n七点到八点\n八点后",
    q2_text: "桥上打几分", q2_kind: "scale", q3_text: "您还想说什么", q3_kind: "text",
  });
  done(await press(who, form.getByRole("button", { name: "开问卷" })));
  await says(who, "问卷已经开了", "收到 0 份答卷");
  await axe(who);
  await shot(who, "问卷-二维码-1280");
  const link = await who.locator('main a[href^="/q/"]').getAttribute("href");
  assert.match(await who.locator(`main a[href="${link}"]`).innerText(), /^http:\/\/127\.0\.0\.1:\d+\/q\//);

  const resident = await newPage({ width: PHONE, js: false });
  await resident.goto(`/topics/${id}`);
  await resident.getByRole("link", { name: "调研问卷：您从桥上怎么过" }).click();
  await resident.waitForURL("**/q/*");
  await fits(resident);
  await shot(resident, "问卷-答-390");
  const answer = resident.locator('form[action^="/q/"]');
  await answer.getByLabel("七点到八点").check();
  await fillForm(answer, { q3: "打我电话 13812345678" });
  assert.equal((await press(resident, answer.getByRole("button", { name: "交答卷" }))).status(), 422);
  expectFault(/422/);
  await says(resident, "像是写了电话或证件号");
  assert.ok(await answer.getByLabel("七点到八点").isChecked(), "what was chosen stays");
  await fillForm(answer, { q3: "划一条中线就好。" });
  done(await press(resident, answer.getByRole("button", { name: "交答卷" })));
  await says(resident, "答卷收到了，谢谢您");
  await resident.goto(link);
  await says(resident, "一个浏览器答一次");
  assert.equal(await answer.count(), 0);

  for (let n = 0; n < 5; n += 1) {
    const other = client();
    (await other.submit(link, ["request_id", ""], { q1: String((n % 3) + 1), q2: "4" })).is(303);
    (await other.post(link, { q1: "1" })).is(409, "一个浏览器答一次");
  }
  await who.reload();
  await says(who, "收到 6 份答卷");
  assert.doesNotMatch(await who.locator("main").innerText(), /划一条中线/, "nothing is shown before it is closed");
  done(await press(who, who.getByRole("button", { name: "现在收" })));
  await says(who, "收到 6 份答卷，已经收了", "划一条中线就好。", "6 人答");
  await axe(who);
  await fits(who);
  await shot(who, "问卷-结果-1280");
  const phone = await newPage({ width: PHONE, account: "weiyuan" });
  await phone.goto(who.url());
  await fits(phone);
  await shot(phone, "问卷-结果-390");
  (await client().get(link)).is(200, "已经截止");
});
