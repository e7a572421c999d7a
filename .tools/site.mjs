// Builds the site into target/site/pkg/: the browser bundle of all islands, the
// style sheet, the scripts and the pictures, each under a name with the hash of
// its content, with .br and .gz beside it. server/build.rs embeds that folder.
//
//   node .tools/site.mjs            builds what has changed
//   node .tools/site.mjs --sizes    prints the sizes as lines of JSON, too
//
// cargo-leptos does the same for who has it (`cargo leptos watch`); this is the
// path that `make run` and the tests take.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { buildSync, transform } from "esbuild";
import { browserslistToTargets, bundle } from "lightningcss";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

const STYLE = "style";
const SITE = "target/site";
const STAMP = "target/site.stamp";
const KEPT = "target/site-bundle";
// What a phone of 2020 that still gets updates has; older ones see plain pages.
const BROWSERS = ["chrome 100", "edge 100", "firefox 100", "safari 15.4", "ios_saf 15.4", "samsung 18"];
const ES_TARGETS = ["chrome100", "firefox100", "safari15.4"];
const PICTURES = [".svg", ".png", ".webp", ".jpg", ".ico", ".woff2", ".webmanifest"];
const PACKED = [".css", ".js", ".wasm", ".svg", ".ico", ".webmanifest"];

const hash = (...parts) => {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part).update("\0");
  return sum.digest("hex").slice(0, 16);
};

/** Runs a program with its output on the terminal. */
function run(program, args, env = {}) {
  try {
    execFileSync(program, args, { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
  } catch (error) {
    fail(`${program} ${args[0]} failed (${error.code ?? error.signal ?? error.status})`);
  }
}

function versionIn(lock, name) {
  return readFileSync(lock, "utf8").match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))?.[1];
}

const BINDER = "target/bind/wasm-bindgen";

function binder() {
  const ours = versionIn("Cargo.lock", "wasm-bindgen");
  const binds = versionIn(".tools/bind/Cargo.lock", "wasm-bindgen-cli-support");
  if (ours !== binds) {
    fail(
      `Cargo.lock has wasm-bindgen ${ours}, but the binder is for ${binds}. Set "=${ours}" in .tools/bind/Cargo.toml and run\n` +
        `  cargo update --manifest-path .tools/bind/Cargo.toml`,
    );
  }
  run("cargo", ["build", "--locked", "--manifest-path", ".tools/bind/Cargo.toml", "--target-dir", "target/bind"]);
  // Under this name cargo-leptos looks for it on the PATH; a crate of this name is not accepted by the compiler.
  if (!existsSync(BINDER)) symlinkSync("debug/bind", BINDER);
  return BINDER;
}

