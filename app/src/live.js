// Wakes the islands of a live page. `.tools/site.mjs` puts the hashed names of
// the two files in; see live.rs for the server's side.
//
// The code is asked for before its interface has arrived: one way to the server
// and back less.
const code = fetch(new URL("./app.wasm", import.meta.url));
const { default: init, ...islands } = await import("./app.js");

// The compiled code reads these when an island shows an error boundary or a
// resource. Nothing is streamed after the page, so they are always empty.
for (const name of ["__RESOLVED_RESOURCES", "__SERIALIZED_ERRORS", "__INCOMPLETE_CHUNKS", "__PENDING_RESOURCES"]) {
  globalThis[name] ??= [];
}

await init({ module_or_path: code });
islands.hydrate();
wake(document.body, undefined);
// Styles and tests may wait for it.
document.documentElement.dataset.live = "ready";

// An outer island before the islands inside it; those inside its children run
// under the outer one's context, which is what `$$on_hydrate` restores.
function wake(node, restoreContext) {
  for (const child of node.children) {
    if (child.localName === "leptos-island") {
      restoreContext?.();
      start(child);
    }
    wake(child, child.localName === "leptos-children" ? child.$$on_hydrate : restoreContext);
  }
}

function start(element) {
  const name = element.dataset.component;
  // The number at the end of the name is a hash of the island's source as the
  // compiler prints it. Another compiler version may print it differently, so
  // the name alone decides when the hash finds nothing.
  const island = islands[name] ?? islands[Object.keys(islands).find((key) => sameIsland(key, name))];
  if (island) {
    island(element);
  } else {
    console.error(`No code for the island ${name}.`);
  }
}

function sameIsland(key, name) {
  return key.replace(/_\d+$/, "") === name.replace(/_\d+$/, "");
}
