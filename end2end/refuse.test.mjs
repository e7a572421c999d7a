// What people, programs and other sites may send to the forms of research, planning, people, answers, roster and
// letters. Each form is taken from its page as it stands and sent with one thing wrong at a time: nothing in it, too
// much in it, the wrong kind of it, what nobody can see, made-up choices, another page's numbers, somebody else's files.
// Each time the answer is a 4xx and a sentence, the form comes back as it was sent, and nothing has changed. A field
// that is added to one of these forms is tried with the others; a form that is added is tried where its page stands here.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PHONE, PREPARATION, accepted, client, fillForm, journey, officer, pdf, press, serveWith } from "./harness.mjs";

// Each journey comes from a network of its own, so that none of them meets the limit on how much one may send.
serveWith({ YSHSL_TRUSTED_PROXIES: "127.0.0.1" });

const SENTENCE = /[\u4e00-\u9fff]{3,}.*。/s;
const WORD = "长".repeat(10_000);
const UNSEEN = ["\u0007", "\u0000", "\u202e"];
const LATER = "2031-05-06";
/** Han beyond the first plane, and a picture. */
const RARE = "𠮷野家👍";

const dayAhead = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const without = (pairs, ...names) => pairs.filter(([name]) => !names.includes(name));
const put = (pairs, name, ...values) => [...without(pairs, name), ...values.map((value) => [name, value])];
const of = (pairs, name) => pairs.filter(([n]) => n === name).map(([, value]) => value);
const isId = (value) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);
const seen = (text) => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e]/g, "");

// --- a form and what it is filled with ------------------------------------------------------------------------------

const LINES = new Set(["text", "tel", "email", "search", "url", "textarea"]);

/** What is not of the kind that a field takes. */
const WRONG_KIND = {
  number: ["几个", "-3", "1.5", "99999999999999999999"], date: ["昨天", "2026-02-30"], time: ["25:61", "下午两点"],
  email: ["不是邮箱"], tel: ["12"],
};

/** The fields of a form: its controls by name. */
function fieldsOf(form) {
  const fields = new Map();
  for (const control of form.controls) {
    if (!fields.has(control.name)) fields.set(control.name, { ...control, options: [...(control.options ?? [])], ids: [] });
    const field = fields.get(control.name);
    field.ids.push(control.id);
    if (control.kind === "radio" || control.kind === "checkbox") field.options.push(control.value);
  }
  return [...fields.values()];
}

/** Something that fits a field. */
function fitting({ name, kind, options }) {
  if (kind === "select" || kind === "radio") return options.find((value) => value !== "");
  if (kind === "checkbox") return options[0];
  if (kind === "number") return "1";
  if (kind === "date") return LATER;
  if (kind === "time") return "14:30";
  if (kind === "tel") return "13912340000";
  if (kind === "email") return "someone@example.com";
  return name === "issues" ? "桥面要不要划线\n高峰谁先走" : "早晚各堵半小时";
}

/** What a person would send of it: as it stands, what is empty filled, `fill` over it. */
function filled(form, fill) {
  let pairs = form.fields;
  const button = form.buttons.find(([name]) => name);
  if (button) pairs = put(pairs, ...button);
  for (const field of fieldsOf(form)) {
    const { name, kind } = field;
    if (kind === "hidden" || kind === "file" || kind === "submit") continue;
    const given = fill[name] ?? (field.required || kind === "select" || kind === "radio" ? fitting(field) : undefined);
    const stands = of(pairs, name).some((value) => value !== "");
    if (name in fill || !stands) pairs = put(pairs, name, ...[given ?? ""].flat());
  }
  // A box that is not ticked sends nothing.
  return pairs.filter(([name, value]) => value !== "" || form.controls.some((c) => c.name === name && c.kind !== "checkbox"));
}

const action = (form) => of(form.fields, "action")[0] ?? form.buttons.find(([name]) => name === "action")?.[1] ?? "";
const isOurs = (form) => form.method === "post" && form.inner.includes('name="request_id"');
/** The same form on another rendering of its page: what it does, and all of its fields. */
function same(answer, form) {
  const has = (other, name) => other.controls.some((control) => control.name === name);
  return answer.forms().find((other) => isOurs(other) && action(other) === action(form) && form.controls.every(({ name }) => has(other, name)));
}

// --- one thing wrong ------------------------------------------------------------------------------------------------

