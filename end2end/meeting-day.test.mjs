// The day of a meeting: the demo's second announced topic begins when the demo does. People are checked in on the list, by
// short code, by their own link and as walk-ins; the meeting is opened, run, and closed. Most of it without scripts.
import assert from "node:assert/strict";
import { DESK, PASSWORD, PHONE, axe, client, daysLater, fillForm, journey, officer, press, shot } from "./harness.mjs";

const TITLE = "北麻漾清淤后的护岸管护由谁负责";

const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

/** Looks at a page at one width. */
async function see(page, name) {
  await fits(page);
  await shot(page, name);
}

/** The same where scripts run, and that it holds no barrier. */
async function look(page, name) {
  await see(page, name);
  await axe(page);
}

/** Waits until a page that nobody touches shows this: it follows the meeting by itself. */
async function follows(page, words, within = 2000) {
  await page.locator("main").getByText(words).first().waitFor({ timeout: within });
}

/** Waits until a page listens to the meeting. */
async function listens(page) {
  await page.locator("[data-line=open]").waitFor({ state: "attached", timeout: 5000 });
}

/** The form of a page that carries out this step. */
const form = (page, step) => page.locator("main form", { has: page.locator(`[name=action][value=${step}]`) });

const send = async (page, step, fields = {}) => {
  const one = form(page, step).first();
  await fillForm(one, fields);
  return press(page, one.locator("button[type=submit]").last());
};

