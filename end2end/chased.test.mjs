// A task that its first unit declines, that gets a later day, and is late all the same: reminded of, brought up the chain,
// supervised, and shown to everybody.
import assert from "node:assert/strict";
import { DESK, PHONE, axe, daysLater, journey, shot } from "./harness.mjs";
import { day, decideAll, done, form, says, send, topic, unitId, until } from "./steps.mjs";

journey("退办、改交、延期、超期、一级一级上报、督办", async ({ newPage, expectFault }) => {
  const id = await topic("老街井盖");
  const base = `/desk/topics/${id}`;
  const page = (account) => newPage({ width: DESK, js: false, account });
  let approver = await page("lili.dw");
  await decideAll(approver, base, {
    unit: "黎里镇综合行政执法局", contact: "值班室", measure: "主街二十一只井盖换成防响的", due: day(40),
  });
  await approver.goto(`${base}/outcomes`);
  done(await send(approver, "assign_tasks"));

  // The unit says once, and why, that it is not its matter; then the decider names another.
  let handler = await page("lili.cb");
  await handler.goto("/desk/tasks");
  await handler.locator("main a", { hasText: "井盖换成防响的" }).first().click();
  const task = new URL(handler.url()).pathname;
  assert.equal((await send(handler, "decline_task")).status(), 422);
  done(await send(handler, "decline_task", { reason: "井盖归建设管理办公室管。" }));
  await says(handler, "已退办");
  await approver.goto("/desk");
  await says(approver, /井盖/);
  await approver.goto(task);
  await says(approver, "井盖归建设管理办公室管。");
  const unit = await unitId(approver, "main form select", "黎里镇建设管理办公室");
  done(await send(approver, "reassign_task", { unit, contact: "值班室", due_on: day(42), words: "井盖归你们。" }));
  await handler.goto(task);
  assert.equal(await form(handler, "decline_task").count(), 0, "nobody declines twice");
  done(await send(handler, "sign_task"));

  // A later day, asked for before the day, with a reason.
  assert.equal((await send(handler, "ask_extension", { to: day(41), extension_reason: "等配件" })).status(), 422);
  done(await send(handler, "ask_extension", { to: day(55), extension_reason: "防响井盖要订做，厂里排到下月。" }));
  await approver.goto(task);
  await says(approver, /单位申请延到/);
  assert.equal((await send(approver, "decide_extension", {}, { check: [["granted", "no"]] })).status(), 422);
  done(await send(approver, "decide_extension", {}, { check: [["granted", "yes"]] }));
  await handler.goto(task);
  await says(handler, "批准过一次");
  assert.equal(await form(handler, "ask_extension").count(), 0, "nobody asks twice");
  done(await send(handler, "report_progress", { progress: "订了二十一只防响井盖。", percent: "30" }));

  // Everybody is away for months. The clock catches up: what was passed over is on record, each step with its day.
  await daysLater(100);
  handler = await page("lili.cb");
  for (let tries = 0; tries < 60; tries += 1) {
    await handler.goto(task);
    if (await handler.locator("main").getByText(/超期，.*报区政协办/).count()) break;
  }
  await says(handler, /超期，.*报承办单位经办人（已并入更高一级）/, /报承办单位负责人（已并入/, /报工委主任（已并入/, /报镇党委（已并入/, /报区政协办/);
  await shot(handler, "会后-超期的任务-1280");
  await handler.goto("/desk/tasks");
  await says(handler, /超期/);
  const reader = await newPage({ width: PHONE });
  await reader.goto(`/topics/${id}/outcomes`);
  await says(reader, /超期/);
  await axe(reader);
  await shot(reader, "会后-公开的超期-390");

  // The district orders; the unit answers.
  const district = await page("quban");
  await district.goto("/desk/late");
  await district.locator("main a", { hasText: "井盖换成防响的" }).first().click();
  assert.equal((await send(district, "supervise")).status(), 422);
  done(await send(district, "supervise", { order: "下周五以前装好主街十只，报区里。" }));
  await handler.goto("/desk");
  await says(handler, /督办/);
  await handler.goto(task);
  done(await send(handler, "answer_supervision", { answer: "已经装了六只，周四装完。" }));
  await district.goto(task);
  await says(district, "已经装了六只，周四装完。");
  approver = await page("lili.dw");
  await approver.goto("/desk/late");
  await says(approver, /井盖换成防响的/);
  expectFault(/422/);
}, { timeout: 240_000 });