/**
 * Everything that can be wrong with a form, one thing at a time: words, what is sent, and what has to hold for the
 * answer. `names` are fields that the answer points at, `lost` fields whose value need not come back, `says` words that
 * are on the page; `gone` marks what may lead to a page without the form, `hides` what must not be shown again, `plain`
 * what is sent without files.
 */
function* wrongs(form, good, { mayBeEmpty = false, foreign = {}, exact = {}, quiet = [] }) {
  const fields = fieldsOf(form);
  const shown = fields.filter(({ kind }) => kind !== "hidden" && kind !== "file" && kind !== "submit");
  const lines = shown.filter(({ kind }) => LINES.has(kind));

  if (shown.length && !mayBeEmpty) {
    // Nobody takes a choice back that the page has made, nor empties a menu without an empty line.
    const made = (name) => form.fields.some(([other]) => other === name);
    const boxes = shown.filter(({ kind, name }) => kind === "checkbox" || (kind === "radio" && !made(name))).map(({ name }) => name);
    const clears = ({ kind, options }) => (kind === "select" ? options.includes("") : kind !== "radio");
    const cleared = without(good, ...boxes).map(([name, value]) => [name, shown.some((field) => field.name === name && clears(field)) ? "" : value]);
    yield { what: "nothing filled in", pairs: cleared, status: 422 };
  }
  for (const { name } of lines) {
    yield { what: `${name} of 10,000 characters`, pairs: put(good, name, WORD), status: 422, names: quiet.includes(name) ? [] : [name] };
  }
  for (const [n, { name }] of lines.entries()) {
    const typed = `看${UNSEEN[n % UNSEEN.length]}不见`;
    yield { what: `${name} with what cannot be seen`, pairs: put(good, name, typed), status: 422, names: [name] };
  }
  if (lines.length) {
    const [{ name }] = lines;
    yield { what: "more text than a form may have", pairs: put(good, name, "多".repeat(100_000)), status: 413, lost: [name] };
  }
  for (const { name, kind } of shown) {
    for (const value of exact[name] ? [] : (WRONG_KIND[kind] ?? [])) {
      yield { what: `${name} of ${value}`, pairs: put(good, name, value), status: 422, names: [name] };
    }
  }
  for (const { name, kind, options } of shown) {
    const many = kind === "checkbox" && (options.length > 1 || isId(options[0] ?? ""));
    if (kind !== "select" && kind !== "radio" && !many) continue;
    if (exact[name]) continue;
    const made = ["king", ...(options.some(isId) ? [randomUUID(), ...(foreign[name] ?? [])] : [])];
    for (const value of made) yield { what: `${name} of ${value}`, pairs: put(good, name, value), names: [name], lost: [name] };
  }
  for (const { name, kind, value } of fields) {
    if (kind !== "hidden" || name === "request_id" || name === "action" || exact[name]) continue;
    if (name === "seen" && /^\d+$/.test(value)) {
      yield { what: "the version of a page that is old", pairs: put(good, name, String(Number(value) + 7)), status: 409 };
      yield { what: "a version that is none", pairs: put(good, name, "abc") };
      yield { what: "no version", pairs: without(good, name) };
    } else {
      const made = isId(value) ? ["not-an-id", randomUUID(), ...(foreign[name] ?? [])] : ["别的页面上的"];
      for (const other of made) yield { what: `${name} of ${other}`, pairs: put(good, name, other), gone: true };
    }
  }
  if (action(form) && !exact.action) {
    for (const made of ["no_such_step", "sign_out", ""]) yield { what: `action of 「${made}」`, pairs: put(good, "action", made), gone: true };
  }
  yield { what: "sent from nowhere", pairs: good, headers: {}, status: 403 };
  // Such a form is not even read: it has to be sent in one piece, on a line that is not used again.
  const evil = { origin: "https://evil.example", connection: "close" };
  yield { what: "sent from another site", pairs: good, headers: evil, plain: true, status: 403, hides: true };
  for (const { name } of fields.filter(({ kind }) => kind === "file")) yield* wrongFiles(name, good, exact[name]);
}

const fine = (field) => ({ field, name: "记录.pdf", bytes: pdf(), type: "application/pdf" });

