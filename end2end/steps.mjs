// What journeys behind the meeting share: forms are found by the step they carry out, and work without scripts.
import assert from "node:assert/strict";
import { client, fillForm, officer, photo, press } from "./harness.mjs";

export const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

/** A photo of how it looks now. */
export const evidence = async () => ({ name: "现场.jpg", mimeType: "image/jpeg", buffer: await photo() });

/** The id of a topic of the demo. */
export async function topic(title) {
  const desk = await officer("quban");
  const list = (await desk.get(`/desk/topics?q=${encodeURIComponent(title)}`)).is(200).text;
  return list.match(/href="\/desk\/topics\/([0-9a-f-]{36})"/)[1];
}

export async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

/** The form of a page that carries out this step. */
export const form = (page, step) => page.locator("main form", { has: page.locator(`[name=action][value=${step}]`) }).first();

/** Opens whatever folds a form away. */
export const unfold = (one) => one.evaluate((node) => {
  for (let at = node; at; at = at.parentElement) if (at.localName === "details") at.setAttribute("open", "");
  for (const inner of node.querySelectorAll("details")) inner.setAttribute("open", "");
});

export async function send(page, step, fields = {}, { check = [], files } = {}) {
  const one = form(page, step);
  await unfold(one);
  await fillForm(one, fields);
  for (const [name, value] of check) await one.locator(`[name="${name}"][value="${value}"]`).check();
  if (files) await one.locator("input[type=file]").setInputFiles(files);
  return press(page, one.locator("button[type=submit]").last());
}

export const day = (ahead) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);

/**
 * The party committee decides on each item of a case: the first is adopted and given to a unit, the others are not; and
 * the tasks are handed out.
 */
export async function decideAll(page, base, { unit, contact, measure, due }) {
  await page.goto(`${base}/outcomes`);
  const items = await page.locator("main form [name=outcome]").count();
  for (let n = 1; n <= items; n += 1) {
    await page.goto(`${base}/outcomes`);
    const one = page.locator(`#outcome-${n} form`);
    await unfold(one);
    const adopted = n === 1;
    await one.locator(`[name=adoption_${n}][value=${adopted ? "full" : "none"}]`).check();
    await fillForm(one, adopted
      ? { lead_1: await unitId(page, "#lead_1", unit), contact_1: contact, measure_1: measure, due_1: due }
      : { [`reason_${n}`]: "现场看过，暂时没有地方，明年再定。" });
    done(await press(page, one.locator("button[type=submit]")));
  }
  return items;
}

/** The value of a unit in a menu. */
export async function unitId(page, menu, name) {
  const units = await page.locator(`${menu} option`).evaluateAll((all) => all.map((one) => [one.value, one.textContent]));
  return units.find(([, words]) => words === name)[0];
}

/** Everybody who was there answers by their own link, as long as somebody is left. Returns how many answered. */
export async function judge(account, base, answer) {
  const desk = await officer(account);
  const answers = (await desk.get(`${base}/answers`)).is(200).text;
  const people = [...answers.matchAll(/<a href="(\/desk\/topics\/[^"]+\/answers\/[0-9a-f-]{36})"/g)].map(([, href]) => href);
  let judged = 0;
  for (const href of new Set(people)) {
    const link = (await desk.get(href)).text.match(/\/i\/[0-9a-f-]{36}\/[0-9a-f]{40}/)?.[0];
    if (!link) continue;
    const own = client();
    const shown = await own.get(`${link}/evaluate`);
    if (shown.status !== 200 || !shown.text.includes('name="handling"')) continue;
    const kept = shown.form("words").fields.filter(([field]) => !(field in answer));
    if ((await own.post(`${link}/evaluate`, [...kept, ...Object.entries(answer)])).status === 303) judged += 1;
    if (judged === 1) (await own.get(`${link}/evaluate`)).is(200, "您已经评价过了，谢谢您。");
  }
  return judged;
}

/** Opens a page again until the clock has brought a form of this step. */
export async function until(page, path, step) {
  for (let tries = 0; tries < 40; tries += 1) {
    await page.goto(path);
    if (await form(page, step).count()) return;
  }
  assert.fail(`no form of ${step} on ${path}`);
}
