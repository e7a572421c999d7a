// Topics on their way, each as one story: who raised it, the town's three people and the public look at the same case,
// each with their own eyes.
import assert from "node:assert/strict";
import { PHONE, PREPARATION, accepted, act, fillForm, journey, photo, press, raised, topicFields, workspace } from "./harness.mjs";

/** What the topic's public page says, or the status where there is none. */
async function publicPage(page, id) {
  const response = await page.goto(`/topics/${id}`);
  return response.status() === 200 ? page.locator("main").innerText() : response.status();
}

/** Holds that somebody's page says these words. */
async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

journey("从居民提出到党委立题：三个人各办一步，公众每一步都看得到", async ({ newPage, shot, expectFault }) => {
  // A resident sends it, with a photo.
  const resident = await newPage({ width: PHONE });
  await resident.goto("/raise");
  const form = resident.locator('form[action="/raise"]');
  const { similar_seen, ...fields } = topicFields({ title: "学校后门接送点怎么安排", place: "实验小学后门" });
  await fillForm(form, fields);
  await resident.locator("[name=attachments]").setInputFiles({ name: "后门.jpg", mimeType: "image/jpeg", buffer: await photo() });
  assert.equal((await press(resident, form.locator("button[type=submit]").last())).status(), 303);
  await resident.getByRole("link", { name: "看这件议题" }).click();
  await resident.waitForURL("**/mine/*");
  const id = resident.url().match(/mine\/([0-9a-f-]{36})/)[1];
  await says(resident, "盛泽镇已收到这件议题");

  // The public does not see it yet.
  const neighbour = await newPage({ width: PHONE });
  assert.equal(await publicPage(neighbour, id), 404);
  expectFault(/404/);

  // The officer finds it on the desk, changes the words that the public will read, and takes it up.
  const officer = await newPage({ account: "shengze.gs" });
  await officer.goto("/desk");
  await officer.getByRole("link", { name: /学校后门接送点怎么安排/ }).first().waitFor();
  await shot(officer, "我的事-干事-1280");
  await workspace(officer, id, "screen");
  await says(officer, "待受理", "早晚各堵半小时，孩子上学要绕行。");
  const incomplete = await act(officer, "accept_topic", { reason: "" });
  assert.equal(incomplete.status(), 422, "a decision without words is refused");
  expectFault(/422/);
  await officer.locator(".form-summary").waitFor();
  await shot(officer, "初审-还差几项-1280");
  done(await act(officer, "accept_topic", {
    within_scope: "yes", released_matter: "早晚各堵半小时。", reason: "大家都关心，镇里受理，接着报党委定题。",
    released_files: await officer.locator("[name=released_files]").first().getAttribute("value"),
  }));
  await says(officer, "已受理");

  // Now everybody sees the released words, and only these.
  const first = await publicPage(neighbour, id);
  assert.match(first, /学校后门接送点怎么安排/);
  assert.match(first, /早晚各堵半小时。/);
  assert.doesNotMatch(first, /孩子上学要绕行|章可欣|13912345678/);
  assert.match(first, /盛泽镇已受理/);
  await neighbour.locator('main img[src^="/files/"]').first().waitFor();
  await shot(neighbour, "议题-已受理-390");
  await resident.reload();
  await says(resident, "大家都关心，镇里受理，接着报党委定题。");

  // The director prepares; what is missing is named, nobody signs yet.
  const director = await newPage({ account: "shengze.zr" });
  await workspace(director, id, "confirm");
  assert.equal(await director.locator("#form-confirm_topic").count(), 0, "who prepares does not decide");
  const { basis_hotspot_cite, ...missing } = PREPARATION;
  assert.equal((await act(director, "prepare_confirmation", missing)).status(), 422);
  expectFault(/422/);
  await says(director, "是哪个热点、从哪里反映出来的");
  assert.equal(await director.locator("[name=legality_checker]").inputValue(), "镇司法所值班人员", "what was typed stays");
  done(await act(director, "prepare_confirmation", { basis_hotspot_cite }));
  assert.match(await publicPage(neighbour, id), /等：?盛泽镇党（工）委审批立题|党（工）委审批/);

  // The party committee sends it back once, then decides.
  const approver = await newPage({ account: "shengze.dw" });
  await workspace(approver, id, "confirm");
  done(await act(approver, "send_back_preparation", { reason: "请把牵头单位写清楚。" }));
  await workspace(director, id, "confirm");
  await says(director, "请把牵头单位写清楚。");
  done(await act(director, "prepare_confirmation", { one_unit_sentence: "交警中队牵头，学校配合。" }));
  await workspace(approver, id, "confirm");
  await says(approver, "交警中队牵头，学校配合。", "12345 今年同类反映 9 件");
  await shot(approver, "立题审批-1280");
  done(await act(approver, "confirm_topic", { reason: "同意立题，请抓紧调研。" }));
  await says(approver, "已立题");

  const last = await publicPage(neighbour, id);
  assert.match(last, /已立题|党（工）委已审批立题/);
  assert.match(last, /民生热点：12345 今年同类反映 9 件/, "why it was chosen is public");
  assert.match(last, /党（工）委审批立题/);
  await shot(neighbour, "议题-已立题-390");
  await resident.reload();
  await says(resident, "同意立题，请抓紧调研。");

  // The record names every step.
  await officer.goto(`/desk/topics/${id}/ledger`);
  for (const step of ["提出议题", "受理", "准备立题审批", "退回准备", "立题"]) await says(officer, step);
});