/** A file field's share. A `sheet` is read and not kept, so it has no good file beside the bad one. */
function* wrongFiles(field, pairs, sheet) {
  const file = (name, bytes, type) => ({ field, name, bytes, type });
  const large = Buffer.concat([pdf(), Buffer.alloc(sheet ? 2_100_000 : 20_100_000)]);
  const cases = [
    ["a program called a photo", file("照片.jpg", Buffer.from("MZ\x90\0 this is a program"), "image/jpeg"), 422],
    ["a page called a document", file("网页.pdf", Buffer.from("<html><script>alert(1)</script>"), "application/pdf"), 422],
    ["half a workbook", file("名单.xlsx", Buffer.from("PK\x03\x04 and no more"), "application/vnd.ms-excel"), 422],
    ["a file that is too large", file("大文件.pdf", large, "application/pdf"), 413],
  ];
  for (const [what, bad, status] of cases) {
    yield { what, pairs, files: sheet ? [bad] : [fine(field), bad], status, says: sheet ? undefined : "记录.pdf" };
  }
}

// --- what the answer has to be --------------------------------------------------------------------------------------

/** What is not as it should be about an answer to a form that has one thing wrong; empty when all is well. */
function complaints(answer, form, { pairs, status, names = [], lost = [], hides = false, gone = false, says }) {
  const found = [];
  if (answer.status < 400 || answer.status > 499) return [`answered ${answer.status} ${answer.location ?? ""}`];
  if (status && answer.status !== status) found.push(`answered ${answer.status}, not ${status}`);
  if (!SENTENCE.test(answer.says())) found.push(`no sentence: ${answer.says().slice(0, 200)}`);
  if (says && !answer.text.includes(says)) found.push(`「${says}」 is not on the page`);
  if (hides) {
    const typed = pairs.filter(([name, value]) => form.controls.some((c) => c.name === name && LINES.has(c.kind)) && value.length > 3);
    for (const [name, value] of typed) if (answer.text.includes(value)) found.push(`another site may read ${name}`);
    return found;
  }
  // What leads nowhere has no form to come back to.
  if (answer.status === 404 || answer.status === 401) return gone ? found : [...found, `answered ${answer.status}`];
  const again = same(answer, form);
  if (!again) return gone ? found : [...found, "the form is gone"];
  if (!/class="form-summary"/.test(answer.text)) found.push("no summary of what is wrong");
  for (const name of names) {
    const ids = fieldsOf(form).find((field) => field.name === name)?.ids ?? [name];
    if (!ids.some((id) => answer.text.includes(`id="${id ?? name}-refusal"`))) found.push(`the answer does not point at ${name}`);
  }
  for (const { name, kind } of fieldsOf(form)) {
    if (["hidden", "file", "submit"].includes(kind) || lost.includes(name)) continue;
    const [before, after] = [pairs, again.fields].map((list) => of(list, name).map((value) => seen(value).trim()).filter(Boolean).join("|"));
    if (before !== after) found.push(`${name} came back as 「${after.slice(0, 40)}」 instead of 「${before.slice(0, 40)}」`);
  }
  return found;
}

/** What the page and the record of the case say, to hold two moments against each other. */
async function standing(who, path) {
  const page = await who.get(path);
  const values = page.forms().map((form) => without(form.fields, "request_id", "staged"));
  const id = path.match(/\/desk\/topics\/([0-9a-f-]{36})/)?.[1];
  return JSON.stringify([page.status, page.says(), values, id ? (await who.get(`/desk/topics/${id}/ledger`)).says() : ""]);
}

/**
 * Tries the forms of a page. `forms` says for each action what it is filled with (`fill`), whether it may be empty
 * (`mayBeEmpty`), ids of another town (`foreign`), which fields are read by nobody or in no wrong way (`exact`) and which the
 * answer does not point at (`quiet`). `post` is where a form without an address goes.
 */
