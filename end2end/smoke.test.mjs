// The least that has to hold: the executable runs alone in an empty folder,
// and its first page is whole with and without scripts.
import assert from "node:assert/strict";
import { DESK, PHONE, journey } from "./harness.mjs";

for (const { name, ...how } of [
  { name: "首页-1280", width: DESK },
  { name: "首页-390", width: PHONE },
  { name: "首页-390-无脚本", width: PHONE, js: false },
  { name: "首页-390-夜间", width: PHONE, theme: "dark" },
]) {
  journey(name, async ({ newPage, shot, axe }) => {
    const page = await newPage(how);
    const response = await page.goto("/");
    assert.equal(response.status(), 200);
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    await page.locator("h1").first().waitFor();
    const sheet = await page.locator("link[rel=stylesheet]").first().getAttribute("href");
    assert.match(sheet, /^\/pkg\/main\.[0-9a-f]+\.css$/, "the style sheet comes out of the executable");
    const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth).catch(() => 0);
    assert.ok(overflow <= 0, `the page is ${overflow} px wider than the window`);
    await shot(page, name);
    if (how.js !== false) await axe(page);
  });
}

journey("首页不取回浏览器程序", async ({ newPage }) => {
  const page = await newPage();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto("/", { waitUntil: "networkidle" });
  assert.deepEqual(asked.filter((address) => address.endsWith(".wasm")), [], "public pages load no wasm");
});

journey("没有的页面回 404，并有回去的路", async ({ newPage, expectFault }) => {
  const page = await newPage();
  const response = await page.goto("/no-such-page");
  assert.equal(response.status(), 404);
  expectFault(/404/);
  assert.ok((await page.locator("main a").count()) > 0, "a way back");
});
