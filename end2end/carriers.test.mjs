// Rooms and studios: an officer looks at a room and sets a studio up, a member takes down what is heard there, what was
// said is answered or becomes a topic; without scripts; and every page of it at both widths.
import assert from "node:assert/strict";
import { DESK, PHONE, axe, client, journey, press, shot } from "./harness.mjs";
import { done, evidence, says, send, unfold } from "./steps.mjs";

async function look(page, name) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
  await shot(page, `载体-${name}-${page.viewportSize().width}`);
}

async function both(newPage, account, name, path) {
  for (const width of [PHONE, DESK]) {
    const page = await newPage({ width, account });
    assert.equal((await page.goto(path)).status(), 200, path);
    await look(page, name);
    if (width === PHONE) await axe(page);
    await page.close();
  }
}

journey("议事室照六有看一次：缺的要写怎么补，照片不丢；各镇页和成效都看得到", async ({ newPage, expectFault }) => {
  const page = await newPage({ width: PHONE, js: false, account: "shengze.gs" });
  await page.goto("/desk/rooms");
  await page.locator("main").getByRole("link", { name: "北麻漾沿湖村议事点" }).click();
  const room = new URL(page.url()).pathname;
  for (const code of ["place", "sign", "rules", "procedure", "activity"]) await page.locator(`[name=met][value=${code}]`).check();
  await page.locator("[name=met][value=results]").uncheck();
  const refused = await send(page, "check", { words: "" }, { files: await evidence() });
  assert.equal(refused.status(), 422);
  expectFault(/422/);
  await says(page, "缺的怎么补");
  assert.ok(await page.locator("[name=met][value=place]").isChecked(), "what was ticked is ticked");
  assert.ok(!(await page.locator("[name=met][value=results]").isChecked()));
  assert.equal(await page.locator("[name=staged]:checked").count(), 1, "the photo is kept");
  await look(page, "议事室-没有写");
  done(await send(page, "check", { words: "护岸商量的事还没有办完，办完贴出来。" }));
  await says(page, "已经记下", "缺成效", "照片1");
  const photo = await page.getByRole("link", { name: "照片1" }).getAttribute("href");
  assert.equal((await client().get(photo)).status, 404, "the photo is the desk's");
  await both(newPage, "shengze.gs", "议事室", room);
  await both(newPage, "shengze.gs", "场地", "/desk/rooms");
  await both(newPage, "quban", "镇情", "/desk/board");
  await both(newPage, undefined, "各镇", "/towns");

  await page.goto("/desk/rooms?town=shengze");
  assert.equal((await send(page, "villages", { villages: "0" })).status(), 422);
  expectFault(/422/);
  await says(page, "1 到 999");
  done(await send(page, "villages", { villages: "40" }));
  await says(page, "全镇 40 个村、社区");
  const board = (await client().get("/board?town=shengze")).is(200).text;
  assert.match(board, /议事室六有达标率/);
  assert.match(board, /村社区议事点覆盖率/);
});

journey("委员工作室：登记、接待、听到的意见有人答复或者成了议题", async ({ newPage, expectFault }) => {
  const officer = await newPage({ width: PHONE, js: false, account: "shengze.gs" });
  await officer.goto("/desk/rooms");
  await officer.getByRole("link", { name: "添一个工作室" }).click();
  await look(officer, "新工作室");
  const fields = { name: "环境茶馆工作室", specialty: "生态环保", days: "每月15日下午", place: "镇东社区议事点" };
  const setUp = async (members) => {
    const one = officer.locator("main form").first();
    for (const [name, value] of Object.entries(fields)) await one.locator(`[name=${name}]`).fill(value);
    for (const name of members) await one.getByLabel(name).check();
    return press(officer, one.locator("button"));
  };
  assert.equal((await setUp([])).status(), 422);
  expectFault(/422/);
  await says(officer, "请选工作室的委员");
  assert.equal(await officer.locator("[name=days]").inputValue(), fields.days, "the form comes back filled");
  done(await setUp(["顾采薇", "王澄宇"]));
  await says(officer, "工作室已经记下");
  const path = new URL(officer.url()).pathname;

  const member = await newPage({ width: PHONE, js: false, account: "weiyuan" });
  await member.goto("/desk/year");
  await member.locator("main").getByRole("link", { name: fields.name }).click();
  done(await send(member, "receive", { visitors: "3" }, { check: [["members", await valueOf(member, "顾采薇")]] }));
  await says(member, "接待 3 人");
  assert.equal((await send(member, "hear", { words: "河边垃圾桶太少。" }, { check: [["whereto", "unit"]] })).status(), 422);
  expectFault(/422/);
  await says(member, "还没有写单位");
  done(await send(member, "hear", { words: "河边垃圾桶太少。", unit: "盛泽镇综合行政执法局" }, { check: [["whereto", "unit"]] }));
  done(await send(member, "hear", { words: "码头晚上没有灯，老人不敢走。" }, { check: [["whereto", "topic"]] }));
  await look(member, "工作室-委员");

  await officer.goto("/desk");
  await says(officer, "把意见提为议题：码头晚上没有灯");
  await officer.goto(path);
  const rows = officer.locator("main .answer");
  const raise = rows.filter({ hasText: "码头晚上" }).locator("form", { has: officer.locator("[value=raise]") });
  await unfold(raise);
  const topic = await raise.locator("select option").nth(1).getAttribute("value");
  await raise.locator("select").selectOption(topic);
  done(await press(officer, raise.locator("button")));
  const settle = rows.filter({ hasText: "垃圾桶" }).locator("form", { has: officer.locator("[value=settle]") });
  await unfold(settle);
  await settle.locator("textarea").fill("加了四个，月底到位。");
  done(await press(officer, settle.locator("button")));
  await says(officer, "没有结果 0 条");
  await both(newPage, "shengze.gs", "工作室", path);
  await both(newPage, "weiyuan", "履职", "/desk/year");
  await both(newPage, undefined, "各镇-工作室", "/towns");
});

/** The value of a box by the name beside it. */
async function valueOf(page, name) {
  return page.locator("main form", { has: page.locator("[value=receive]") }).getByLabel(name).getAttribute("value");
}