async function refuses(who, path, { forms = {}, post = path } = {}) {
  const page = (await who.get(path)).is(200);
  const found = [];
  const all = page.forms().filter(isOurs);
  assert.ok(all.length || page.forms().some((form) => form.method === "get"), `no form on ${path}`);
  const before = await standing(who, path);
  for (const form of all) {
    const name = action(form);
    const how = forms[name] ?? {};
    const good = filled(form, how.fill ?? {});
    for (const wrong of wrongs(form, good, how)) {
      const files = wrong.files ?? (form.takesFiles && !wrong.plain ? [] : undefined);
      const answer = await who.post(form.action || post, wrong.pairs, { files, ...("headers" in wrong && { headers: wrong.headers }) });
      const all = complaints(answer, form, wrong);
      found.push(...all.map((words) => `${name || path}, ${wrong.what}: ${words}`));
    }
  }
  if ((await standing(who, path)) !== before) found.push("something of it stayed");
  // Filters are forms, too: whatever stands in an address, there is an answer.
  for (const form of page.forms().filter((form) => form.method === "get")) {
    for (const { name } of form.controls) {
      for (const value of ["king", WORD.slice(0, 2000), "\u0000", randomUUID(), RARE]) {
        const answer = await who.get(`${form.action || path}?${new URLSearchParams({ [name]: value })}`);
        if (answer.status !== 200 && answer.status !== 404) found.push(`?${name}=${value.slice(0, 40)}: answered ${answer.status}`);
        if (!SENTENCE.test(answer.says())) found.push(`?${name}=${value.slice(0, 40)}: no sentence`);
      }
    }
  }
  assert.deepEqual(found, [], `on ${path}`);
}

/**
 * Sends a form of a page as it should be, with rare characters in `rare`; then once more, which changes nothing; then with
 * other words under the same number, and from the page as it was before: both are refused and come back filled.
 */
async function takes(who, path, name, { fill = {}, rare = [], files, status = 303, twice = status, stale = true } = {}) {
  const page = (await who.get(path)).is(200);
  const form = page.forms().find((form) => isOurs(form) && (action(form) === name || form.buttons.some(([n, v]) => n === "action" && v === name)));
  assert.ok(form, `no form ${name} on ${path}`);
  let pairs = filled(form, fill);
  for (const field of rare) pairs = put(pairs, field, `${of(pairs, field)[0] ?? ""}${RARE}`);
  const how = { files: files ?? (form.takesFiles ? [] : undefined) };
  const first = (await who.post(form.action || path, pairs, how)).is(status);
  const second = (await who.post(form.action || path, pairs, how)).is(twice);
  if (twice !== status) return first;
  assert.equal(second.location, first.location, `${name}: a second press is the same sending`);
  const before = await standing(who, path);
  const [line] = fieldsOf(form).filter(({ kind }) => kind === "text" || kind === "textarea");
  const found = [];
  if (line) {
    const other = { pairs: put(pairs, line.name, `${of(pairs, line.name)[0] ?? ""}改`), status: 409, gone: true };
    const answer = await who.post(form.action || path, other.pairs, how);
    found.push(...complaints(answer, form, other).map((words) => `other words under the same number: ${words}`));
  }
  if (stale && of(form.fields, "seen").length) {
    const old = { pairs: put(pairs, "request_id", randomUUID()), gone: true };
    const answer = await who.post(form.action || path, old.pairs, how);
    found.push(...complaints(answer, form, old).map((words) => `the page as it was before: ${words}`));
  }
  if ((await standing(who, path)) !== before) found.push("something of it stayed");
  assert.deepEqual(found, [], `${name} on ${path}`);
  return first;
}

// --- where the forms stand ------------------------------------------------------------------------------------------

/** The people of a town who work on a topic that the party committee has chosen; each journey from its own network. */
async function confirmed(title, from, town = "shengze") {
  const { id } = await accepted({ title, town });
  // One after the other: signing in at once looks like guessing.
  const [desk, director] = [await officer(`${town}.gs`, { from }), await officer(`${town}.zr`, { from })];
  const approver = await officer(`${town}.dw`, { from });
  (await director.submit(`/desk/topics/${id}?tab=confirm`, ["action", "prepare_confirmation"], PREPARATION)).is(303);
  (await approver.submit(`/desk/topics/${id}?tab=confirm`, ["action", "confirm_topic"], { reason: "同意立题。" })).is(303);
  return { id, at: `/desk/topics/${id}`, desk, director };
}

const VISIT = {
  place: "东港桥头", heard_member: "", heard_stakeholder: "3", heard_public: "", heard_department: "", heard_expert: "",
  heard_enterprise: "", heard_village: "", heard_unknown: "", members: "1", member_names: "顾采薇", said: "早高峰两头顶牛。",
  seen_there: "没有中线。", on: dayAhead(-1),
};