journey("干事写了一半的答复留在这台设备里，交了、退出了就没有", async ({ newPage, signIn }) => {
  const { id } = await raised({ title: "写了一半的答复" });
  const page = await newPage();
  await signIn(page, "shengze.gs");
  const work = `/desk/topics/${id}?tab=screen`;
  const reason = () => page.locator("#form-accept_topic [name=reason]");
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("draft:desk:")).length);
  await page.goto(work);
  await reason().fill("这一段写到一半");
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith("draft:desk:")));
  await page.goto("/desk");
  await page.goto(work);
  await page.getByText("已恢复您上次没写完的内容").waitFor();
  assert.equal(await reason().inputValue(), "这一段写到一半");
  await page.locator("#form-accept_topic [name=within_scope][value=yes]").check();
  await page.locator("#form-accept_topic button[type=submit]").click();
  await page.waitForURL(/done=accept_topic/);
  assert.equal(await kept(), 0, "it was sent");

  const other = await raised({ title: "写了一半就退出" });
  await page.goto(`/desk/topics/${other.id}?tab=screen`);
  await reason().fill("退出就不留");
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith("draft:desk:")));
  await page.getByRole("button", { name: "退出" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/desk"));
  assert.equal(await kept(), 0, "the next person at this desk finds nothing");
});

journey("镇里请补充，居民凭查询码补上，接着初审", async ({ newPage }) => {
  const { id, code } = await raised({ title: "菜场门口的三轮车怎么停" });
  const officer = await newPage({ account: "shengze.gs" });
  await workspace(officer, id, "screen");
  done(await act(officer, "return_topic", { question: "一天大概停多少辆？哪个时段最多？", reason: "值得商量，还差一点情况。" }));
  await says(officer, "待补正");

  const resident = await newPage({ width: PHONE });
  await resident.goto("/lookup");
  await resident.locator("main [name=code]").fill(code);
  await press(resident, resident.locator("main form[action='/lookup'] button"));
  await says(resident, "一天大概停多少辆？哪个时段最多？", "值得商量，还差一点情况。");
  const form = resident.locator("form", { has: resident.locator("[name=answer]") });
  assert.equal(await form.locator("[name=matter]").inputValue(), "早晚各堵半小时，孩子上学要绕行。", "what was sent need not be typed again");
  await fillForm(form, { answer: "六十多辆，早上六点到八点最多。", place: "东港菜场南门" });
  done(await press(resident, form.locator("button[type=submit]").last()));
  await says(resident, "补充说明已经交回");

  await workspace(officer, id, "screen");
  await says(officer, "六十多辆，早上六点到八点最多。", "东港菜场南门", "待受理");
  // What was sent first stays beside it.
  await officer.getByText(/看先前的 1 版/).first().click();
  await officer.getByText("东港桥头", { exact: true }).first().waitFor();
});