/** The variables of the fallback compiler, where rustup has no wasm target (see .tools/setup). */
function compiler() {
  if (!existsSync("target/rust-web/ready")) return { cargo: "cargo", env: {}, folder: "target/front" };
  const env = Object.fromEntries(
    readFileSync("target/rust-web/env", "utf8").trim().split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  return { cargo: env.CARGO, env, folder: "target/front-web" };
}

/** Compiles the islands and returns the bound and shrunken pair, from before when the code is the same. */
async function islands() {
  const bind = binder();
  const { cargo, env, folder } = compiler();
  run(
    cargo,
    ["build", "--locked", "-p", "app", "--lib", "--target", "wasm32-unknown-unknown", "--target-dir", folder,
      "--no-default-features", "--features", "hydrate", "--profile", "wasm-release"],
    env,
  );
  const compiled = `${folder}/wasm32-unknown-unknown/wasm-release/app.wasm`;
  const key = hash(readFileSync(compiled), readFileSync(".tools/package-lock.json"), readFileSync(".tools/bind/Cargo.lock"));
  if (!existsSync(`${KEPT}/${key}`)) {
    const work = `${KEPT}.work`;
    rmSync(work, { recursive: true, force: true });
    run(bind, ["--target=web", "--out-name=app", `--out-dir=${work}`, compiled]);
    run(".tools/node_modules/.bin/wasm-opt", [
      "-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", `${work}/app_bg.wasm`, "-o", `${work}/app.wasm`,
    ]);
    rmSync(KEPT, { recursive: true, force: true });
    mkdirSync(KEPT);
    renameSync(work, `${KEPT}/${key}`);
  }
  const folderOf = `${KEPT}/${key}`;
  return { key, js: readFileSync(`${folderOf}/app.js`, "utf8"), wasm: readFileSync(`${folderOf}/app.wasm`) };
}

/** Every file below style/, by its path there. */
function styleFiles(folder = STYLE) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? styleFiles(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();
}

async function minified(source) {
  return (await transform(source, { minify: true, format: "esm", target: ES_TARGETS, legalComments: "none", charset: "utf8",
    supported: { "top-level-await": true } })).code;
}

/** The files of the site by their plain name; `put` gives the address that a name got. */
async function build(bundleOfIslands) {
  const site = new Map();
  const put = (name, bytes) => {
    const ending = extname(name);
    const path = `/pkg/${name.slice(0, -ending.length)}.${hash(bytes)}${ending}`;
    site.set(name, { path, bytes: Buffer.from(bytes) });
    return path;
  };
  const from = (folder, path) => {
    const way = relative(folder, path);
    return way.startsWith(".") ? way : `./${way}`;
  };

  for (const file of styleFiles().filter((file) => PICTURES.includes(extname(file)))) {
    put(relative(STYLE, file), readFileSync(file));
  }

  if (existsSync(`${STYLE}/main.css`)) {
    const { code, dependencies } = bundle({
      filename: `${STYLE}/main.css`,
      minify: true,
      analyzeDependencies: { preserveImports: false },
      targets: browserslistToTargets(BROWSERS),
    });
    let css = code.toString();
    for (const { type, url, placeholder, loc } of dependencies) {
      if (type !== "url") continue;
      const name = relative(STYLE, resolve(dirname(loc.filePath), url));
      const picture = site.get(name) ?? fail(`${loc.filePath} names ${url}, which is not below ${STYLE}/`);
      css = css.replaceAll(placeholder, picture.path);
    }
    put("main.css", css);
  }

  for (const file of styleFiles().filter((file) => extname(file) === ".js")) {
    put(relative(STYLE, file), await minified(readFileSync(file, "utf8")));
  }

  // Reads QR codes where the browser cannot. The words of its licence have to go with it.
  const reader = buildSync({
    stdin: { contents: 'export { BarcodeDetector } from "qr/decode.js";', resolveDir: ".tools" },
    bundle: true, write: false, minify: true, format: "esm", target: ES_TARGETS, legalComments: "eof", charset: "utf8",
    banner: { js: `/*! qr: ${readFileSync(".tools/node_modules/qr/LICENSE-MIT", "utf8")}*/` },
  });
  put("qr.js", reader.outputFiles[0].contents);

  const wasm = put("app.wasm", bundleOfIslands.wasm);
  const app = put("app.js", await minified(bundleOfIslands.js));
  const live = readFileSync("app/src/live.js", "utf8")
    .replace('"./app.js"', JSON.stringify(from("/pkg", app)))
    .replace('"./app.wasm"', JSON.stringify(from("/pkg", wasm)));
  put("live.js", await minified(live));
  return site;
}

function write(site) {
  const fresh = `${SITE}.new`;
  rmSync(fresh, { recursive: true, force: true });
  for (const { path, bytes } of site.values()) {
    const file = fresh + path;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    if (!PACKED.includes(extname(file))) continue;
    writeFileSync(`${file}.br`, brotli(bytes));
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
  rmSync(SITE, { recursive: true, force: true });
  cpSync(fresh, SITE, { recursive: true });
  rmSync(fresh, { recursive: true });
}

function brotli(bytes) {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

function sizes() {
  const folder = `${SITE}/pkg`;
  return readdirSync(folder, { recursive: true })
    .filter((name) => existsSync(`${folder}/${name}.br`))
    .map((name) => ({
      name: name.replace(/\.[0-9a-f]{16}(\.\w+)$/, "$1"),
      bytes: readFileSync(`${folder}/${name}`).length,
      brotli: readFileSync(`${folder}/${name}.br`).length,
    }))
    .sort((a, b) => b.brotli - a.brotli);
}

function fail(words) {
  console.error(`site: ${words}`);
  process.exit(1);
}

const bundleOfIslands = await islands();
const stamp = hash(
  bundleOfIslands.key,
  ...["app/src/live.js", ".tools/site.mjs", ".tools/package-lock.json", ...styleFiles()].flatMap((file) => [file, readFileSync(file)]),
);
if (existsSync(STAMP) && existsSync(`${SITE}/pkg`) && readFileSync(STAMP, "utf8") === stamp) {
  console.error("site: nothing has changed");
} else {
  const site = await build(bundleOfIslands);
  rmSync(STAMP, { force: true });
  write(site);
  writeFileSync(STAMP, stamp);
  console.error(`site: ${site.size} files in ${SITE}`);
}
for (const size of sizes()) {
  if (process.argv.includes("--sizes")) console.log(JSON.stringify(size));
}