/** The same, its research done. */
async function researched(title, from, town) {
  const made = await confirmed(title, from, town);
  const { at, desk, director } = made;
  const board = `${at}/research`;
  const lead = (await director.get(board)).is(200).text.match(/<option value="([0-9a-f-]{36})"/)[1];
  (await director.submit(board, ["action", "assign_lead"], { lead })).is(303);
  (await desk.post(`${at}/visit`, { ...VISIT, method: "visit", request_id: randomUUID() }, { files: [] })).is(303);
  (await desk.submit(board, ["action", "save_report"], { findings: "早晚各堵半小时。", issues: "高峰谁先走" }, { files: [] })).is(303);
  (await desk.submit(board, ["action", "file_research"], {}, { files: [] })).is(303);
  return made;
}

const PLAN = {
  date: dayAhead(9), time: "14:00", minutes: "120", format: "roundtable", agenda_brief: "15", agenda_ask: "25", agenda_answer: "30",
  agenda_speak: "50", notice: "请桥两头的住户和交警坐下来，定一个走法。", register_by: "", online_url: "",
};
const PEOPLE = [
  "甲,委员", "乙,委员", "丙,委员", "丁,利益相关方", "戊,利益相关方", "己,利益相关方", "庚,群众代表", "辛,群众代表", "壬,群众代表",
  "癸,部门", "子,部门", "丑,村（社区）",
];
const LIST = [
  "姓名,类别,单位,界别,电话,邮箱,性别",
  ...PEOPLE.map((one, n) => `演示${one},东港片区,,139000000${String(n).padStart(2, "0")},,${n % 2 ? "女" : "男"}`),
].join("\n");

/** Room, chair and recorder that can be chosen for a plan. */
async function choices(desk, at) {
  const form = (await desk.get(`${at}/plan`)).is(200).form("action", "save_plan");
  const options = (name) => form.controls.find((control) => control.name === name).options.filter(Boolean);
  return { room: options("room")[0], chair: options("chair")[0], recorder: options("recorder")[1] };
}

/** What another town has of its own: a room, an account, a member, a unit. */
async function neighbours(from) {
  const { at, desk } = await researched("别的镇的一件事", from, "zhenze");
  const { room, chair } = await choices(desk, at);
  const first = async (list) => (await desk.get(`/desk/${list}`)).is(200).text.match(new RegExp(`/desk/${list}/([0-9a-f-]{36})`))[1];
  return { room, account: chair, member: await first("roster"), unit: await first("units") };
}