journey("不归协商的转给该办的单位，居民看得到转给谁、为什么", async ({ newPage, expectFault }) => {
  const { id, resident } = await raised({ title: "邻居的空调外机对着我家窗" });
  const officer = await newPage({ account: "shengze.gs" });
  await workspace(officer, id, "screen");
  assert.equal((await act(officer, "transfer_topic", { exclusion: "civil_dispute", reason: "这是两户之间的事。" })).status(), 422);
  expectFault(/422/);
  done(await act(officer, "transfer_topic", { exclusion: "civil_dispute", transfer_to: "盛泽镇司法所", reason: "这是两户之间的事。" }));
  await says(officer, "已转办");
  (await resident.get(`/mine/${id}`)).is(200, "盛泽镇司法所").is(200, "这是两户之间的事。");
  assert.equal(await publicPage(officer, id), 404, "it never was public");
  expectFault(/404/);
});

journey("并案把关心的人一并带过去，撤销时一并带回来", async ({ newPage, client }) => {
  const target = await accepted({ title: "西港路口要不要装红绿灯" });
  const other = await accepted({ title: "西港路口车太快了怎么办" });
  for (const [id, n] of [[target.id, 1], [other.id, 2]]) {
    for (let i = 0; i < n; i += 1) (await client().post(`/topics/${id}`, { action: "support" })).is(303);
  }
  const count = async (page, id) => Number((await publicPage(page, id)).match(/我也关心 · (\d+)/)?.[1]);
  const officer = await newPage({ account: "shengze.gs" });
  const neighbour = await newPage();
  await workspace(officer, other.id, "screen");
  done(await act(officer, "merge_topic", { target: target.id, reason: "说的是同一个路口，合在一起商量。" }));
  await says(officer, "已并案");
  assert.equal(await count(neighbour, target.id), 3);
  assert.match(await publicPage(neighbour, other.id), /并入：\s*西港路口要不要装红绿灯/);
  assert.ok(!(await client().get("/topics?q=西港路口车太快")).text.includes(`/topics/${other.id}`), "found under its target only");
  (await other.resident.get(`/mine/${other.id}`)).is(200, "说的是同一个路口");

  await workspace(officer, other.id, "screen");
  done(await act(officer, "undo_merge", { reason: "一个要灯一个要限速，分开谈更清楚。" }));
  await says(officer, "已受理");
  assert.equal(await count(neighbour, target.id), 1);
  assert.equal(await count(neighbour, other.id), 2);
});

journey("并入的那件一立题，就不能再拆开", async ({ newPage, officer, expectFault }) => {
  const target = await accepted({ title: "南草圩健身角放在哪里" });
  const other = await raised({ title: "南草圩没有健身器材" });
  const screener = await newPage({ account: "shengze.gs" });
  await workspace(screener, other.id, "screen");
  done(await act(screener, "merge_topic", { target: target.id, reason: "同一处的事。" }));
  await workspace(screener, other.id, "screen");
  assert.equal(await screener.locator("#form-undo_merge").count(), 1, "it can be taken back so far");
  const director = await officer("shengze.zr");
  (await director.submit(`/desk/topics/${target.id}?tab=confirm`, ["action", "prepare_confirmation"], PREPARATION)).is(303);
  const approver = await officer("shengze.dw");
  (await approver.submit(`/desk/topics/${target.id}?tab=confirm`, ["action", "confirm_topic"], { reason: "同意。" })).is(303);
  // The page from before still offers it; the answer says why not.
  const answer = await act(screener, "undo_merge", { reason: "想拆开。" });
  assert.equal(answer.status(), 409);
  expectFault(/409/);
  await says(screener, "立题以后不能再拆开");
});

journey("不予立题要说明理由；理由里写了别人电话会被拦下", async ({ newPage, expectFault }) => {
  const { id, resident } = await raised({ title: "建议全镇公交都免费" });
  const officer = await newPage({ account: "shengze.gs" });
  await workspace(officer, id, "screen");
  const answer = await act(officer, "decline_topic", { reason: "请打 13811112222 找老李问。" });
  assert.equal(answer.status(), 422);
  expectFault(/422/);
  await says(officer, "理由里像是有手机号码");
  done(await act(officer, "decline_topic", { reason: "公交票价由市里统一定，意见已转给交通部门参考。" }));
  await says(officer, "不予立题");
  (await resident.get(`/mine/${id}`)).is(200, "公交票价由市里统一定");
});

