// The roster of a town, kept by its officer in the browser: a member and a unit from the first form to the look at the
// phone.
import assert from "node:assert/strict";
import { PHONE, axe, fillForm, journey, press } from "./harness.mjs";

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px too wide`);
}

const send = (form) => form.locator("button[type=submit]").last();

journey("干事登记一位委员、查看电话、记为离任；别的镇看不到", async ({ newPage, shot, expectFault }) => {
  const officer = await newPage({ account: "shengze.gs" });
  await officer.goto("/desk/roster");
  await officer.getByRole("link", { name: "闵思远" }).waitFor();
  await shot(officer, "名册-1280");
  await officer.getByRole("link", { name: "添一位委员" }).click();
  await officer.waitForURL("**/desk/roster/new");

  // A bad form comes back as it was typed.
  const form = () => officer.locator("main form[method=post]").first();
  await fillForm(form(), { name: "柴望岳", sector: "", specialty: "停车、物业管理", phone: "1380013" });
  assert.equal((await press(officer, send(form()))).status(), 422);
  expectFault(/422/);
  assert.equal(await officer.locator("[name=specialty]").inputValue(), "停车、物业管理");
  await shot(officer, "名册-有两处要改-1280");
  await fillForm(form(), { sector: "经济界", phone: "138 0013 8999" });
  await press(officer, send(form()));
  await officer.waitForURL(/roster\/[0-9a-f-]{36}/);
  const address = new URL(officer.url()).pathname;
  const main = () => officer.locator("main").innerText();
  assert.match(await main(), /138\*\*\*\*8999/);
  assert.doesNotMatch(await officer.content(), /13800138999/);
  await shot(officer, "委员-1280");

  // A look at the phone needs a purpose.
  await officer.locator("summary", { hasText: "看电话和邮箱" }).click();
  const look = () => officer.locator("form", { has: officer.locator("[name=action][value=view]") });
  assert.equal((await press(officer, send(look()))).status(), 422);
  expectFault(/422/);
  await officer.getByLabel("邀请、通知开会").check();
  assert.equal((await press(officer, send(look()))).status(), 200);
  assert.match(await main(), /13800138999/);

  // Found by specialty; then no longer in office.
  const phone = await newPage({ width: PHONE, account: "shengze.gs" });
  await phone.goto("/desk/roster?q=停车");
  await phone.getByRole("link", { name: "柴望岳" }).waitFor();
  await fits(phone);
  await axe(phone);
  await shot(phone, "名册-390");
  await phone.goto(address);
  await fits(phone);
  await axe(phone);
  await shot(phone, "委员-390");
  await press(phone, phone.getByRole("button", { name: "记为离任" }));
  assert.match(await phone.locator("main").innerText(), /已离任/);

  // The director looks on; another town knows nothing of the member.
  const director = await newPage({ account: "shengze.zr" });
  await director.goto(address);
  assert.equal(await director.getByRole("button", { name: "恢复在任" }).count(), 0);
  const stranger = await newPage({ account: "zhenze.gs" });
  assert.equal((await stranger.goto(address)).status(), 404);
  expectFault(/404/);
});

journey("干事登记一个单位，补上联系人", async ({ newPage, shot }) => {
  const officer = await newPage({ account: "shengze.gs" });
  await officer.goto("/desk/units/new");
  const form = officer.locator("main form[method=post]").first();
  await fillForm(form, { name: "盛泽镇城管中队", contact: "", phone: "" });
  await press(officer, send(form));
  await officer.waitForURL(/units\/[0-9a-f-]{36}/);
  const correct = officer.locator("form", { has: officer.locator("[name=action][value=correct]") });
  await fillForm(correct, { contact: "苏远", phone: "0512-63005678" });
  await press(officer, send(correct));
  const words = await officer.locator("main").innerText();
  assert.match(words, /苏远/);
  assert.doesNotMatch(words, /63005678/);
  await officer.goto("/desk/units");
  await officer.getByRole("link", { name: "盛泽镇城管中队" }).waitFor();
  await fits(officer);
  await axe(officer);
  await shot(officer, "单位名册-1280");
  const phone = await newPage({ width: PHONE, account: "shengze.gs" });
  await phone.goto("/desk/units");
  await fits(phone);
  await shot(phone, "单位名册-390");
});