/** The same, its meeting announced with one open seat. */
async function announced(title, from) {
  const made = await researched(title, from);
  const { id, at, desk, director } = made;
  const plan = { ...PLAN, ...(await choices(desk, at)), open_public: "1" };
  (await desk.submit(`${at}/plan`, ["action", "save_plan"], { ...plan, hand_over: "yes" }, { files: [fine("materials")] })).is(303);
  const read = (await desk.submit(`${at}/people/import`, ["action", "check"], { rows: LIST }, { files: [] })).is(200);
  const list = read.form("action", "import");
  (await desk.post(`${at}/people/import`, [...list.fields, ["action", "import"]])).is(303);
  (await director.submit(`${at}/plan`, ["action", "approve_plan"], { reason: "同意" })).is(303);
  (await desk.submit(`${at}/plan`, ["action", "announce"])).is(303);
  const answers = (await desk.get(`${at}/answers`)).is(200);
  const people = [...answers.text.matchAll(/\/answers\/([0-9a-f-]{36})"[^>]*>([^<]+)</g)].map(([, invitee, name]) => ({ invitee, name }));
  const group = answers.text.match(/\/g\/[^\s<"]+/)[0];
  const link = async (name) => {
    const { invitee } = people.find((one) => one.name === name);
    return (await desk.get(`${at}/answers/${invitee}`)).is(200).text.match(/\/i\/[^\s<"]+/)[0];
  };
  return { ...made, id, people, group, link };
}

// --- the journeys ---------------------------------------------------------------------------------------------------

journey("调研的表：填错的都说明哪里错，写的都在，什么也没留下", async () => {
  const from = "10.9.1.1";
  const { at, desk, director } = await confirmed("桥头的表怎么填都不乱", from);
  const board = `${at}/research`;
  const foreign = { lead: [(await neighbours(from)).account] };
  await refuses(director, board, { forms: { assign_lead: { foreign, fill: { due_on: dayAhead(5) } } } });
  await takes(director, board, "assign_lead", { fill: { due_on: dayAhead(5) } });
  await refuses(desk, board, {
    forms: {
      reassign_lead: { foreign, fill: { due_on: "" } },
      plan_research_task: { fill: { task_on: dayAhead(2) } },
      save_report: {},
    },
  });
  await takes(desk, board, "plan_research_task", { fill: { task_on: dayAhead(2) }, rare: ["who", "task_place"] });
  await takes(desk, board, "save_report", { rare: ["findings", "issues"] });
  (await desk.get(board)).is(200, RARE);
  await refuses(desk, `${at}/visit`, { forms: { "": { fill: VISIT } } });
  await takes(desk, `${at}/visit`, "", { fill: VISIT, rare: ["said"] });
});

journey("问卷的表：出题的和答题的都一样", async () => {
  const from = "10.9.2.1";
  const { at, desk, director } = await confirmed("问卷怎么填都不乱", from);
  const lead = (await director.get(`${at}/research`)).is(200).text.match(/<option value="([0-9a-f-]{36})"/)[1];
  (await director.submit(`${at}/research`, ["action", "assign_lead"], { lead })).is(303);
  const fill = {
    title: "您从桥上怎么过", closes_on: dayAhead(6), q1_text: "您几点过桥", q1_kind: "single", q1_options: "七点前\n七点后",
    q2_text: "打几分", q2_kind: "scale", q3_text: "还想说什么", q3_kind: "text", q4_text: "坐什么过桥", q4_kind: "multiple",
    q4_options: "走路\n骑车",
  };
  for (const n of [5, 6, 7, 8, 9, 10]) Object.assign(fill, { [`q${n}_text`]: `第 ${n} 件事`, [`q${n}_options`]: "要\n不要" });
  await refuses(desk, `${at}/questionnaire`, { forms: { open_questionnaire: { fill } } });
  const open = await takes(desk, `${at}/questionnaire`, "open_questionnaire", { fill, rare: ["intro"] });
  const link = (await desk.get(open.location)).is(200).text.match(/"(\/q\/[^"]+)"/)[1];
  await refuses(desk, open.location, { post: `${at}/questionnaire` });
  const resident = client({ from });
  (await resident.get(link)).is(200, RARE);
  await refuses(resident, link, {});
  // Who answered when is kept nowhere, so a second press cannot be told from a second answer.
  await takes(resident, link, "", { fill: { q1: "1" }, rare: ["q3"], twice: 409 });
});

journey("筹备和请人的表：填错的都说明哪里错，写的都在，什么也没留下", async () => {
  const from = "10.9.3.1";
  const { at, desk, director } = await researched("方案怎么填都不乱", from);
  const theirs = await neighbours(from);
  const foreign = { room: [theirs.room], chair: [theirs.account], recorder: [theirs.account] };
  const plan = { ...PLAN, ...(await choices(desk, at)), date: dayAhead(10), urgent_reason: "汛期以前要定下来。" };
  await refuses(desk, `${at}/plan`, { forms: { save_plan: { fill: plan, foreign } } });
  await takes(desk, `${at}/plan`, "save_plan", { fill: plan, rare: ["notice", "division"], files: [fine("materials")] });
  (await desk.get(`${at}/plan`)).is(200, RARE);
  await refuses(desk, `${at}/plan`, { forms: { save_plan: { fill: plan, exact: { kept: true } } } });
  await refuses(director, `${at}/plan`, { forms: {} });

  const people = `${at}/people`;
  await refuses(desk, people, {
    forms: {
      members: { foreign: { people: [theirs.member] } }, units: { foreign: { people: [theirs.unit] } },
      tags: { mayBeEmpty: true, exact: { meeting: true }, fill: { tags: "停车、物业管理" } }, person: { fill: { name: "演示某" } },
    },
  });
  await takes(desk, people, "tags", { fill: { tags: "停车、物业管理" } });
  for (const list of ["members", "units"]) {
    const [first] = (await desk.get(people)).is(200).form("action", list).controls.filter(({ name }) => name === "people");
    await takes(desk, people, list, { fill: { people: first.value } });
  }
  await takes(desk, people, "person", { fill: { name: "演示某", category: "public", phone: "13900009999" }, rare: ["name", "organisation"] });
  await refuses(desk, `${people}/import`, { forms: { check: { fill: { rows: LIST }, exact: { sheet: true, meeting: true, action: true } } } });
  const read = (await desk.submit(`${people}/import`, ["action", "check"], { rows: LIST }, { files: [] })).is(200);
  const list = read.form("action", "import");
  const bad = [
    ["", SENTENCE], [WORD, SENTENCE], [LIST.replaceAll("委员", "国王"), /第 2 行/], [LIST.replace("演示甲", "演\u0007甲"), /看不见/],
    [`${LIST}\n${LIST.split("\n")[1]}`, /第 14 行/],
  ];
  for (const [rows, words] of bad) {
    const answer = await desk.post(`${people}/import`, [...put(list.fields, "rows", rows), ["action", "import"]]);
    answer.is(422, words);
  }
  for (const made of ["not-an-id", randomUUID()]) {
    const answer = await desk.post(`${people}/import`, [...put(list.fields, "meeting", made), ["action", "import"]]);
    assert.ok(answer.status >= 400 && answer.status < 500, `meeting of ${made}: ${answer.status}`);
    assert.ok(answer.text.includes("演示甲"), "the list comes back");
  }
  (await desk.get(people)).is(200);
  const sent = [...list.fields, ["action", "import"]];
  (await desk.post(`${people}/import`, sent)).is(303);
  const there = (await desk.get(people)).is(200).says();
  (await desk.post(`${people}/import`, sent)).is(422, "已经在名单上");
  assert.equal((await desk.get(people)).is(200).says(), there, "nobody is on the list twice");
  const one = (await desk.get(people)).is(200).text.match(/people\/([0-9a-f-]{36})"[^>]*>演示甲/)[1];
  await refuses(desk, `${people}/${one}`, { forms: { correct: { fill: { phone: "13900000000" } } } });
  await takes(desk, `${people}/${one}`, "correct", { fill: { phone: "13900000000" }, rare: ["organisation"] });
  await takes(desk, `${people}/${one}`, "remove", { rare: ["reason"] });
  // Sent back, the plan is the same plan still.
  await takes(director, `${at}/plan`, "send_back_plan", { rare: ["reason"], stale: false });
});

journey("公示以后的表：报名、答复、找自己、代录、改期，填错的都说明哪里错", async ({ newPage, expectFault }) => {
  const from = "10.9.4.1";
  const { id, at, desk, group, link, people } = await announced("答复怎么填都不乱", from);
  const resident = client({ from });
  const person = { category: "public", name: "演示报名人", phone: "13511110001", consent: "yes", mail: "" };
  const phone = await newPage({ width: PHONE });
  await phone.goto(`/topics/${id}/register`);
  await fillForm(phone.locator("main form[method=post]"), { ...person, name: WORD, organisation: "W".repeat(300) });
  assert.equal((await press(phone, phone.locator("main form[method=post] button[type=submit]"))).status(), 422);
  expectFault(/422/);
  const summary = phone.locator(".form-summary");
  await summary.waitFor();
  assert.ok(await summary.evaluate((box) => box === document.activeElement), "the summary has the focus");
  assert.equal((await phone.locator("#name").inputValue()).length, WORD.length, "nothing is cut off");
  const overflow = await phone.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px wider than the window`);
  await refuses(resident, `/topics/${id}/register`, { forms: { "": { fill: person } } });
  const registered = await takes(resident, `/topics/${id}/register`, "", { fill: person, rare: ["name"], status: 200 });
  const mine = registered.text.match(/\/i\/[^\s<"]+/)[0];
  (await resident.get(mine)).is(200);

  const invitee = client({ from });
  const page = await link("演示甲");
  await refuses(invitee, page, { forms: { name_substitute: { fill: { name: "演示替", phone: "13522220000" } }, answer_invitation: {} } });
  await takes(invitee, page, "mark_seen", {});
  await takes(invitee, page, "give_opinion", { rare: ["opinion"] });
  await takes(invitee, page, "name_substitute", { fill: { name: "演示替", phone: "13522220000" }, rare: ["name"] });
  const [, , token] = page.match(/^\/i\/([^/]+)\/(.+)$/);
  for (const path of [`/i/${randomUUID()}/${token}`, `${page}x`, `/i/not-an-id/${token}`, `${group}x`, `/topics/${randomUUID()}/register`]) {
    const answer = await invitee.post(path, { action: "answer_invitation", comes: "yes", name: "某", digits: "0000", request_id: randomUUID() });
    answer.is(404, SENTENCE);
  }

  // Whatever is wrong there is said at the name, so that nobody learns which half was right.
  const find = { fill: { name: "演示乙", digits: "9999" }, exact: { digits: true }, quiet: ["digits"] };
  await refuses(client({ from: "10.9.5.1" }), group, { forms: { "": find } });

  // The letters that are being written meanwhile would look like something that stayed.
  for (let tries = 0; tries < 100 && /等着寄|正在寄/.test((await desk.get(`${at}/answers`)).says()); tries += 1) await sleep(100);
  await refuses(desk, `${at}/answers`, {});
  const one = people.find(({ name }) => name === "演示丁").invitee;
  await refuses(desk, `${at}/answers/${one}`, {});
  await takes(desk, `${at}/answers/${one}`, "record_answer", { fill: { comes: "no", reason: "那天在外地" }, rare: ["reason"] });
  await takes(desk, `${at}/answers/${one}`, "reissue_link", {});
  const { at: another } = await confirmed("另一件事", from);
  for (const path of [`${another}/answers/${one}`, `${another}/people/${one}`]) {
    for (const action of ["record_answer", "reissue_link", "correct", "remove"]) {
      const fields = { action, comes: "yes", reached_by: "call", reason: "换一件事", seen: "1", request_id: randomUUID() };
      (await desk.post(path, fields)).is(404, SENTENCE);
    }
  }
  const move = { date: dayAhead(12), time: "15:00", minutes: "120", online_url: "" };
  await refuses(desk, `${at}/plan`, { forms: { move_meeting: { fill: move } } });
  await takes(desk, `${at}/plan`, "cancel_meeting", { rare: ["reason"] });
  // Who comes too late is told so.
  const late = await link("演示乙");
  (await invitee.get(late)).is(200);
  (await invitee.post(late, { action: "answer_invitation", comes: "yes", request_id: randomUUID() })).is(409, SENTENCE);
  const seat = { ...person, name: "来晚的", phone: "13511110009", request_id: randomUUID() };
  (await client({ from }).post(`/topics/${id}/register`, seat)).is(409, SENTENCE);
});

journey("名册、场地、发件箱的表", async () => {
  const from = "10.9.6.1";
  const desk = await officer("shengze.gs", { from });
  const member = { name: "柴望岳", sector: "经济界", specialty: "停车、物业管理", phone: "13800138999", mail: "" };
  const unit = { name: "盛泽镇城管中队", contact: "苏远", phone: "0512-63005678", mail: "" };
  for (const [list, fill] of [["roster", member], ["units", unit]]) {
    await refuses(desk, `/desk/${list}/new`, { forms: { "": { fill }, register: { fill } } });
    const form = (await desk.get(`/desk/${list}/new`)).is(200).form("request_id");
    const made = await takes(desk, `/desk/${list}/new`, action(form), { fill, rare: ["name"], twice: 422 });
    const path = made.location.split("?")[0];
    (await desk.get(path)).is(200, RARE);
    await refuses(desk, path, { forms: { correct: { fill, mayBeEmpty: list === "units" } } });
    if (list === "roster") await refuses(desk, `/desk/${list}`, {});
    const stranger = await officer("zhenze.gs", { from });
    const answer = await stranger.post(path, { action: "correct", seen: "1", ...fill, request_id: randomUUID() });
    answer.is(404, SENTENCE);
  }
  // Without a mail server every letter of the meeting before waits to be handed over.
  const admin = await officer("admin", { from });
  await refuses(admin, "/desk/outbox", {});
  const letter = (await admin.get("/desk/outbox?state=none")).is(200).text.match(/\/desk\/outbox\/[0-9a-f-]{36}/)[0];
  await refuses(admin, letter, {});
  // No address to send it to, or nothing to be sent any more; and what was never sent does not come back.
  for (const [action, status] of [["resend", /^4(09|22)$/], ["bounced", /^409$/]]) {
    const answer = await admin.post(letter, { action, request_id: randomUUID() });
    assert.match(String(answer.status), status, action);
    assert.match(answer.says(), SENTENCE, action);
  }
  (await (await officer("zhenze.gs", { from })).post(letter, { action: "resend", request_id: randomUUID() })).is(404, SENTENCE);

  for (const path of ["rooms?week=king", "rooms?week=2026-13-45", "rooms?town=zhenze", "rooms?town=king", "outbox?state=king", "outbox?before=king", `outbox/${randomUUID()}`, "outbox/king"]) {
    const answer = await admin.get(`/desk/${path}`);
    assert.ok([200, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
    assert.match(answer.says(), SENTENCE, path);
    if (path.startsWith("rooms")) assert.match((await desk.get(`/desk/${path}`)).says(), SENTENCE, path);
  }
});
