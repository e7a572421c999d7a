// What was not done comes back: a resident says that it came up again; people are not satisfied, twice, and the district
// takes it up.
import assert from "node:assert/strict";
import { DESK, PHONE, axe, daysLater, journey, shot } from "./harness.mjs";
import { day, done, evidence, form, judge, says, send, topic, until } from "./steps.mjs";

journey("又出现了：干事去看，重新办，或者说明白为什么不办", async ({ newPage, server, expectFault }) => {
  const id = await topic("东门路口");
  const resident = await newPage({ width: PHONE, js: false });
  await resident.goto(`/topics/${id}/outcomes`);
  await resident.getByRole("link", { name: "又出现了" }).first().click();
  const ask = resident.locator("main form[method=post]");
  await ask.locator("[name=words]").fill("斜坡的扶手松了，昨天有人摔倒。");
  await ask.locator("[name=contact]").fill("13900002222");
  const [refused] = await Promise.all([resident.waitForResponse((r) => r.request().method() === "POST"), ask.locator("button[type=submit]").last().click()]);
  assert.equal(refused.status(), 422, "a contact is kept only with consent");
  assert.equal(await ask.locator("[name=words]").inputValue(), "斜坡的扶手松了，昨天有人摔倒。");
  await ask.locator("[name=consent]").check();
  await ask.locator("button[type=submit]").last().click();
  await resident.waitForURL(/outcomes/);
  assert.ok(!(await resident.locator("body").innerText()).includes("13900002222"));

  const desk = await newPage({ width: DESK, js: false, account: "jiangling.gs" });
  await desk.goto("/desk");
  await says(desk, /看又出现的事：东门路口/);
  await desk.goto(`/desk/topics/${id}/evaluation`);
  await says(desk, "斜坡的扶手松了，昨天有人摔倒。", /13900002222/);
  assert.equal((await send(desk, "decide_reopening", { reason: "去看过，扶手松了。" }, { check: [["accepted", "yes"]] })).status(), 422);
  const again = form(desk, "decide_reopening");
  const first = await again.locator("[name=redo_tasks]").first().getAttribute("value");
  done(await send(desk, "decide_reopening", { reason: "去看过，扶手松了。", redo_words: "加固扶手", redo_due: day(20) },
    { check: [["accepted", "yes"], ["redo_tasks", first]] }));
  await resident.goto(`/topics/${id}/outcomes`);
  await says(resident, /去看过，扶手松了。/);
  await resident.goto(`/topics/${id}`);
  await says(resident, /办理中/);
  const handler = await newPage({ width: DESK, js: false, account: "jiangling.cb" });
  await handler.goto("/desk");
  await says(handler, /签收/);

  // An archived case: looked at, and not opened again, with a reason that everybody reads.
  const market = await topic("桥下菜市");
  await resident.goto(`/topics/${market}/again`);
  await resident.locator("main form[method=post] [name=words]").fill("桥下又摆了两个摊。");
  await resident.locator("main form[method=post] button[type=submit]").last().click();
  await resident.waitForURL(/outcomes/);
  const lili = await newPage({ width: DESK, js: false, account: "lili.gs" });
  await lili.goto(`/desk/topics/${market}/evaluation`);
  done(await send(lili, "decide_reopening", { reason: "去看了三个早上，没有摊；已请巡查的人留意。" }, { check: [["accepted", "no"]] }));
  await resident.goto(`/topics/${market}/outcomes`);
  await says(resident, /去看了三个早上，没有摊/);
  const reader = await newPage({ width: PHONE });
  await reader.goto(`/topics/${market}/outcomes`);
  await axe(reader);
  await shot(reader, "会后-没有重新办-390");
  assert.ok(!server.log.includes("13900002222"));
  expectFault(/422/);
});

journey("两次不满意，再不满意由区里接手", async ({ newPage, expectFault }) => {
  const id = await topic("服务费");
  const base = `/desk/topics/${id}`;
  const page = (account) => newPage({ width: DESK, js: false, account });
  const bad = { topic: "satisfied", handling: "not", part: "satisfied", words: "坏的三个还是坏的。" };
  assert.ok(await judge("jiangling.gs", base, bad) >= 5, "most are not satisfied");

  let later = 0;
  for (let round = 1; round <= 2; round += 1) {
    later += 10;
    await daysLater(later);
    const desk = await page("jiangling.gs");
    await until(desk, `${base}/evaluation`, "redo_handling");
    await says(desk, /坏的三个还是坏的。/);
    assert.equal(await form(desk, "close_case").count(), 0, "it cannot be closed");
    assert.equal((await send(desk, "redo_handling", { redo_words: "三个桩修好", redo_due: day(later + 25) })).status(), 422);
    const task = await form(desk, "redo_handling").locator("[name=redo_tasks]").first().getAttribute("value");
    done(await send(desk, "redo_handling", {}, { check: [["redo_tasks", task]] }));

    const handler = await page("jiangling.cb");
    await handler.goto("/desk/tasks");
    await handler.locator("main table a", { hasText: "充电服务费" }).first().click();
    const path = new URL(handler.url()).pathname;
    await says(handler, "二次办理");
    done(await send(handler, "sign_task"));
    done(await send(handler, "reply_task", { words: "三个桩都修好了。" }, { check: [["class", "a"]], files: await evidence() }));
    await desk.goto(path);
    done(await send(desk, "verify_task", { place: "屯浦社区", words: "试充了一次。", second: "物业经理" }));
    await desk.goto(`${base}/tasks`);
    done(await send(desk, "finish_tracking"));
    assert.ok(await judge("jiangling.gs", base, bad) >= 5, `round ${round + 1} of judging`);
  }

  await daysLater(later + 10);
  const desk = await page("jiangling.gs");
  await until(desk, `${base}/evaluation`, "redo_handling");
  const task = await form(desk, "redo_handling").locator("[name=redo_tasks]").first().getAttribute("value");
  assert.equal((await send(desk, "redo_handling", { redo_words: "再修", redo_due: day(later + 40) }, { check: [["redo_tasks", task]] })).status(), 422);
  await says(desk, /最多 2 次（本镇设定），请区政协督办/);
  const district = await page("quban");
  await district.goto("/desk");
  await says(district, /服务费/);
  await district.goto(`${base}/evaluation`);
  done(await send(district, "redo_handling", { redo_words: "换运营公司，三个桩全换新的", redo_due: day(later + 40) }, { check: [["redo_tasks", task]] }));
  const reader = await newPage({ width: PHONE });
  await reader.goto(`/topics/${id}/outcomes`);
  await says(reader, /换运营公司，三个桩全换新的/);
  await axe(reader);
  await shot(reader, "会后-区里接手-390");
  expectFault(/422/);
}, { timeout: 300_000 });