journey("居民凭查询码撤回；已经公开的，页面还在并写明已撤回", async ({ newPage, client }) => {
  const { id, code } = await accepted({ title: "河埠头的石阶要不要换" });
  const resident = await newPage({ width: PHONE });
  await resident.goto("/lookup");
  await resident.locator("main [name=code]").fill(code.replace(/[\s-]/g, "").toLowerCase());
  await press(resident, resident.locator("main form[action='/lookup'] button"));
  await resident.getByRole("link", { name: "去撤回" }).click();
  await resident.waitForURL("**/withdraw");
  done(await press(resident, resident.getByRole("button", { name: "确定撤回" })));
  await says(resident, "议题已经撤回");
  assert.equal(await resident.getByRole("link", { name: "去撤回" }).count(), 0);

  assert.match(await publicPage(resident, id), /撤回了这件议题/);
  assert.equal(await resident.locator("form[data-support]").count(), 0, "there is nothing left to support");
  (await client().post(`/topics/${id}`, { action: "support" })).is(409);
  (await client().get(`/topics/${id}/comment`)).is(409);
});

journey("主任暂缓到一个日子再恢复，公众和提出人都看得到理由", async ({ newPage, expectFault }) => {
  const { id, resident } = await accepted({ title: "老街排水要不要先探一遍" });
  const director = await newPage({ account: "shengze.zr" });
  await workspace(director, id);
  const far = new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10);
  assert.equal((await act(director, "suspend_topic", { reason: "等水务排查结果。", review_on: far })).status(), 422);
  expectFault(/422/);
  await says(director, /复核日期要在明天以后/);
  const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  done(await act(director, "suspend_topic", { reason: "等水务排查结果。", review_on: day }));
  await says(director, "暂缓");
  const neighbour = await newPage({ width: PHONE });
  assert.match(await publicPage(neighbour, id), /暂缓办理，停在「已受理」/);
  (await resident.get(`/mine/${id}`)).is(200, "等水务排查结果。");
  await workspace(director, id);
  done(await act(director, "resume_topic", { reason: "排查好了。" }));
  await says(director, "已受理");
  assert.match(await publicPage(neighbour, id), /盛泽镇已受理/);
});

journey("终止由党委写明理由，公众看得到，不再接收留言", async ({ newPage, client }) => {
  const { id } = await accepted({ title: "旧粮站改成停车场行不行" });
  const approver = await newPage({ account: "shengze.dw" });
  await workspace(approver, id);
  done(await act(approver, "terminate_topic", { reason: "地块已纳入片区规划，由规划公示听取意见。" }));
  await says(approver, "已终止");
  const words = await publicPage(approver, id);
  assert.match(words, /党（工）委审批终止/);
  assert.match(words, /理由：地块已纳入片区规划/);
  (await client().get(`/topics/${id}/comment`)).is(409, "已终止");
});

journey("查询码丢了，报对手机号就补发；旧的当场作废，报错了不给", async ({ newPage, client, expectFault }) => {
  const { id, code, resident } = await raised({ title: "查询码丢了的那一件", contact_phone: "13700001234" });
  const officer = await newPage({ account: "shengze.gs" });
  await workspace(officer, id);
  assert.match(await officer.locator("main").innerText(), /137\*\*\*\*1234/, "the number is hidden until it is needed");
  assert.doesNotMatch(await officer.content(), /13700001234/);
  assert.equal((await act(officer, "reissue_code", { phone: "13700009999" })).status(), 422);
  expectFault(/422/);
  await says(officer, /对不上/);
  assert.equal((await act(officer, "reissue_code", { phone: "137-0000-1234" })).status(), 200);
  const fresh = (await officer.locator(".code").first().textContent()).trim();
  assert.notEqual(fresh, code);
  (await client().post("/lookup", { code })).is(422, "没有找到这个查询码");
  (await resident.get(`/mine/${id}`)).is(404);
  (await client().post("/lookup", { code: fresh })).is(303);
});