journey("开会那天：签到、宣布开会、发言、表决、交办、闭会", async ({ newPage, expectFault }) => {
  const desk = await officer("shengze.gs");
  const list = (await desk.get(`/desk/topics?q=${encodeURIComponent(TITLE)}`)).is(200).text;
  const id = list.match(/href="\/desk\/topics\/([0-9a-f-]{36})"/)[1];
  const door = `/desk/topics/${id}/door`;

  // The door, on a tablet and without scripts.
  const tablet = await newPage({ width: 820, js: false, account: "shengze.gs" });
  await tablet.goto(door);
  await see(tablet, "签到-还没开始-820");
  done(await send(tablet, "open_door"));
  await says(tablet, "签到中", /还差 \d+ 项，暂不能开会/);
  const tick = (name) => tablet.getByRole("button", { name: `${name} 签到`, exact: true });
  for (let n = 0; n < 2; n += 1) done(await press(tablet, tablet.locator("button[name=account]").first()));
  // The members of the committee stand first on the list.
  for (let n = 0; n < 2; n += 1) done(await press(tablet, tablet.locator("button[name=invitee]").first()));
  for (const name of ["钮水根", "凌秋月", "郁小满", "汝长林", "计春燕", "濮阳静", "宓工"]) {
    done(await press(tablet, tick(name)));
  }
  await says(tablet, "宓工（企业和社会组织）已签到。");
  // A wrong tick is taken back.
  const row = tablet.locator(".door-row", { hasText: "宓工" });
  done(await press(tablet, row.getByRole("button", { name: "撤销" })));
  done(await press(tablet, tick("宓工")));
  // By the short code of the list.
  const code = (await tablet.locator(".door-row", { hasText: "卞阿秀" }).innerText()).match(/短码 ([2-9A-Z]{6})/)[1];
  assert.equal((await send(tablet, "check_in", { code: "ABCDEF" })).status(), 422);
  expectFault(/422/);
  done(await send(tablet, "check_in", { code: code.toLowerCase() }));
  await says(tablet, "卞阿秀（村（社区））已签到。");
  // Somebody who was not asked.
  await tablet.getByText("名单上没有的人来了", { exact: true }).click();
  done(await send(tablet, "add_walk_in", { name: "过路的", category: "public" }));
  await see(tablet, "签到-820");
  const phone = await newPage({ width: PHONE, account: "shengze.gs" });
  await phone.goto(door);
  await look(phone, "签到-390");

  // Another device at the door, for a while without a network.
  const gate = await newPage({ width: 820, account: "shengze.gs" });
  await gate.goto(door);
  await gate.locator("#door .door-line").getByText(/^在线$/).waitFor();
  await gate.context().setOffline(true);
  const line = gate.locator("#door .door-line");
  await line.getByText("断网，照常签到").waitFor();
  await gate.getByRole("button", { name: "皮志强 签到", exact: true }).click();
  await line.getByText("断网，已存 1 条").waitFor();
  // Something fails to load meanwhile, whether the browser has said so by now or says it later.
  const failed = gate.evaluate(() => fetch("/health").then(() => false, () => true));
  assert.ok(await failed, "the network is away");
  await gate.context().setOffline(false);
  await gate.evaluate(() => fetch("/health").then((answer) => answer.text()));
  expectFault(/ERR_INTERNET_DISCONNECTED/);
  for (let tries = 0; ; tries += 1) {
    await tablet.goto(door);
    if (/签到/.test(await tablet.locator(".door-row", { hasText: "皮志强" }).locator(".door-here").innerText({ timeout: 1000 }).catch(() => ""))) break;
    assert.ok(tries < 20, "what was ticked without a network arrives");
  }
  await gate.close();

  // A member of the public checks in alone, with the code on the screen.
  const answers = (await desk.get(`/desk/topics/${id}/answers`)).text;
  const person = answers.match(/<a href="(\/desk\/topics\/[^"]+\/answers\/[0-9a-f-]{36})"[^>]*>蔺大海</)[1];
  const link = (await desk.get(person)).text.match(/\/i\/[0-9a-f-]{36}\/[0-9a-f]{40}/)[0];
  const own = await newPage({ width: PHONE, js: false });
  await own.goto(link);
  assert.equal((await send(own, "check_in_self", { door_code: "x" })).status(), 422);
  expectFault(/422/);
  const screen = await newPage({ width: DESK, account: "shengze.gs" });
  await screen.goto(`${door}/screen`);
  await look(screen, "门口屏幕-1280");
  const digits = (await screen.locator(".door-code").innerText()).trim();
  done(await send(own, "check_in_self", { door_code: digits }));
  await says(own, "签到好了，请进。");
  await see(own, "受邀人-已签到-390");

  // Opening it: what is only advised takes a word.
  await tablet.goto(door);
  const remark = tablet.locator("[name=remark]");
  if (await remark.count()) await remark.fill("各方主要的人都到了，照样开。");
  done(await press(tablet, form(tablet, "convene_meeting").locator("button[type=submit]")));
  await says(tablet, "会议进行中");
  assert.match((await client().get(`/topics/${id}/notice`)).says(), /已经召开/);

  // The console.
  const page = await newPage({ width: DESK, account: "shengze.gs" });
  const console = `/desk/topics/${id}/console`;
  await page.goto(console);
  await look(page, "会场-1280");
  await phone.goto(console);
  await look(phone, "会场-390");
  // The room's screen and a telephone that nobody touches from now on; neither loads the compiled code.
  const room = await newPage({ width: 1920 });
  const telephone = await newPage({ width: PHONE });
  const loaded = [];
  for (const one of [room, telephone]) one.on("request", (request) => loaded.push(request.url()));
  await room.goto(`/topics/${id}/screen`);
  await telephone.goto(link);
  for (const one of [room, telephone, page]) await listens(one);
  assert.ok(loaded.every((address) => !address.endsWith(".wasm")), "no page of the room loads compiled code");
  const segment = await form(page, "next_segment").locator("button").innerText();
  done(await send(page, "next_segment"));
  await follows(room, `现在是${segment.replace("进入", "")}`);
  await own.goto(link);
  done(await send(own, "ask_to_speak"));
  await says(own, "您排在第一位，下一个就是您。");
  await follows(telephone, "您排在第一位，下一个就是您。");
  await follows(page, "没有人在说，右边有人等着。");
  await see(telephone, "受邀人-等着说-390");
  done(await press(page, page.getByRole("button", { name: "请下一位说" })));
  await says(page, "蔺大海");
  await follows(telephone, "轮到您说了。");
  await look(telephone, "受邀人-轮到-390");
  await own.goto(link);
  await says(own, "轮到您说了。");
  // The screen of the room names nobody who did not agree to it.
  await follows(room, "群众代表 蔺**");
  assert.doesNotMatch(await room.locator("main").innerText(), /蔺大海/);
  const first = await room.locator(".speech-figure").innerText();
  await room.waitForFunction((before) => document.querySelector(".speech-figure").textContent !== before, first);
  await look(room, "大屏-1920");
  for (const width of [DESK, PHONE]) {
    const small = await newPage({ width });
    await small.goto(`/topics/${id}/screen`);
    await look(small, `大屏-${width}`);
  }
  done(await press(page, page.getByRole("button", { name: "加 1 分钟" })));
  await follows(page, "共 6:00");
  // The bell, as if the time were there.
  await page.evaluate(() => { document.querySelector(".speech-clock").dataset.elapsed = 301; });
  await page.locator(".speech-clock.bell").waitFor({ timeout: 5000 });
  await page.locator("html[data-rung='1']").waitFor({ state: "attached", timeout: 5000 });

  // What is noted saves itself, also after a while without a network, and after the page went away in mid-sentence.
  const note = page.locator("[name=words]");
  const saved = page.locator("[data-saved]");
  const keeps = (words) => saved.getByText(words).waitFor({ timeout: 12_000 });
  await note.fill("东岸三处护岸松了。");
  await keeps("已存");
  await page.context().setOffline(true);
  await note.fill("东岸三处护岸松了，汛期前");
  await keeps("没有网络");
  await look(page, "会场-没有网络-1280");
  await page.context().setOffline(false);
  await keeps("已存");
  expectFault(/ERR_INTERNET_DISCONNECTED/);
  await note.fill("东岸三处护岸松了，汛期前要有人管。");
  // Sent by the page that was left or by the one that came, it reaches the server and nothing is left here.
  await page.goto(console);
  await page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith("note:")), null, { timeout: 12_000 });
  await page.goto(console);
  assert.equal(await note.inputValue(), "东岸三处护岸松了，汛期前要有人管。");
  // Another window wrote meanwhile: both are kept.
  const other = await newPage({ width: DESK, account: "shengze.zr" });
  await other.goto(console);
  await other.locator("[name=words]").focus();
  await note.fill("东岸三处护岸松了，汛期前要有人管、有人修。");
  await page.getByRole("button", { name: "记下要点" }).click();
  await keeps("已存");
  await page.evaluate(() => { document.querySelector("[data-note]").dataset.before = ""; });
  await other.locator("[name=words]").fill("建议分段包干。");
  await other.getByRole("button", { name: "记下要点" }).click();
  await says(other, "别人刚记过这一条", "建议分段包干。");
  // The part is shown anew when nobody writes in it any more, and goes on saying that it was saved.
  await page.locator("[data-note]:not([data-before])").waitFor();
  assert.match(await saved.innerText(), /^已存/);
  assert.equal(await other.locator("[name=words]").inputValue(), "建议分段包干。");
  await look(other, "会场-两份-1280");
  await other.locator("[name=words]").fill("东岸三处护岸松了，汛期前要有人管、有人修。建议分段包干。");
  await other.getByRole("button", { name: "记下要点" }).click();
  await other.locator("[data-saved]").getByText("已存").waitFor({ timeout: 12_000 });
  await page.goto(console);
  assert.match(await note.inputValue(), /有人修。建议分段包干。/);
  await page.getByText("请部门回应", { exact: true }).click();
  done(await send(page, "call_response"));
  await says(page, "濮阳静");
  await look(page, "会场-部门回应-1280");
  done(await press(page, page.getByRole("button", { name: "停表" })));

  // A secret poll: one vote each, and nobody sees who chose what.
  await page.getByText("发起表决", { exact: true }).click();
  const poll = form(page, "open_poll");
  await fillForm(poll, { question: "三个村分段包干，您同意吗", secret: "yes" });
  done(await press(page, poll.locator("button[type=submit]")));
  await own.goto(link);
  await see(own, "受邀人-表决-390");
  await own.getByLabel("同意", { exact: true }).check();
  done(await press(own, own.getByRole("button", { name: "投票" })));
  await says(own, "您已经投了。");
  await follows(room, /已投 1\//);
  await follows(page, /已投 1\//);
  await see(room, "大屏-表决-1920");
  done(await send(page, "close_poll"));
  await says(page, "无记名的不显示结果");

  // A matter is handed over, the meeting rests, goes on and is closed.
  await page.getByText("现场交办", { exact: true }).first().click();
  const hand = form(page, "hand_over");
  const unit = await hand.locator("[name=unit] option").nth(1).getAttribute("value");
  const due = new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10);
  await fillForm(hand, { unit, matter: "先把三处松动的护岸加固。", due_on: due });
  done(await press(page, hand.locator("button[type=submit]")));
  await says(page, "先把三处松动的护岸加固。");
  done(await send(page, "pause_meeting"));
  done(await send(page, "resume_meeting"));
  done(await send(page, "close_meeting"));
  await says(page, "会议结束了，接着写纪要。");
  await follows(room, "会议已经开完了，纪要签发以后在这里公布。");
  await follows(telephone, "会议已经召开。");
  await look(page, "会场-闭会-1280");
  const todo = (await desk.get("/desk")).is(200).says();
  assert.match(todo, new RegExp(`写纪要：${TITLE}`), "what comes next stands on the desk");

  // The minutes, from that record.
  const minutes = `/desk/topics/${id}/minutes`;
  const write = await newPage({ width: DESK, js: false, account: "shengze.gs" });
  await write.goto(minutes);
  await see(write, "起草纪要-1280");
  done(await send(write, "start_minutes"));
  const text = (part) => write.locator(`#form-${part} textarea[name=${part}]`);
  assert.match(await text("opinions").inputValue(), /群众代表 蔺大海：.*护岸/);
  assert.match(await write.locator("#form-outcomes [name=item_0_words]").inputValue(), /先把三处松动的护岸加固/);
  assert.equal((await send(write, "circulate_minutes")).status(), 422);
  expectFault(/422/);
  await says(write, /还没有写分歧/);
  for (const [part, words] of [["consensus", "三个村分段包干，水务站每月看一次。"], ["dissent", "无"]]) {
    await fillForm(write.locator(`#form-${part}`), { [part]: words });
    done(await press(write, write.locator(`#form-${part} button[type=submit]`)));
  }
  done(await send(write, "circulate_minutes"));
  // Whoever was there corrects it, and is answered.
  await own.goto(`${link}/minutes`);
  const ask = form(own, "reply_to_minutes").nth(1);
  await ask.evaluate((one) => one.closest("details").setAttribute("open", ""));
  await fillForm(ask, { section: "consensus", words: "请写上西岸也要看。" });
  done(await press(own, ask.locator("button[type=submit]")));
  await fillForm(write.locator("#form-consensus"), { consensus: "三个村分段包干，水务站每月东岸西岸都看一次。" });
  await write.goto(minutes);
  await fillForm(write.locator("#form-consensus"), { consensus: "三个村分段包干，水务站每月东岸西岸都看一次。" });
  done(await press(write, write.locator("#form-consensus button[type=submit]")));
  const answer = form(write, "answer_correction").first();
  await answer.locator("[name=accepted][value=yes]").check();
  await fillForm(answer, { answer: "写上了。" });
  done(await press(write, answer.locator("button[type=submit]")));

  // The days for checking are over: the chair signs, and everybody reads.
  await daysLater(16);
  const chair = await newPage({ width: DESK, js: false, account: "shengze.zr" });
  await chair.goto("/desk");
  await says(chair, new RegExp(`签发纪要：${TITLE}`));
  await chair.goto(minutes);
  const name = (await chair.locator(".paper-foot").first().innerText()).match(/主持 (\S+?)(?=[\s　]|$)/)[1];
  await form(chair, "sign_minutes").locator("[name=read]").check();
  done(await send(chair, "sign_minutes", { name, password: PASSWORD }));
  await says(chair, "纪要签发了，已经公布。");
  const reader = await newPage({ width: PHONE });
  await reader.goto(`/topics/${id}/minutes`);
  const published = await reader.locator("main").innerText();
  assert.match(published, /东岸西岸都看一次/);
  assert.doesNotMatch(published, /蔺大海|濮阳静/);
  await look(reader, "会后公布的纪要-390");
}, { timeout: 240_000 });