journey("看提出人的电话要写用途，看一次记一次", async ({ newPage, officer, expectFault }) => {
  const { id } = await raised({ title: "要打电话问一问的那件", contact_phone: "13700005678" });
  const page = await newPage({ account: "shengze.gs" });
  await workspace(page, id);
  assert.equal((await act(page, "view_contact", { purpose: "" })).status(), 422);
  expectFault(/422/);
  await act(page, "view_contact", { purpose: "请他补一张照片" });
  await says(page, "13700005678", "请他补一张照片");
  await workspace(page, id);
  await says(page, "看过电话的记录（1 次）");
  await page.goto(`/desk/topics/${id}/ledger`);
  await says(page, "查看联系方式");
  assert.doesNotMatch(await page.content(), /13700005678/, "the record itself holds no number");
  (await (await officer("shengze.dw")).post(`/desk/topics/${id}`, { action: "view_contact", purpose: "看看" })).is(403);
});

journey("初审记录写错了，另记一版更正，旧的留在旁边", async ({ newPage, expectFault }) => {
  const { id, resident } = await raised({ title: "转错了单位的那一件" });
  const officer = await newPage({ account: "shengze.gs" });
  await workspace(officer, id, "screen");
  done(await act(officer, "transfer_topic", { exclusion: "complaint", transfer_to: "镇城建办", reason: "物业投诉，由主管单位办。" }));
  await workspace(officer, id, "screen");
  assert.equal((await act(officer, "correct_screening", { transfer_to: "镇物业管理办公室", correction: "" })).status(), 422, "why it is corrected must be said");
  expectFault(/422/);
  done(await act(officer, "correct_screening", { transfer_to: "镇物业管理办公室", correction: "单位名称写错了。" }));
  await says(officer, "镇物业管理办公室", "单位名称写错了。");
  await officer.getByText(/看先前的 1 版/).last().click();
  await officer.getByText("镇城建办", { exact: true }).first().waitFor();
  (await resident.get(`/mine/${id}`)).is(200, "镇物业管理办公室");
});

journey("两个窗口同时改公开稿，后交的看到两边差在哪里，写的还在", async ({ newPage, shot, expectFault }) => {
  const { id } = await accepted({ title: "两个窗口同时改的那一件" });
  const one = await newPage({ account: "shengze.gs" });
  const two = await newPage({ account: "shengze.gs" });
  await workspace(one, id, "screen");
  await workspace(two, id, "screen");
  done(await act(one, "revise_edition", { released_matter: "早晚各堵四十分钟。", reason: "核对了时间。" }));
  const answer = await act(two, "revise_edition", { released_matter: "早晚各堵一小时。", reason: "听说更久。" });
  assert.equal(answer.status(), 409);
  expectFault(/409/);
  await says(two, "早晚各堵四十分钟。");
  await two.locator("del", { hasText: "早晚各堵四十分钟。" }).waitFor();
  await two.locator("ins", { hasText: "早晚各堵一小时。" }).waitFor();
  assert.equal(await two.locator("#form-revise_edition [name=released_matter]").inputValue(), "早晚各堵一小时。");
  await shot(two, "公开稿-两边差在哪里-1280");
  // Sent again with the difference seen, it holds.
  done(await act(two, "revise_edition", { released_matter: "早晚各堵四十到六十分钟。" }));
  assert.match(await publicPage(two, id), /早晚各堵四十到六十分钟。/);
});

journey("有人来访，干事代录，注明来访，照样给查询码", async ({ newPage, expectFault }) => {
  const officer = await newPage({ account: "shengze.gs" });
  await officer.goto("/desk/record");
  const form = officer.locator("main form", { has: officer.locator("[name=reached_by]") });
  const { similar_seen, town, consent_privacy, contact_phone, ...fields } = topicFields({ title: "代录的河道保洁怎么排" });
  const source = await form.locator("[name=source]").count();
  await fillForm(form, { ...fields, ...(source && { source: "public_solicited" }) });
  assert.equal((await press(officer, form.locator("button[type=submit]").last())).status(), 422, "how the person was reached must be said");
  expectFault(/422/);
  const kind = await form.locator("[name=reached_by]").first().evaluate((field) => field.type);
  const first = kind === "radio" ? form.locator("[name=reached_by]").first() : null;
  if (first) await first.check();
  else await form.locator("[name=reached_by]").selectOption({ index: 1 });
  if (await form.locator("[name=consent_privacy]").count()) await form.locator("[name=consent_privacy]").check();
  await press(officer, form.locator("button[type=submit]").last());
  await officer.locator(".code").first().waitFor();
});
